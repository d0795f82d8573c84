/** The rows of the collection commands against COMMAND INFO and COMMAND GETKEYS of a real server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashes } from '../../../src/redis/commands/hashes.ts'
import { lists } from '../../../src/redis/commands/lists.ts'
import { sets } from '../../../src/redis/commands/sets.ts'
import { sortedSets } from '../../../src/redis/commands/sorted-sets.ts'
import { isError, type Reply } from '../../../src/redis/reply.ts'
import { ReplyParser } from '../../../src/redis/resp/reply-parser.ts'
import { type RealConnection, RealRedis } from '../real-redis.ts'

const commands = [...hashes, ...sets, ...sortedSets, ...lists]
let real: RealRedis
let connection: RealConnection
beforeAll(async () => {
  real = await RealRedis.start()
  connection = await real.connect()
})
afterAll(async () => {
  connection.close()
  await real.stop()
})

async function ask(...args: string[]): Promise<Reply> {
  const parser = new ReplyParser()
  parser.push(await connection.command(...args))
  return parser.next()!.reply
}

test('every hash, set, sorted set and list command of 7.0 is there', async () => {
  const known: string[] = []
  for (const category of ['hash', 'set', 'sortedset', 'list']) {
    known.push(...((await ask('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', category)) as string[]))
  }
  // SORT, SORT_RO and the geo commands count among them for access control, but are groups of their own.
  const others = known.filter((name) => !name.startsWith('sort') && !name.startsWith('geo'))
  expect(commands.map(({ name }) => name).toSorted()).toEqual([...new Set(others)].toSorted())
})

test.each(commands)('$name has the arity, flags and key positions of COMMAND INFO', async (command) => {
  const [row] = (await ask('COMMAND', 'INFO', command.name)) as [readonly Reply[]]
  const [name, arity, flags, firstKey, lastKey, keyStep] = row
  expect({ ...command, flags: command.flags.toSorted() }).toMatchObject({ name, arity, firstKey, lastKey, keyStep })
  const texts = (flags as readonly { readonly text: string }[]).map(({ text }) => text)
  expect(command.flags.toSorted()).toEqual(texts.toSorted())
})

describe('keys of commands that count them', () => {
  test.each([
    'SINTERCARD 1 a b',
    'SINTERCARD 2 a b LIMIT 1',
    'SINTERCARD 3 a b',
    'SINTERCARD 0 a',
    'SINTERCARD x a',
    'SINTERCARD -1 a',
    'ZUNION 2 a b WITHSCORES',
    'ZINTER 1 a',
    'ZDIFF 2 a b',
    'ZINTERCARD 2 a b',
    'ZUNIONSTORE d 2 a b WEIGHTS 1 2',
    'ZINTERSTORE d 1 a',
    'ZDIFFSTORE d 2 a b',
    'ZDIFFSTORE d 3 a b',
    'ZUNIONSTORE d 0 a b',
    'ZMPOP 2 a b MIN',
    'ZMPOP 0 a MIN',
    'BZMPOP 0 2 a b MAX',
    'LMPOP 2 a b LEFT',
    'LMPOP 9 a b LEFT',
    'BLMPOP 0 1 a LEFT COUNT 2',
  ])('%s', async (line) => {
    const args = line.split(' ')
    const expected = await ask('COMMAND', 'GETKEYS', ...args)
    const command = commands.find(({ name }) => name === args[0]!.toLowerCase())!
    expect(command.keysOf!(args)).toEqual(isError(expected) ? null : expected)
  })
})
