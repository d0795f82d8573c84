/** The classes that node-redis makes for its configurations, of which more than the last are kept. */
import { createClient } from 'redis'
import { expect, it } from 'vitest'
import { keepClasses } from '../../src/client/node/node-redis-classes.ts'

keepClasses()

const classOf = (client: object): unknown => (Object.getPrototypeOf(client) as object).constructor
const ping = { parseCommand: () => {}, transformReply: undefined as never }

it('a configuration has the class that it had, whichever came between', () => {
  const plain = createClient({ RESP: 2 })
  const other = createClient({ RESP: 3 })
  expect(classOf(other)).not.toBe(classOf(plain))
  expect(classOf(createClient({ RESP: 2 }))).toBe(classOf(plain))
  expect(classOf(createClient({ RESP: 3 }))).toBe(classOf(other))
})

it('modules make another class, with their commands; the same ones the same', () => {
  const own = { ping }
  const mine = createClient({ modules: { own } })
  const theirs = createClient({ modules: { own: { pong: ping } } })
  expect(Object.keys(Object.getPrototypeOf(mine.own) as object)).toEqual(['ping'])
  expect(Object.keys(Object.getPrototypeOf(theirs.own) as object)).toEqual(['pong'])
  expect(createClient()).not.toHaveProperty('own')
  expect(classOf(createClient({ modules: { own } }))).toBe(classOf(mine))
})
