/**
 * Out of memory: `maxmemory` is reached and nothing may be evicted. Commands that may need memory are refused with OOM;
 * reads, DEL and EXPIRE work, so a lock can be released but not taken.
 *
 * Source: https://redis.io/docs/latest/develop/reference/eviction/
 */
import { long, refusing } from './refusing.ts'

export const oom = refusing('oom', 'makes a Redis node refuse what needs memory (OOM) for a while', {
  nodeAtSend: (place) => (place.isSecond ? [] : long(place)),
})
