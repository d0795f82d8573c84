/**
 * How often a Sentinel does things, and how long it waits: whole milliseconds.
 *
 * Source: the constants at the top of sentinel.c of Redis 7.0
 */

export const PING_MS = 1000
export const INFO_MS = 10_000
/** Of a replica whose primary is down, or that has lost it. */
export const WATCHFUL_INFO_MS = 1000
export const HELLO_MS = 2000
/** How often other Sentinels are asked whether a primary is down, and how long their answers count. */
export const ASK_MS = 1000
export const ANSWER_MS = 5 * ASK_MS
/** A connection younger than this is not given up because nothing comes. */
export const LINK_MS_MIN = 15_000
/** A leader that is not elected by then gives up. */
export const ELECTION_MS = 10_000
/** Sentinels begin a failover up to so long after each other. */
export const DESYNC_MS = 1000
/** A replica that has not followed by then is left to be mended later. */
export const RECONFIGURATION_MS = 10_000
/** More time between two looks, or less than none: something is wrong with the clock, and for a while nothing is done. */
export const TILT_TRIGGER_MS = 2000
export const TILT_MS = 30_000
/** A "replica" that says for so long that it is a primary is told to follow. */
export const CONVERSION_MS = 4 * HELLO_MS
/** Looks a second: as many as this, and up to one less more, drawn anew each time. */
export const LOOKS_PER_SECOND = 10

export const DEFAULT_DOWN_AFTER_MS = 30_000
export const DEFAULT_FAILOVER_TIMEOUT_MS = 180_000
export const DEFAULT_PARALLEL_SYNCS = 1
export const DEFAULT_PRIORITY = 100
