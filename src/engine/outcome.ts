/** What a result is worth: the command line makes an exit code of it, `assertValid` an error. */

/**
 * `fine`: as expected, no violation that is not allowed. `failed`: a violation, or not as expected. `inconclusive`: a limit was
 * hit, or nothing was exercised. `not-deterministic`: the same plan gave two histories. `unavailable`: the Redis was lost on
 * the way.
 */
export type Outcome = 'fine' | 'failed' | 'inconclusive' | 'not-deterministic' | 'unavailable'
