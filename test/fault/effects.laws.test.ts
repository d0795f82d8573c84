/**
 * A fault does what it says: its effects are compared with what can be seen in a world in which it strikes. Every fault of the
 * registry is held to it, so that checks may trust effects without knowing faults.
 */
import { describe, expect, it, vi } from 'vitest'
import { type Effect, touchedBy } from '../../src/fault/effect.ts'
import { effectsOf, processesOf } from '../../src/fault/planned-fault.ts'
import { FAULTS, faultKind } from '../../src/fault/registry.ts'
import { Network } from '../../src/net/network.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { type NodeTrouble, STATE_CODES } from '../../src/server/trouble.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'
import { Storm } from '../../src/world/storm.ts'

const NAMES = ['A', 'B', 'C', 'redis-1', 'redis-2', 'redis-4', 'sentinel-1', 'storage'] as const
const STRIKE_US = 1_000_000
/** The storm is over after every fault that ends by itself. */
const HEAL_US = 60_000_000

/** The faults that are tried: the example of each, and what an example does not show. */
const TRIED: readonly string[] = [
  ...FAULTS.map(({ example }) => example),
  'reset: { process: redis-1 }',
  'restart: { process: redis-1, after: 100ms, keep-data: true }',
  'restart: { process: redis-1, after: 100ms }',
  'restart: { process: A, after: 100ms }',
  'half-open: { process: redis-1, for: 2s, keep-data: true }',
  'half-open: { process: redis-1, for: 2s }',
  'clock-step: { process: A, by: -5s }',
  'client-pause: { process: redis-1, for: 500ms }',
  'partition: { groups: [[A], [B, redis-1], [redis-2]], for: 5s }',
]

const planned = (text: string) => {
  const needs = faultKind(text.slice(0, text.indexOf(':')))?.needs
  const replicated = `topology: { kind: ${needs === 'sentinels' ? 'sentinel' : needs === 'a cluster' ? 'cluster' : 'replicated'}, replicas: 1 }`
  const servers = needs === undefined || needs === 'a Redis' ? 'nodes: 2' : replicated
  const yaml = `title: t\nstory: s\nworkload: { counter: {} }\n${servers}\nfaults:\n  - ${text}\n    at: 1s\n`
  const [fault] = parseScenario(yaml, 'x.yaml').plan('1', 'direct').faults
  if (fault === undefined) throw new Error(`not a fault: ${text}`)
  return fault
}

/** What is not there any more of what a server had in memory. */
const LOST = { nothing: 'memory', written: 'unwritten', synced: 'unsynced' } as const
const LIVES: ReadonlySet<string> = new Set(Object.values(LOST))

/** Everything that can be seen of a world at a moment, one line each. */
type Facts = readonly string[]

/** What is seen at each of these moments of a world in which the fault strikes. */
function seen(fault: ReturnType<typeof planned>, momentsUs: readonly number[]): Facts[] {
  const world = new World('effects')
  const network = new Network(world, { minUs: 100, maxUs: 100 })
  const processes = NAMES.map((name) => world.addProcess(name))
  for (const process of processes) network.listen(process, 1, () => ({ onMessage() {}, onClose() {} }))
  const slow = new Map<string, number>()
  const refusing = new Set<string>()
  const states = new Map<string, NodeTrouble>()
  const happened = new Set<string>()
  const storm = new Storm(world, network, [fault], {
    restart(process, kept) {
      process.restart()
      if (kept !== 'all') happened.add(`${process.name} forgets ${LOST[kept]}`)
    },
    servers: ['redis-1', 'redis-2'],
    primaryOf: () => world.processes.get('redis-1') ?? null,
    promote: (process) => happened.add(`${process.name} is promoted`),
    demote: (process) => happened.add(`${process.name} is demoted`),
    failOver: (process) => happened.add(`${process.name} has promoted`),
    clusterFailover: (process) => happened.add(`${process.name} is promoted`),
    moveSlot: (_key, { name }) => ({
      advance(stage) {
        if (stage === 'closed') happened.add(`${name} has the slot`)
      },
    }),
    slowDown: (process, byUs) => slow.set(process.name, byUs),
    suffer(node, trouble) {
      if (trouble.kind === 'state') {
        const key = `${node.name} answers ${STATE_CODES[trouble.state]}`
        if (trouble.isOn) states.set(key, trouble)
        else states.delete(key)
      } else if (trouble.kind === 'right') {
        const key = `${node.name} answers NOPERM`
        if (trouble.isTaken) states.set(key, trouble)
        else states.delete(key)
      } else if (trouble.kind === 'client-pause') {
        const commands = trouble.onlyWrites ? 'write' : 'all'
        happened.add(`${node.name} lets ${commands} wait for ${trouble.ms * 1_000}`)
      } else happened.add(`${node.name} forgets ${WHAT[trouble.kind]}`)
    },
    watchedKey: 'key',
  })
  vi.spyOn(network, 'setRefusing').mockImplementation((host, isRefusing) => {
    if (isRefusing) refusing.add(host)
    else refusing.delete(host)
  })
  vi.spyOn(network, 'reset').mockImplementation(({ process, link }) => {
    happened.add(`reset ${[process.name, link.to].sort().join(' and ')}`)
  })
  const [a, b] = processes
  for (const client of [a, b]) {
    if (client === undefined) continue
    for (const to of ['redis-1', 'redis-2', 'storage'])
      network.connect(client, { host: to, port: 1 }, 'messages', { onMessage() {}, onClose() {} })
  }
  const snapshots: Facts[] = []
  const look = (): void => {
    const facts: string[] = [...happened, ...states.keys()]
    for (const process of processes) {
      const { name, clock } = process
      if (process.isPaused) facts.push(`${name} stands still until ${process.resumeAtUs}`)
      if (process.isCrashed)
        facts.push(`${name} is gone${process.hasLostPower(process.incarnation) ? ' without a word' : ''}`)
      if (process.incarnation > 0) facts.push(`${name} lives again`)
      if (clock.offsetUs !== 0) facts.push(`${name} is ${clock.offsetUs} ahead`)
      if (clock.ratePpm !== 0) facts.push(`${name} gains ${clock.ratePpm} ppm`)
      if ((slow.get(name) ?? 0) > 0) facts.push(`${name} works ${slow.get(name)} longer`)
      if (refusing.has(name)) facts.push(`${name} refuses`)
      for (const other of NAMES) {
        if (other !== name && network.link(name, other).isBlocked) facts.push(`${name} → ${other} is blocked`)
      }
    }
    snapshots.push(facts.sort())
  }
  world.schedule(HEAL_US, null, 'timer', () => storm.heal())
  for (const us of momentsUs) world.schedule(us, null, 'timer', look)
  world.schedule(HEAL_US + 10, null, 'timer', () => world.stop())
  runLoop(world)
  return snapshots
}

