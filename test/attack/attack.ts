/**
 * How the programs of this folder attack: small in CI, with seeds that stay, and large with `npm run attack [name]`, with a seed of the
 * day that is printed (`ATTACK_SEED=7 npm run attack resp` is the same attack again). `ATTACK_PARTS=10` tries a tenth of it, with the seeds
 * of several days as much as one whole. `docs/reliability.md` has a row for each.
 */
import { expect } from 'vitest'

export const isLarge = process.env.ATTACK === 'large'

/** Where the randomness of an attack comes from; fast-check takes whole numbers of 32 bits. */
export const SEED = isLarge ? Number(process.env.ATTACK_SEED ?? Date.now() % 2 ** 31) : 1

const PARTS = Number(process.env.ATTACK_PARTS ?? 1)

/** How often something is tried. */
export const tries = (small: number, large: number): number => (isLarge ? Math.ceil(large / PARTS) : small)

/** Whether the case with this number is tried: of what is no matter of chance each part has its share, by the seed. */
export const isTried = (index: number): boolean => index % PARTS === SEED % PARTS

/** No large attack takes longer, ms. */
export const LARGE_TIMEOUT_MS = 6 * 60 * 60_000

/** For tests that take longer than tests have by default when they are large, ms. */
export const timeoutMs = (small: number): number => (isLarge ? LARGE_TIMEOUT_MS : small)

/**
 * Ends an attack: a large one prints its row of the table, and failures fail.
 * @param failures a line each, enough to try it again
 */
export function tell(attack: string, count: number, failures: readonly string[], figures = ''): void {
  if (isLarge) {
    const more = figures === '' ? '' : ` ${figures} |`
    for (const failure of failures) console.error(failure)
    console.log(`| ${attack} | ${count.toLocaleString('en')} | ${failures.length} |${more} seed ${SEED}`)
  }
  expect(failures).toEqual([])
}
