/** What holds for every connection, whatever the latencies, delays, partitions and pauses: TCP's promises. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Endpoint, EndpointHandler } from '../../src/net/connection.ts'
import { late } from '../../src/net/fate.ts'
import { Network } from '../../src/net/network.ts'
import { World } from '../../src/sim/world.ts'

interface Arrival {
  readonly atUs: number
  readonly text: string
}

const latency = fc.tuple(fc.nat(500), fc.nat(5000)).map(([minUs, spread]) => ({ minUs, maxUs: minUs + spread }))
const END_US = 100_000

/** One thing that happens at a time. `both` sends from both ends. */
const happening = fc.record({
  atUs: fc.integer({ min: 10_000, max: END_US }),
  what: fc.constantFrom('both', 'both', 'both', 'block', 'pause A', 'pause B', 'pause A and send'),
  forUs: fc.nat(20_000),
})

const conditions = fc.record({
  seed: fc.string({ maxLength: 5 }),
  there: latency,
  back: latency,
  delays: fc.array(fc.nat(3000), { minLength: 1, maxLength: 5 }),
  happenings: fc.array(happening, { maxLength: 25 }),
})
type Conditions = typeof conditions extends fc.Arbitrary<infer T> ? T : never

function play({ seed, there, back, delays, happenings }: Conditions, end: 'none' | 'close' | 'reset') {
  const world = new World(seed)
  const network = new Network(world, there)
  const a = world.addProcess('A')
  const b = world.addProcess('B')
  network.link('B', 'A').latency = back
  let sends = 0
  network.hooks = { beforeSend: () => late(delays[sends++ % delays.length] as number), beforeDelivery: () => 'now' }
  const heard: Record<'A' | 'B', Arrival[]> = { A: [], B: [] }
  const closed: Record<'A' | 'B', number> = { A: 0, B: 0 }
  const sent: Record<'A' | 'B', string[]> = { A: [], B: [] }
  const hear = (name: 'A' | 'B'): EndpointHandler => ({
    onMessage: (message) => heard[name].push({ atUs: world.nowUs, text: message as string }),
    onClose: () => {
      closed[name] += 1
    },
  })
  let server: Endpoint | null = null
  network.listen(b, 1, (endpoint) => {
    server = endpoint
    return hear('B')
  })
  const send = (from: 'A' | 'B'): void => {
    if (server === null) return
    const endpoint = from === 'A' ? (server as Endpoint).peer : server
    if (endpoint.isClosed) return
    sent[from].push(`${from}${sent[from].length}`)
    endpoint.send(sent[from].at(-1) as string)
  }
  world.schedule(0, a, 'timer', () => network.connect(a, { host: 'B', port: 1 }, 'bytes', hear('A')))
  for (const { atUs, what, forUs } of happenings) {
    if (what === 'both') {
      world.schedule(atUs, a, 'timer', () => send('A'))
      world.schedule(atUs, b, 'timer', () => send('B'))
    } else if (what === 'pause A and send') {
      world.schedule(atUs, a, 'timer', () => {
        send('A')
        a.pause(forUs)
        send('A')
      })
    } else {
      world.schedule(atUs, null, 'timer', () => {
        if (what === 'pause A') a.pause(forUs)
        else if (what === 'pause B') b.pause(forUs)
        else {
          const links = [network.link('A', 'B'), network.link('B', 'A')]
          for (const link of links) link.block()
          world.schedule(world.nowUs + forUs, null, 'timer', () => {
            for (const link of links) link.unblock()
          })
        }
      })
    }
  }
  if (end !== 'none') {
    world.schedule(END_US, end === 'close' ? a : null, 'timer', () => {
      if (server === null) return
      if (end === 'close') server.peer.close()
      else network.reset(server)
    })
  }
  world.runSync(() => {})
  return { heard, sent, closed }
}

const texts = (arrivals: readonly Arrival[]): string[] => arrivals.map(({ text }) => text)

it('everything that is sent arrives once and in order, in both directions', () => {
  fc.assert(
    fc.property(conditions, (given) => {
      const { heard, sent } = play(given, 'none')
      expect(texts(heard.B)).toEqual(sent.A)
      expect(texts(heard.A)).toEqual(sent.B)
    }),
  )
})

it('after a close the peer gets everything that was sent before, and hears of the close once', () => {
  fc.assert(
    fc.property(conditions, (given) => {
      const { heard, sent, closed } = play(given, 'close')
      expect(texts(heard.B)).toEqual(sent.A)
      expect(sent.B.slice(0, heard.A.length)).toEqual(texts(heard.A))
      expect(closed).toEqual({ A: 0, B: 1 })
    }),
  )
})

it('a reset loses only what comes last, and each end hears of it once', () => {
  fc.assert(
    fc.property(conditions, (given) => {
      const { heard, sent, closed } = play(given, 'reset')
      expect(sent.A.slice(0, heard.B.length)).toEqual(texts(heard.B))
      expect(sent.B.slice(0, heard.A.length)).toEqual(texts(heard.A))
      expect(closed).toEqual({ A: 1, B: 1 })
    }),
  )
})

it('the same conditions give the same arrivals', () => {
  fc.assert(
    fc.property(conditions, (given) => {
      expect(play(given, 'none').heard).toEqual(play(given, 'none').heard)
    }),
  )
})
