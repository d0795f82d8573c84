/**
 * How long a driver waits before it connects again. What waits for it (a command in its queue, a vote that shall be taken
 * back) is slow and neither lost nor hanging, however careful the lock is.
 *
 *   ioredis 5, iovalkey   50 ms more with each attempt, at most 2 s
 *   ioredis 6             50 ms, doubled with each attempt, at most 5 s, and up to 200 ms by chance
 *   node-redis 4          50 ms more with each attempt, at most 500 ms
 *   node-redis from 5 on  as ioredis 6, at most 2 s
 *
 * Of a server that says that it is loading, ioredis asks again after a second (`loading_eta_seconds`, if that says nothing else).
 *
 * Source: `retryStrategy` in the default options of ioredis 5.11 and 6.0; the default `reconnectStrategy` of @redis/client 1.6
 * and 6.3.
 */

/** How long ioredis waits before it asks a server again that said that it is loading. */
export const LOADING_PAUSE_US = 1_000_000

/** The longest pause before the next attempt of a driver that has tried for so long in vain; 0: the first attempt. */
export type PauseUs = (triedUs: number) => number

const STEP_US = 50_000
const CHANCE_US = 200_000

/** n attempts took n(n+1)/2 steps, so the next pause grows with the root of the time. */
export const lengthening =
  (mostUs: number): PauseUs =>
  (triedUs) =>
    Math.min(mostUs, STEP_US * (1 + Math.floor((Math.sqrt(1 + (8 * triedUs) / STEP_US) - 1) / 2)))

/** n attempts took one step less than the next pause: it waits as long again as it has tried. */
export const doubling =
  (mostUs: number): PauseUs =>
  (triedUs) =>
    Math.min(mostUs, triedUs + STEP_US) + CHANCE_US
