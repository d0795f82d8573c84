/**
 * How often a Sentinel does things, and how long it waits: whole milliseconds. `SENTINEL DEBUG` changes most of them, until it starts again.
 *
 * Source: the constants and variables at the top of sentinel.c, `sentinelSetDebugConfigParameters` of Redis 7.0
 */

/** In the order and with the names of SENTINEL DEBUG. */
const DEBUG = {
  'INFO-PERIOD': 10_000,
  'PING-PERIOD': 1000,
  /** How often other Sentinels are asked whether a primary is down; five times that is how long their answers count. */
  'ASK-PERIOD': 1000,
  /** Of hellos. */
  'PUBLISH-PERIOD': 2000,
  'DEFAULT-DOWN-AFTER': 30_000,
  'DEFAULT-FAILOVER-TIMEOUT': 180_000,
  /** More time between two looks, or less than none: something is wrong with the clock, and for a while nothing is done. */
  'TILT-TRIGGER': 2000,
  'TILT-PERIOD': 30_000,
  /** A replica that has not followed by then is left to be mended later. */
  'SLAVE-RECONF-TIMEOUT': 10_000,
  /** A connection younger than this is not given up because nothing comes. */
  'MIN-LINK-RECONNECT-PERIOD': 15_000,
  /** A leader that is not elected by then gives up. */
  'ELECTION-TIMEOUT': 10_000,
  /** There are no scripts here. */
  'SCRIPT-MAX-RUNTIME': 60_000,
  'SCRIPT-RETRY-DELAY': 30_000,
}

export type Periods = Record<keyof typeof DEBUG, number>

/** What a Sentinel begins with. */
export const usualPeriods = (): Periods => ({ ...DEBUG })

export const isPeriod = (name: string): name is keyof Periods => Object.hasOwn(DEBUG, name)

/** INFO of a replica whose primary is down, or that has lost it. */
export const WATCHFUL_INFO_MS = 1000
/** Sentinels begin a failover up to so long after each other. */
export const DESYNC_MS = 1000
/** Looks a second: as many as this, and up to one less more, drawn anew each time. */
export const LOOKS_PER_SECOND = 10

export const DEFAULT_PARALLEL_SYNCS = 1
export const DEFAULT_PRIORITY = 100
