/** Both directions of RESP, cut at every byte. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NULL_ARRAY, OK, type Reply } from '../../src/redis/reply.ts'
import { asSeenThrough, encodeReply } from '../../src/redis/resp/encode-reply.ts'
import { BrokenReplyError, ReplyParser } from '../../src/redis/resp/reply-parser.ts'
import { type Request, RequestParser } from '../../src/redis/resp/request-parser.ts'
import { encodeCommand } from './encode-command.ts'

const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
})
const line = fc.string({ unit: fc.constantFrom(...'abc 123:$*'), maxLength: 12 })

/** Everything RESP2 can say. */
const plainReply: fc.Arbitrary<Reply> = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3 },
    latin1,
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 63n - 1n }),
    fc.constant(null),
    fc.constant(OK),
    fc.constant(NULL_ARRAY),
    line.map((text): Reply => ({ kind: 'error', text })),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
})).reply

/** What RESP3 adds. */
const richReply: fc.Arbitrary<Reply> = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3 },
    latin1,
    fc.integer(),
    fc.constant(null),
    fc.constantFrom<Reply>(
      { kind: 'boolean', value: true },
      { kind: 'boolean', value: false },
      { kind: 'double', text: '1.5' },
      { kind: 'bigNumber', text: '-12345678901234567890' },
    ),
    latin1.map((text): Reply => ({ kind: 'verbatim', format: 'txt', text })),
    fc.array(tie('reply'), { maxLength: 4 }),
    fc.array(tie('reply'), { maxLength: 4 }).map((items): Reply => ({ kind: 'set', items })),
    fc.array(tie('reply'), { maxLength: 4 }).map((items): Reply => ({ kind: 'push', items })),
    fc
      .array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 3 })
      .map((entries): Reply => ({ kind: 'map', entries })),
  ),
})).reply

function parseAll(chunks: readonly string[]): Reply[] {
  const parser = new ReplyParser()
  const replies: Reply[] = []
  for (const chunk of chunks) {
    parser.push(chunk)
    for (let next = parser.next(); next !== null; next = parser.next()) replies.push(next.reply)
  }
  return replies
}

describe('replies', () => {
  it('come back from their RESP2 bytes', () => {
    fc.assert(
      fc.property(fc.array(plainReply), (replies) => {
        expect(parseAll([replies.map((reply) => encodeReply(reply, 2)).join('')])).toEqual(replies)
      }),
    )
  })

  it('come back from their RESP3 bytes, also one byte at a time', () => {
    fc.assert(
      fc.property(fc.array(richReply, { maxLength: 4 }), (replies) => {
        const bytes = replies.map((reply) => encodeReply(reply, 3)).join('')
        expect(parseAll([...bytes])).toEqual(replies)
      }),
    )
  })

  it('look to a direct client as they would look to one that read their bytes', () => {
    fc.assert(
      fc.property(richReply, fc.constantFrom<2 | 3>(2, 3), (reply, resp) => {
        expect(asSeenThrough(reply, resp)).toEqual(parseAll([encodeReply(reply, resp)])[0])
      }),
    )
  })

  it('are flattened for RESP2', () => {
    const map: Reply = {
      kind: 'map',
      entries: [
        ['a', { kind: 'boolean', value: true }],
        ['b', { kind: 'double', text: '1.5' }],
      ],
    }
    expect(encodeReply(map, 2)).toBe('*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n$3\r\n1.5\r\n')
    expect(encodeReply(map, 3)).toBe('%2\r\n$1\r\na\r\n#t\r\n$1\r\nb\r\n,1.5\r\n')
  })

  it('are read with attributes dropped and blob errors as errors', () => {
    expect(parseAll(['|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n!9\r\nERR a\r\nbc\r\n'])).toEqual([
      'v',
      { kind: 'error', text: 'ERR a\r\nbc' },
    ])
  })

  it.each(['x\r\n', '$abc\r\n', ':1.5\r\n', '*-2\r\n'])('throw when they are no RESP: %j', (bytes) => {
    expect(() => parseAll([bytes])).toThrow(BrokenReplyError)
  })
})

function requests(chunks: readonly string[]): Request[] {
  const parser = new RequestParser()
  const found: Request[] = []
  for (const chunk of chunks) {
    parser.push(chunk)
    for (let next = parser.next(); next !== null; next = parser.next()) {
      found.push(next)
      if ('protocolError' in next) return found
    }
  }
  return found
}

describe('requests', () => {
  it('come back from their bytes, wherever these are cut', () => {
    const command = fc.array(latin1, { minLength: 1, maxLength: 5 })
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.array(command, { maxLength: 5 }), cuts, (commands, sizes) => {
        const bytes = commands.map(encodeCommand).join('')
        const chunks: string[] = []
        for (let start = 0, cut = 0; start < bytes.length; cut++) {
          const size = sizes[cut % sizes.length]!
          chunks.push(bytes.slice(start, start + size))
          start += size
        }
        expect(requests(chunks)).toEqual(commands)
      }),
    )
  })

  it('may be inline, between arrays', () => {
    expect(requests(['PING\r\n*1\r\n$4\r\nPING\r\nset k "a b"\r\n\r\n'])).toEqual([
      ['PING'],
      ['PING'],
      ['set', 'k', 'a b'],
      [],
    ])
  })

  it('say what is wrong and stop there', () => {
    expect(requests(['*1\r\n:4\r\nPING\r\n'])).toEqual([{ protocolError: "expected '$', got ':'" }])
    expect(requests(['PING\r\n*x\r\nPING\r\n'])).toEqual([['PING'], { protocolError: 'invalid multibulk length' }])
  })

  // Compared with redis-server by hand: over a socket it is a matter of chance after which byte the server looks.
  it.each([
    ['a', 'too big inline request'],
    ['*1', 'too big mbulk count string'],
    ['*1\r\n$1', 'too big bulk count string'],
  ])('may not have lines of more than 64 KB: %j', (start, protocolError) => {
    const line = start + '1'.repeat(64 * 1024 - (start.length - start.lastIndexOf('\n') - 1))
    expect(requests([line])).toEqual([])
    expect(requests([line, '1'])).toEqual([{ protocolError }])
  })

  it('are made of long strings without copying them again with every piece', () => {
    const piece = 'x'.repeat(1000)
    const pieces = Array.from({ length: 2000 }, () => piece)
    expect(requests([`*2\r\n$4\r\nECHO\r\n$2000000\r\n`, ...pieces, '\r\n'])).toEqual([['ECHO', piece.repeat(2000)]])
  })
})

describe('a long reply in many chunks', () => {
  it.each([
    ['one text of 10 MB', `$10000000\r\n${'x'.repeat(10_000_000)}\r\n`],
    ['100,000 texts in an array', `*100000\r\n${`$100\r\n${'y'.repeat(100)}\r\n`.repeat(100_000)}`],
  ])('is read in linear time: %s', (_, bytes) => {
    const parser = new ReplyParser()
    const startedMs = performance.now()
    const whole: string[] = []
    for (let from = 0; from < bytes.length; from += 4096) {
      parser.push(bytes.slice(from, from + 4096))
      for (let next = parser.next(); next !== null; next = parser.next()) whole.push(next.bytes)
    }
    expect(whole.map(({ length }) => length)).toEqual([bytes.length])
    expect(whole[0] === bytes).toBe(true)
    // 0.1 s; it was 44 s when each chunk was a reason to copy and read everything again.
    expect(performance.now() - startedMs).toBeLessThan(3_000)
  })
})
