/**
 * RESTORE of bytes that are damaged in any place and signed anew: it answers, and what it then keeps can be dumped.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { sealPayload } from '../../src/redis/rdb/payload.ts'
import type { Reply } from '../../src/redis/reply.ts'

const VALUES = [
  'set s Lorem-ipsum-dolor-sit-amet-Lorem-ipsum-dolor-sit-amet',
  'set s 1234',
  'rpush s a b 300 70000 -1',
  'sadd s 1 2 300000',
  'sadd s a b c',
  'hset s f v g 12',
  `hset s f ${'v'.repeat(100)}`,
  'zadd s 1 a 2.5 b',
  `zadd s 1 ${'m'.repeat(100)} inf b`,
  'xadd s 5-1 f v g w',
]

function runner(): (line: string, ...more: string[]) => Reply {
  let last: Reply = null
  const connection = new MemoryRedis({ nowUs: () => 0 }).connect({
    onReply: (reply) => {
      last = reply
    },
  })
  return (line, ...more) => {
    connection.execute([...line.split(' '), ...more])
    return last
  }
}

const SEAL_BYTES = 10

it('answers an error or keeps a whole value', () => {
  const dumps = VALUES.map((line) => {
    const run = runner()
    run(line)
    return (run('dump s') as string).slice(0, -SEAL_BYTES)
  })
  const change = fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 }))
  let kept = 0
  fc.assert(
    fc.property(fc.constantFrom(...dumps), fc.array(change, { maxLength: 3 }), fc.nat(3), (body, changes, cut) => {
      const bytes = [...body].map((char) => char.charCodeAt(0))
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      const damaged = String.fromCharCode(...bytes.slice(0, bytes.length - (cut === 3 ? 2 : 0)))
      const run = runner()
      const reply = run('restore k 0', sealPayload(damaged))
      if (typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error') {
        expect(reply.text).toBe('ERR Bad data format')
      } else {
        kept++
        expect(run('restore l 0', run('dump k') as string)).toEqual({ kind: 'status', text: 'OK' })
      }
    }),
    { numRuns: 2_000, seed: 5 },
  )
  expect(kept).toBeGreaterThan(100)
})
