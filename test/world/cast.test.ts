/** The cast of a plan; and that other folders ask it, instead of making up names. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { castOf, clientName, namesOf, votersIn } from '../../src/world/cast.ts'
import { nodeCount, topologyOf } from '../../src/world/topology.ts'
import { cartPlan, counterPlan } from '../check/worlds.ts'

const SRC = path.resolve(import.meta.dirname, '../../src')

/** Making up the name of a node, asking how a name begins, or asking for one by name. */
const MADE_UP = /redis-\$\{|startsWith\(['"]redis|(['"`])redis-\d*\1|name [!=]== (['"])storage\2/

const ELSEWHERE = new Map([
  ['world/cast.ts', 'the cast itself'],
  ['explore/storm-text.ts', 'a phrase that a token shortens'],
  ['subject/shape/use.ts', 'the address that code is told that wants one'],
  ['scenario/node/load-file.ts', 'the only node of a world without a plan'],
])

describe('the cast of a plan', () => {
  it('has its clients, the nodes of its topology, and the storage if its workload needs one', () => {
    const cast = castOf(counterPlan({ clients: 2, nodes: 3 }))
    expect(cast.map(({ name, role }) => `${name}: ${role}`)).toEqual([
      'A: client',
      'B: client',
      'redis-1: redis',
      'redis-2: redis',
      'redis-3: redis',
      'storage: storage',
    ])
    expect(namesOf(castOf(cartPlan()), 'storage')).toEqual([])
  })

  it('names its clients A to Z, then AA', () => {
    expect([0, 25, 26, 51, 52].map(clientName)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA'])
  })

  it('has every server at an address of its own', () => {
    const servers = castOf(counterPlan({ nodes: 3 })).filter((member) => member.role !== 'client')
    const addresses = servers.map(({ name, address }) => `${name} at ${address.host}:${address.port}`)
    expect(addresses).toEqual([
      'redis-1 at redis-1:6379',
      'redis-2 at redis-2:6379',
      'redis-3 at redis-3:6379',
      'storage at storage:8080',
    ])
  })

  it('has the votes of all its nodes for a lock that asks for a majority, of the first one for any other', () => {
    const voters = (lock: typeof setNxLua) =>
      votersIn(castOf(counterPlan({ nodes: 3 })), lockSubject(lock)).map(({ name }) => name)
    expect(voters(redlockByTheBook)).toEqual(['redis-1', 'redis-2', 'redis-3'])
    expect(voters(setNxLua)).toEqual(['redis-1'])
  })
})

describe('a topology', () => {
  it('is what `nodes` of a scenario file means', () => {
    expect([1, 3].map(topologyOf)).toEqual([{ kind: 'single' }, { kind: 'independent', nodes: 3 }])
    expect([1, 2, 9].map((nodes) => nodeCount(topologyOf(nodes)))).toEqual([1, 2, 9])
  })
})

describe('the names of processes', () => {
  const code = (file: string): string =>
    readFileSync(path.join(SRC, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|[^:])\/\/.*$/gm, '$1')

  it('are made up nowhere but in the cast', () => {
    const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && MADE_UP.test(code(file)))
      .filter((file) => !ELSEWHERE.has(file))
    expect(found).toEqual([])
  })

  it('would be found where they are', () => {
    const made = ['`redis-$' + '{index}`', "name.startsWith('redis-')", "connect('redis-1')", "name === 'storage'"]
    expect(made.filter((text) => !MADE_UP.test(text))).toEqual([])
  })
})
