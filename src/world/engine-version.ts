/**
 * The version of the engine: a token replays only on the engine that made it.
 *
 * Bump it when the same plan and the same code under test may give another history: a new draw, another order of
 * events, another reply. The golden histories in `test/` fail when that happens.
 */
export const ENGINE_VERSION = '1'
