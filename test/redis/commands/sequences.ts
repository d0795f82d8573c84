/**
 * Arbitrary sequences of commands, made from one shape a command.
 *
 * The suite runs a few with a fixed seed; `LOCKSTORM_FUZZ_RUNS=5000 LOCKSTORM_FUZZ_SEED=2` looks further.
 */
import fc from 'fast-check'

/** How many sequences a property tries, and which. */
export const fuzz = {
  numRuns: Number(process.env.LOCKSTORM_FUZZ_RUNS ?? 60),
  seed: Number(process.env.LOCKSTORM_FUZZ_SEED ?? 1),
}

/** A command with a choice for each argument that varies. */
export type Shape = readonly (string | fc.Arbitrary<string>)[]

const LENGTH_MAX = 40

/** Sequences of commands of these shapes. */
export const sequences = (shapes: readonly Shape[]): fc.Arbitrary<readonly string[][]> =>
  fc.array(fc.oneof(...shapes.map(command)), { minLength: 5, maxLength: LENGTH_MAX, size: 'max' })

const command = (shape: Shape): fc.Arbitrary<string[]> =>
  fc.tuple(...shape.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
