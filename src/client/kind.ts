/**
 * The kinds of client that code under test can be given: what `--client` and a lock's `client` name.
 */

/**
 * - `ioredis`, `iovalkey`, `node-redis`: the package that is installed, unmodified, over a simulated socket.
 * - `direct`: no driver; calls go to the simulated network without RESP and sockets.
 *
 * Tokens hold the index: new kinds are added at the end.
 */
export const CLIENT_KINDS = ['ioredis', 'direct', 'node-redis', 'iovalkey'] as const

export type ClientKind = (typeof CLIENT_KINDS)[number]
