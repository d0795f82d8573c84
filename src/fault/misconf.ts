/**
 * A disk that is full or broken: the last snapshot failed, so the server refuses every write (and PING) with MISCONF.
 *
 * Source: redis.conf, `stop-writes-on-bgsave-error`.
 */
import { long, refusing } from './refusing.ts'

export const misconf = refusing(
  'misconf',
  'makes a Redis node refuse writes because it cannot save (MISCONF) for a while',
  // It refuses what READONLY does, and PING.
  { nodeAtSend: (place) => (place.isSecond ? [] : long(place)) },
)
