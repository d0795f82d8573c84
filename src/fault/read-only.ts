/**
 * A failover that the clients did not follow: the node is a replica now, answers reads, and refuses writes with READONLY.
 * Clients that are blocked on it are told (UNBLOCKED) and cut, as Redis does when a primary becomes a replica.
 *
 * Does not model  the new primary: the node keeps its data, and takes writes again when the time is up.
 *
 * Source: redis/ioredis#144, n8n-io/n8n#25038; https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */
import { brieflyOrLong, long, refusing } from './refusing.ts'

export const readOnly = refusing(
  'read-only',
  'makes a Redis node a replica that refuses writes (READONLY) for a while',
  {
    nodeAtSend: (place) => (place.isSecond ? long(place) : brieflyOrLong(place)),
  },
)
