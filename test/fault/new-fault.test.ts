/**
 * What a new kind of fault takes: its file and its line in the registry. Here both are a test's own, and scenarios, hunts,
 * random storms, shrinking, checks and pictures know the fault by what it says of itself.
 */
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineFault } from '../../src/fault/fault.ts'
import { durationUs, processName } from '../../src/fault/settings.ts'

/** A switch that loses its forwarding table: one client hears nothing and nobody hears it, for a while. */
const deafSwitch = defineFault({
  name: 'deaf-switch',
  summary: 'cuts a client off while a switch learns its ports anew',
  example: 'deaf-switch: { process: A, for: 2s }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  roles: ['client'],
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  effects: ({ process, for: forUs }) => [
    { kind: 'cuts', from: [process], to: ['redis-1'], forUs },
    { kind: 'cuts', from: ['redis-1'], to: [process], forUs },
  ],
  size: 'for',
  menu: { clientAtSend: ({ process, overLeaseUs }) => [{ process, for: overLeaseUs }] },
  random: ({ client, lastingUs, record }) => record({ process: client, for: lastingUs }),
  strike({ process, for: us }, { network, healAfter }) {
    const links = [network.link(process, 'redis-1'), network.link('redis-1', process)]
    for (const link of links) link.block()
    healAfter(us, () => {
      for (const link of links) link.unblock()
    })
  },
  describe: {
    en: ({ process }) => `the switch of ${process} is deaf`,
    zh: ({ process }) => `${process} 的交换机收不到任何内容`,
  },
})

vi.mock('../../src/fault/registry.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/fault/registry.ts')>()
  const faultKind = (name: string) => (name === deafSwitch.name ? deafSwitch : original.faultKind(name))
  return { ...original, FAULTS: [...original.FAULTS, deafSwitch], faultKind }
})

const { parseScenario } = await import('../../src/scenario/load.ts')
const { writeFault } = await import('../../src/scenario/plan-file.ts')
const { faultsAt } = await import('../../src/explore/menu.ts')
const { drawStorms } = await import('../../src/explore/random-storm.ts')
const { shrink } = await import('../../src/explore/shrink.ts')
const { setNxLua } = await import('../../src/lock/set-nx-lua.ts')
const { storyOf } = await import('../../src/world/story.ts')
const { lockSubject } = await import('../../src/subject/subject.ts')
const { counterPlan, fault, show } = await import('../check/worlds.ts')

const anchored = fault('deaf-switch', { process: 'A', for: '2s' }, 'A after acquire')
const plan = counterPlan({ faults: [anchored], headStartUs: 5_000 })

describe('a fault that only its own file and the registry know', () => {
  it('is read from a scenario and written as one would write it', () => {
    const text =
      'title: t\nstory: s\nworkload: { counter: {} }\nfaults:\n  - deaf-switch: { process: A, for: 2s }\n    at: 1s\n'
    const [read] = parseScenario(text, 'deaf.yaml').plan('1', 'direct').faults
    expect(writeFault(read as never)).toEqual({ 'deaf-switch': { process: 'A', for: '2s' }, at: '1s' })
  })

  it('is in the menu of hunts, in random storms, and gets shorter', () => {
    const menu = faultsAt([{ process: 'B', site: 'send', count: 1 }], plan, { isSecond: false, isLossy: false })
    expect(menu.filter(({ kind }) => kind === 'deaf-switch').map(({ settings }) => settings)).toEqual([
      { process: 'B', for: 1_200_000 },
    ])
    const drawn = drawStorms(plan, 1, 200, false).flatMap(({ faults }) => faults.map(({ kind }) => kind))
    expect(drawn).toContain('deaf-switch')
    const [shortest] = shrink(plan, ({ faults }) => faults.length === 1).plan.faults
    expect(shortest?.settings).toEqual({ process: 'A', for: 1_000 })
  })

  it('is told in the explanation of what it led to, and drawn as a partition', async () => {
    const workload = { kind: 'counter', rounds: 1, workUs: 1_500_000, retryUs: 20_000, checkFence: true } as const
    const { history, violations } = await show(lockSubject(setNxLua), { ...plan, workload })
    expect(violations.map(({ property, why }) => [property, why])).toContainEqual([
      'mutual-exclusion',
      "A's lease of 1 s ended while A was cut off, and A did not know.",
    ])
    const bars = storyOf(history, [], plan).lanes.find(({ name }) => name === 'faults')?.bars
    expect(bars?.map(({ kind, label }) => [kind, label])).toEqual([['partition', 'the switch of A is deaf']])
  })
})
