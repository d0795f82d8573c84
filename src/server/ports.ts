/** Where servers listen. */

/** Where Redis listens unless it is told otherwise. */
export const REDIS_PORT = 6379
/** Where a Sentinel does. */
export const SENTINEL_PORT = 26_379
/** Where the nodes of a cluster talk to each other: that much above the port of clients. */
export const BUS_PORT_OFFSET = 10_000
