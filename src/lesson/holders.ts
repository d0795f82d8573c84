/** Who believes at a moment of a world that it holds the lock. */
import type { JudgedWorld } from '../world/judged-world.ts'

/** The clients that hold at this moment, in the order of their names. */
export const holdersAt = ({ history }: JudgedWorld, atUs: number): readonly string[] =>
  history.holds
    .filter(({ fromUs, untilUs }) => fromUs <= atUs && atUs < untilUs)
    .map(({ client }) => client)
    .sort()

/** Which of these sets of clients holds at this moment; -1: none of them. */
export const whoHolds =
  (atUs: number, choices: readonly (readonly string[])[]) =>
  (world: JudgedWorld): number => {
    const holders = holdersAt(world, atUs).join(' ')
    return choices.findIndex((choice) => choice.join(' ') === holders)
  }