const WHAT = { 'script-flush': 'scripts', flush: 'all keys', evict: 'one key' } as const

/** What these effects let one expect at a moment. */
function expected(effects: readonly Effect[], atUs: number): Facts {
  const isOver = atUs > HEAL_US
  const facts = new Set<string>()
  for (const effect of effects) {
    const isOn = 'forUs' in effect && (effect.forUs === null || atUs < STRIKE_US + effect.forUs)
    switch (effect.kind) {
      case 'stops':
        if (isOn) facts.add(`${effect.process} stands still until ${STRIKE_US + effect.forUs}`)
        break
      case 'ends':
        facts.add(
          isOn
            ? `${effect.process} is gone${effect.isSilent ? ' without a word' : ''}`
            : `${effect.process} lives again`,
        )
        if (isOn && effect.isSilent) {
          for (const name of NAMES.filter((other) => other !== effect.process)) {
            facts.add(`${name} → ${effect.process} is blocked`)
            facts.add(`${effect.process} → ${name} is blocked`)
          }
        }
        break
      case 'cuts':
        if (isOn) for (const from of effect.from) for (const to of effect.to) facts.add(`${from} → ${to} is blocked`)
        break
      case 'resets':
        for (const client of ['A', 'B']) {
          for (const server of ['redis-1', 'redis-2', 'storage']) {
            const ends = [client, server]
            const isMeant = ends.includes(effect.process) && (effect.to === null || ends.includes(effect.to))
            if (isMeant) facts.add(`reset ${client} and ${server}`)
          }
        }
        break
      case 'refuses':
        if (isOn) facts.add(`${effect.process} refuses`)
        break
      case 'moves-clock':
        if (!(effect.isMendedAtEnd && isOver)) facts.add(`${effect.process} is ${effect.byUs} ahead`)
        break
      case 'changes-rate':
        if (!isOver) facts.add(`${effect.process} gains ${effect.ppm} ppm`)
        break
      case 'slows-work':
        if (!isOver) facts.add(`${effect.process} works ${effect.byUs} longer`)
        break
      case 'answers-error':
        if (isOn) facts.add(`${effect.process} answers ${effect.code}`)
        break
      case 'promotes':
        if (atUs >= STRIKE_US + effect.afterUs) facts.add(`${effect.process} is promoted`)
        if (effect.forUs > 0 && !isOn) facts.add('redis-1 is demoted')
        break
      case 'moves-slot':
        if (!isOn) facts.add(`${effect.process} has the slot`)
        break
      case 'has-promoted':
        facts.add(`${effect.process} has promoted`)
        break
      case 'lets-wait':
        facts.add(`${effect.process} lets ${effect.commands} wait for ${effect.forUs}`)
        break
      case 'forgets':
        // Memory is lost with the life that had it, and missed in the next one.
        if (!LIVES.has(effect.what) || facts.has(`${effect.process} lives again`)) {
          facts.add(`${effect.process} forgets ${effect.what}`)
        }
        break
      case 'delays-message':
      case 'loses-message':
        // The storm carries these out itself, at a message; here none is sent.
        break
    }
  }
  return [...facts].sort()
}

describe('a fault does what it says', () => {
  it.each(TRIED)('%s', async (text) => {
    const fault = planned(text)
    const effects = effectsOf(fault)
    const ends = effects.flatMap((effect) =>
      'forUs' in effect && effect.forUs !== null ? [STRIKE_US + effect.forUs] : [],
    )
    // What is over at once has no moment before its end.
    const momentsUs = [STRIKE_US + 1, ...new Set(ends.flatMap((us) => [us - 1, us + 1])), HEAL_US + 1]
      .filter((us) => us > STRIKE_US)
      .sort((x, y) => x - y)
    const told = await inMacrotask(() => seen(fault, momentsUs))
    expect(told).toEqual(momentsUs.map((us) => expected(effects, us)))
    expect(effects.length).toBeGreaterThan(0)
  })

  it.each(TRIED)('%s: it does something to each process that it names', (text) => {
    const fault = planned(text)
    const touched = new Set(effectsOf(fault).flatMap(touchedBy))
    expect(processesOf(fault).filter((name) => !touched.has(name))).toEqual([])
  })
})
