/**
 * How much is tried by proofs that could go on for ever (seeds, generated sequences): little at a desk, more in CI, and what
 * the project says of itself with `npm run proofs`, which takes about an hour.
 */
const EFFORTS = ['desk', 'ci', 'long'] as const

const said = process.env.LOCKSTORM_EFFORT ?? (process.env.CI === 'true' ? 'ci' : 'desk')
const effort = EFFORTS.find((known) => known === said)
if (effort === undefined) throw new Error(`LOCKSTORM_EFFORT: expected ${EFFORTS.join(', ')}, got "${said}"`)

/** The number for the effort of this run. */
export const tries = (numbers: Readonly<Record<(typeof EFFORTS)[number], number>>): number => numbers[effort]

/** Whether this is `npm run proofs`. */
export const isLong = effort === 'long'
