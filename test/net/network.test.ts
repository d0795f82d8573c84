/** Connections between processes: handshake, order, partitions, resets, crashes. */
import { describe, expect, it } from 'vitest'
import type { Endpoint, EndpointHandler } from '../../src/net/connection.ts'
import { CUT, late, PASS } from '../../src/net/fate.ts'
import { Network, networkOf } from '../../src/net/network.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { World } from '../../src/sim/world.ts'

const MS = 1000
/** A way of 100 µs in one direction and of 300 in the other cannot be told apart by luck. */
const LATENCY = { minUs: 100, maxUs: 100 }

/** Two hosts and everything that their ends of connections hear: `time name what`. */
class Wire {
  readonly world = new World('wire')
  readonly network = new Network(this.world, LATENCY)
  readonly a: SimProcess
  readonly b: SimProcess
  readonly log: string[] = []
  readonly accepted: Endpoint[] = []

  constructor() {
    this.a = this.world.addProcess('A')
    this.b = this.world.addProcess('B')
    this.network.link('B', 'A').latency = { minUs: 300, maxUs: 300 }
    this.network.listen(this.b, 1, (endpoint) => {
      this.accepted.push(endpoint)
      return this.hear('B', () => {})
    })
  }

  hear(name: string, onOpen: () => void): EndpointHandler {
    const note = (what: string): void => {
      this.log.push(`${this.world.nowUs} ${name} ${what}`)
    }
    return {
      onOpen: () => {
        note('open')
        onOpen()
      },
      onMessage: (message) => note(`got ${message as string}`),
      onClose: (code) => note(`closed ${code}`),
    }
  }

  connect(onOpen: (endpoint: Endpoint) => void = () => {}, to = 'B', port = 1): Endpoint {
    const endpoint: Endpoint = this.network.connect(
      this.a,
      { host: to, port },
      'bytes',
      this.hear('A', () => onOpen(endpoint)),
    )
    return endpoint
  }

  /** Runs something as the world's own event: a fault. */
  at(atUs: number, run: () => void): this {
    this.world.schedule(atUs, null, 'timer', run)
    return this
  }

  /** Runs something as a turn of A. */
  inA(atUs: number, run: () => void): this {
    this.world.schedule(atUs, this.a, 'timer', run)
    return this
  }

  block(from: string, to: string): void {
    this.network.link(from, to).block()
  }

  unblock(from: string, to: string): void {
    this.network.link(from, to).unblock()
  }

  run(): readonly string[] {
    this.world.runSync(() => {})
    return this.log
  }
}

describe('the handshake', () => {
  it('takes one way there and one way back', () => {
    const wire = new Wire()
    wire.inA(0, () => wire.connect())
    expect(wire.run()).toEqual(['400 A open'])
  })

  it('is answered by the kernel of a process that is paused', () => {
    const wire = new Wire()
    wire.at(0, () => wire.b.pause(50 * MS)).inA(10, () => wire.connect((endpoint) => endpoint.send('x')))
    expect(wire.run()).toEqual(['410 A open', '50000 B got x'])
  })

  it('of a process that is stopped in the middle of its turn begins after the pause', () => {
    const wire = new Wire()
    wire.inA(0, () => {
      wire.a.pause(5 * MS)
      wire.connect()
    })
    expect(wire.run()).toEqual(['5400 A open'])
  })

  it('is held up by a blocked way there, and by a blocked way back', () => {
    const there = new Wire()
    there.block('A', 'B')
    there.inA(0, () => there.connect()).at(10 * MS, () => there.unblock('A', 'B'))
    expect(there.run()).toEqual(['10400 A open'])
    const back = new Wire()
    back.block('B', 'A')
    back.inA(0, () => back.connect()).at(10 * MS, () => back.unblock('B', 'A'))
    expect(back.run()).toEqual(['10300 A open'])
  })

  it('comes before everything that a server says at once', () => {
    const wire = new Wire()
    wire.network.link('B', 'A').latency = { minUs: 1, maxUs: 1000 }
    wire.network.listen(wire.b, 1, (endpoint) => {
      endpoint.send('hello')
      return wire.hear('B', () => {})
    })
    wire.inA(0, () => wire.connect())
    expect(wire.run().map((line) => line.replace(/^\d+ /, ''))).toEqual(['A open', 'A got hello'])
  })

  it('leads to the listener at its port, and is refused where nothing listens', () => {
    const wire = new Wire()
    wire.network.listen(wire.b, 2, () => wire.hear('B at 2', () => {}))
    wire.inA(0, () => wire.connect((endpoint) => endpoint.send('hello'), 'B', 2))
    wire.inA(1 * MS, () => wire.connect(undefined, 'B', 3))
    expect(wire.run()).toEqual(['400 A open', '500 B at 2 got hello', '1400 A closed ECONNREFUSED'])
  })

  it('leads from another name to the same machine, over the same link, whatever port is asked for', () => {
    const wire = new Wire()
    wire.network.alias('cache.internal', { host: 'B', port: 1 })
    wire.inA(0, () => wire.connect((endpoint) => endpoint.send('hello'), 'cache.internal', 6380))
    expect(wire.run()).toEqual(['400 A open', '500 B got hello'])
    expect(wire.accepted.map(({ process, link }) => [process.name, link.to])).toEqual([['B', 'A']])
  })

  it('may be opened by a server, to another one that has clients of its own', () => {
    const wire = new Wire()
    const c = wire.world.addProcess('C')
    wire.network.listen(c, 1, () => wire.hear('C', () => {}))
    wire.world.schedule(0, wire.b, 'timer', () => {
      const endpoint = wire.network.connect(
        wire.b,
        { host: 'C', port: 1 },
        'bytes',
        wire.hear('B', () => endpoint.send('sync')),
      )
    })
    wire.inA(0, () => wire.connect((endpoint) => endpoint.send('hello')))
    expect(wire.run()).toEqual(['200 B open', '300 C got sync', '400 A open', '500 B got hello'])
  })

  it('with an unknown host ends with ENOTFOUND', () => {
    const wire = new Wire()
    wire.inA(0, () => wire.connect(undefined, 'C'))
    expect(wire.run()).toEqual(['200 A closed ENOTFOUND'])
  })

  it('is refused by a host that refuses, until it accepts again', () => {
    const wire = new Wire()
    wire.network.setRefusing('B', true)
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.network.setRefusing('B', false))
      .inA(2 * MS, () => wire.connect())
    expect(wire.run()).toEqual(['400 A closed ECONNREFUSED', '2400 A open'])
  })

  it('is refused by the machine of a killed process, and accepted after its restart', () => {
    const wire = new Wire()
    wire
      .at(0, () => wire.b.crash())
      .inA(10, () => wire.connect())
      .at(1 * MS, () => wire.b.restart())
      .inA(2 * MS, () => wire.connect())
    expect(wire.run()).toEqual(['410 A closed ECONNREFUSED', '2400 A open'])
  })

  it('is refused only when the refusal can come back', () => {
    const wire = new Wire()
    wire.network.setRefusing('B', true)
    wire.block('B', 'A')
    wire.inA(0, () => wire.connect()).at(9 * MS, () => wire.unblock('B', 'A'))
    expect(wire.run()).toEqual(['9300 A closed ECONNREFUSED'])
  })

  it('is not answered by a machine without power; SYN is sent again until it is back', () => {
    const wire = new Wire()
    wire
      .at(0, () => wire.b.crash('power lost'))
      .inA(10, () => wire.connect())
      .at(8 * MS, () => {
        wire.b.restart()
        wire.network.revive(wire.b)
      })
    expect(wire.run()).toEqual(['8400 A open'])
  })

  it('whose answer went down with the server is asked for again when that is back', () => {
    const wire = new Wire()
    wire
      .at(0, () => wire.block('B', 'A'))
      .inA(10, () => wire.connect((endpoint) => endpoint.send('x')))
      .at(2 * MS, () => wire.b.crash('power lost'))
      .at(4 * MS, () => {
        wire.b.restart()
        wire.network.revive(wire.b)
      })
      .at(8 * MS, () => wire.unblock('B', 'A'))
    expect(wire.run()).toEqual(['8300 A open', '8400 B got x'])
    expect(wire.accepted).toHaveLength(2)
  })

  it('that is given up is never accepted', () => {
    const wire = new Wire()
    let endpoint: Endpoint | null = null
    wire
      .inA(0, () => {
        endpoint = wire.connect()
      })
      .inA(50, () => endpoint?.close())
    expect(wire.run()).toEqual([])
    expect(wire.accepted).toEqual([])
  })

  it('that is given up while a partition holds it does no harm when that heals', () => {
    const wire = new Wire()
    let endpoint: Endpoint | null = null
    wire.block('A', 'B')
    wire
      .inA(0, () => {
        endpoint = wire.connect()
      })
      .inA(50, () => endpoint?.close())
      .at(1 * MS, () => wire.unblock('A', 'B'))
    expect(wire.run()).toEqual([])
    expect(wire.accepted).toEqual([])
  })

  it('that is given up after the server accepted is ended there', () => {
    const wire = new Wire()
    let endpoint: Endpoint | null = null
    wire
      .inA(0, () => {
        endpoint = wire.connect()
      })
      .inA(150, () => endpoint?.close())
    expect(wire.run()).toEqual(['250 B closed null'])
  })
})

describe('messages', () => {
  it('take the latency of their direction', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect((endpoint) => endpoint.send('ping')))
      .at(1 * MS, () => wire.accepted[0]?.send('pong'))
    expect(wire.run()).toEqual(['400 A open', '500 B got ping', '1300 A got pong'])
  })

  it('that are delayed delay everything behind them, and nothing in the other direction', () => {
    const wire = new Wire()
    let sent = 0
    wire.network.hooks = {
      beforeSend: ({ role }) => (role === 'server' && ++sent === 1 ? late(7 * MS) : PASS),
      beforeDelivery: () => 'now',
    }
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.accepted[0]?.send('first'))
      .at(2 * MS, () => wire.accepted[0]?.send('second'))
      .at(3 * MS, () => wire.accepted[0]?.peer.send('other way'))
      .at(20 * MS, () => wire.accepted[0]?.send('third'))
    expect(wire.run()).toEqual([
      '400 A open',
      '3100 B got other way',
      '8300 A got first',
      '8300 A got second',
      '20300 A got third',
    ])
  })

  it('are held by a blocked link and arrive in order after it heals, in one direction only', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('A', 'B'))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('one'))
      .inA(3 * MS, () => wire.accepted[0]?.peer.send('two'))
      .at(4 * MS, () => wire.accepted[0]?.send('other way'))
      .at(9 * MS, () => wire.unblock('A', 'B'))
      .inA(9 * MS, () => wire.accepted[0]?.peer.send('three'))
    expect(wire.run()).toEqual([
      '400 A open',
      '4300 A got other way',
      '9100 B got one',
      '9100 B got two',
      '9100 B got three',
    ])
  })

  it('that were under way when a partition began still arrive', () => {
    const wire = new Wire()
    wire.inA(0, () => wire.connect((endpoint) => endpoint.send('x'))).at(450, () => wire.block('A', 'B'))
    expect(wire.run()).toEqual(['400 A open', '500 B got x'])
  })

  it('stay held until the last of several partitions has healed', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('A', 'B'))
      .at(2 * MS, () => wire.block('A', 'B'))
      .inA(3 * MS, () => wire.accepted[0]?.peer.send('x'))
      .at(4 * MS, () => wire.unblock('A', 'B'))
      .at(8 * MS, () => wire.unblock('A', 'B'))
    expect(wire.run()).toEqual(['400 A open', '8100 B got x'])
  })

  it('keep apart on two connections, and each keeps its own order', () => {
    const wire = new Wire()
    wire.inA(0, () => {
      wire.connect((endpoint) => {
        endpoint.send('1a')
        endpoint.send('1b')
      })
      wire.connect((endpoint) => endpoint.send('2a'))
    })
    expect(wire.run()).toEqual(['400 A open', '400 A open', '500 B got 1a', '500 B got 1b', '500 B got 2a'])
    expect(wire.accepted).toHaveLength(2)
  })

  it('in their hundreds, on many connections at once, all arrive', () => {
    const wire = new Wire()
    wire.inA(0, () => {
      for (let i = 0; i < 100; i += 1)
        wire.connect((endpoint) => {
          for (let n = 0; n < 5; n += 1) endpoint.send(`${i}.${n}`)
        })
    })
    const got = wire.run().filter((line) => line.includes('B got'))
    expect(got).toHaveLength(500)
    for (let i = 0; i < 100; i += 1) {
      const own = got.map((line) => line.split(' ').at(-1) as string).filter((text) => text.startsWith(`${i}.`))
      expect(own).toEqual([0, 1, 2, 3, 4].map((n) => `${i}.${n}`))
    }
    expect(wire.network.endpointsOf(wire.b)).toHaveLength(100)
  })
})

describe('a pause in the middle of a turn', () => {
  it('delays what is sent after it, in order, and not what was sent before', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .inA(1 * MS, () => {
        const endpoint = wire.accepted[0]?.peer as Endpoint
        endpoint.send('before')
        wire.a.pause(5 * MS)
        endpoint.send('after')
        endpoint.send('and again')
      })
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('next turn'))
    expect(wire.run()).toEqual([
      '400 A open',
      '1100 B got before',
      '6100 B got after',
      '6100 B got and again',
      '6100 B got next turn',
    ])
  })

  it('delays a close as well: it does not overtake what was sent', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .inA(1 * MS, () => {
        wire.a.pause(5 * MS)
        wire.accepted[0]?.peer.send('last words')
        wire.accepted[0]?.peer.close()
      })
    expect(wire.run()).toEqual(['400 A open', '6100 B got last words', '6100 B closed null'])
  })

  it('just before a send (a hook) delays that send', () => {
    const wire = new Wire()
    wire.network.hooks = {
      beforeSend: ({ process }) => {
        if (process === wire.a) process.pause(5 * MS)
        return PASS
      },
      beforeDelivery: () => 'now',
    }
    wire.inA(0, () => wire.connect((endpoint) => endpoint.send('x')))
    expect(wire.run()).toEqual(['400 A open', '5500 B got x'])
  })

  it('just before a message is seen (a hook) shows it after the pause, and later ones after it', () => {
    const wire = new Wire()
    let seen = 0
    wire.network.hooks = {
      beforeSend: () => PASS,
      beforeDelivery: ({ process }) => {
        seen += 1
        if (seen === 1) process.pause(5 * MS)
        return process.isPaused ? 'after the pause' : 'now'
      },
    }
    wire
      .inA(0, () => wire.connect((endpoint) => endpoint.send('one')))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('two'))
    expect(wire.run()).toEqual(['400 A open', '5500 B got one', '5500 B got two'])
  })

  it('just before the first of two messages of one moment shows them in their order', () => {
    const wire = new Wire()
    let seen = 0
    wire.network.hooks = {
      beforeSend: () => PASS,
      beforeDelivery: ({ process }) => {
        seen += 1
        if (seen === 1) process.pause(5 * MS)
        return process.isPaused ? 'after the pause' : 'now'
      },
    }
    wire.inA(0, () =>
      wire.connect((endpoint) => {
        endpoint.send('one')
        endpoint.send('two')
      }),
    )
    expect(wire.run()).toEqual(['400 A open', '5500 B got one', '5500 B got two'])
    expect(seen).toBe(2)
  })

  it('in which the process is killed: what it was about to send is never sent', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .inA(1 * MS, () => {
        wire.a.onKilled = () => wire.network.dropAll(wire.a)
        wire.accepted[0]?.peer.send('before')
        wire.a.pause(5 * MS)
        wire.accepted[0]?.peer.send('after')
      })
      .at(3 * MS, () => wire.a.crash())
    expect(wire.run()).toEqual(['400 A open', '1100 B got before', '3100 B closed null'])
  })

  it('after which the process exits: what it sent between the two is sent', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .inA(1 * MS, () => {
        wire.a.onKilled = () => wire.network.dropAll(wire.a)
        wire.a.pause(5 * MS)
        wire.accepted[0]?.peer.send('last words')
        wire.a.crash()
        wire.accepted[0]?.peer.send('never')
      })
    expect(wire.run()).toEqual(['400 A open', '6100 B got last words', '6100 B closed null'])
  })
})

describe('the end of a connection', () => {
  it('is seen by the peer after everything that was sent before, and by nobody else', () => {
    const wire = new Wire()
    wire.inA(0, () =>
      wire.connect((endpoint) => {
        endpoint.send('one')
        endpoint.send('two')
        endpoint.close()
        endpoint.send('three')
        endpoint.close()
      }),
    )
    expect(wire.run()).toEqual(['400 A open', '500 B got one', '500 B got two', '500 B closed null'])
    expect(wire.network.endpointsOf(wire.a)).toEqual([])
    expect(wire.network.endpointsOf(wire.b)).toEqual([])
  })

  it('sent by `finish` leaves the other direction open until the peer has answered', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.accepted[0]?.send('under way'))
      .inA(1 * MS, () => {
        wire.accepted[0]?.peer.send('question')
        wire.accepted[0]?.peer.finish()
        wire.accepted[0]?.peer.send('too late')
      })
    expect(wire.run()).toEqual([
      '400 A open',
      '1100 B got question',
      '1100 B closed null',
      '1300 A got under way',
      '1400 A closed null',
    ])
  })

  it('is seen by a paused process after the data that it had not read', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.b.pause(9 * MS))
      .inA(2 * MS, () => {
        wire.accepted[0]?.peer.send('question')
        wire.accepted[0]?.peer.close()
      })
    expect(wire.run()).toEqual(['400 A open', '10000 B got question', '10000 B closed null'])
  })

  it('is held by a blocked link like everything else', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('A', 'B'))
      .inA(2 * MS, () => {
        wire.accepted[0]?.peer.send('x')
        wire.accepted[0]?.peer.close()
      })
      .at(7 * MS, () => wire.unblock('A', 'B'))
    expect(wire.run()).toEqual(['400 A open', '7100 B got x', '7100 B closed null'])
  })
})

describe('a reset', () => {
  it('loses what is in flight in both directions and tells both ends, once', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => {
        wire.accepted[0]?.send('lost')
        wire.accepted[0]?.peer.send('lost')
      })
      .at(1050, () => {
        wire.network.reset(wire.accepted[0] as Endpoint)
        wire.network.reset(wire.accepted[0]?.peer as Endpoint)
      })
      .at(2 * MS, () => {
        wire.accepted[0]?.send('after')
        wire.accepted[0]?.peer.close()
      })
    const log = [...wire.run()].sort()
    expect(log).toEqual(['1050 A closed ECONNRESET', '1050 B closed ECONNRESET', '400 A open'])
    expect(wire.network.endpointsOf(wire.a)).toEqual([])
  })

  it('loses what a blocked link held', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('A', 'B'))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('lost'))
      .at(3 * MS, () => wire.network.reset(wire.accepted[0] as Endpoint))
      .at(4 * MS, () => wire.unblock('A', 'B'))
    expect([...wire.run()].sort()).toEqual(['3000 A closed ECONNRESET', '3000 B closed ECONNRESET', '400 A open'])
  })

  it('does not take from a paused process what had arrived: it reads that first', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.b.pause(9 * MS))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('arrived'))
      .inA(3 * MS, () => wire.accepted[0]?.peer.send('in flight'))
      .at(3050, () => wire.network.reset(wire.accepted[0] as Endpoint))
    expect(wire.run()).toEqual([
      '400 A open',
      '3050 A closed ECONNRESET',
      '10000 B got arrived',
      '10000 B closed ECONNRESET',
    ])
  })

  it('instead of a reply: the server has executed, the client sees a reset', () => {
    const wire = new Wire()
    wire.network.hooks = { beforeSend: ({ role }) => (role === 'server' ? CUT : PASS), beforeDelivery: () => 'now' }
    const executed: string[] = []
    wire.network.listen(wire.b, 1, (endpoint) => ({
      onMessage: (message) => {
        executed.push(message as string)
        endpoint.send('reply')
      },
      onClose: () => {},
    }))
    wire.inA(0, () => wire.connect((endpoint) => endpoint.send('SET')))
    expect(wire.run()).toEqual(['400 A open', '500 A closed ECONNRESET'])
    expect(executed).toEqual(['SET'])
  })
})

describe('a process that is killed', () => {
  it('has its connections ended by its kernel, after what it had sent', () => {
    const wire = new Wire()
    wire.a.onKilled = () => wire.network.dropAll(wire.a)
    wire
      .inA(0, () => wire.connect((endpoint) => endpoint.send('SET')))
      .at(450, () => wire.a.crash())
      .at(460, () => wire.accepted[0]?.send('nobody hears this'))
    expect(wire.run()).toEqual(['400 A open', '500 B got SET', '550 B closed null'])
    expect(wire.network.endpointsOf(wire.a)).toEqual([])
    expect(wire.network.endpointsOf(wire.b)).toEqual([])
  })

  it('is heard of through a partition only when that heals', () => {
    const wire = new Wire()
    wire.a.onKilled = () => wire.network.dropAll(wire.a)
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('A', 'B'))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('SET'))
      .at(3 * MS, () => wire.a.crash())
      .at(9 * MS, () => wire.unblock('A', 'B'))
    expect(wire.run()).toEqual(['400 A open', '9100 B got SET', '9100 B closed null'])
  })

  it('and started again hears nothing of its former connections', () => {
    const wire = new Wire()
    wire.a.onKilled = () => wire.network.dropAll(wire.a)
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.accepted[0]?.send('for the former life'))
      .at(1050, () => {
        wire.a.crash()
        wire.a.restart()
      })
      .inA(1100, () => wire.log.push('an event of the former life'))
    expect(wire.run()).toEqual(['400 A open', '1150 B closed null'])
  })
})

describe('a machine that loses power', () => {
  it('tells nobody; after its restart the next message is answered with a reset', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.b.crash('power lost'))
      .at(5 * MS, () => {
        wire.b.restart()
        wire.network.revive(wire.b)
      })
      .inA(50 * MS, () => wire.accepted[0]?.peer.send('x'))
    expect(wire.run()).toEqual(['400 A open', '50100 A closed ECONNRESET'])
  })

  it('is sent again what it did not get: a reset follows when it is back, also for whoever says nothing more', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect((endpoint) => endpoint.send('in flight')))
      .at(450, () => wire.b.crash('power lost'))
      .at(5 * MS, () => {
        wire.b.restart()
        wire.network.revive(wire.b)
      })
    expect(wire.run()).toEqual(['400 A open', '5100 A closed ECONNRESET'])
  })

  it('is sent again what it got and could not confirm: the reset follows when its answers get through', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('B', 'A'))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('x'))
      .at(3 * MS, () => wire.b.crash('power lost'))
      .at(5 * MS, () => {
        wire.b.restart()
        wire.network.revive(wire.b)
      })
      .at(9 * MS, () => wire.unblock('B', 'A'))
    expect(wire.run()).toEqual(['400 A open', '2100 B got x', '9000 A closed ECONNRESET'])
  })

  it('is not sent again what it confirmed: whoever waits for an answer waits for ever', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('x'))
      .at(3 * MS, () => wire.block('B', 'A'))
      .at(4 * MS, () => wire.b.crash('power lost'))
      .at(5 * MS, () => {
        wire.b.restart()
        wire.network.revive(wire.b)
      })
      .at(9 * MS, () => wire.unblock('B', 'A'))
    expect(wire.run()).toEqual(['400 A open', '2100 B got x'])
  })

  it('takes with it what it had not been able to send', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .at(1 * MS, () => wire.block('A', 'B'))
      .inA(2 * MS, () => wire.accepted[0]?.peer.send('held'))
      .at(3 * MS, () => wire.a.crash('power lost'))
      .at(4 * MS, () => wire.unblock('A', 'B'))
    expect(wire.run()).toEqual(['400 A open'])
  })

  it('in the middle of a pause never sends what it was about to', () => {
    const wire = new Wire()
    wire
      .inA(0, () => wire.connect())
      .inA(1 * MS, () => {
        wire.a.pause(5 * MS)
        wire.accepted[0]?.peer.send('never')
      })
      .at(3 * MS, () => wire.a.crash('power lost'))
    expect(wire.run()).toEqual(['400 A open'])
  })
})

describe('a network', () => {
  it('hears every message when somebody wants a picture', () => {
    const wire = new Wire()
    const seen: unknown[] = []
    wire.network.onTransmit = ({ role }, message, sentUs, arrivalUs) => seen.push([role, message, sentUs, arrivalUs])
    let answers = 0
    wire.network.hooks = {
      beforeSend: ({ role }) => (role === 'server' && ++answers === 2 ? CUT : PASS),
      beforeDelivery: () => 'now',
    }
    wire
      .inA(0, () => wire.connect((endpoint) => endpoint.send('ping')))
      .at(1 * MS, () => wire.accepted[0]?.send('pong'))
      .at(2 * MS, () => wire.accepted[0]?.send('cut'))
    wire.run()
    expect(seen).toEqual([
      ['client', 'ping', 400, 500],
      ['server', 'pong', 1000, 1300],
      ['server', 'cut', 2000, null],
    ])
  })

  it('is found by its world', () => {
    const wire = new Wire()
    expect(networkOf(wire.world)).toBe(wire.network)
    expect(() => networkOf(new World('none'))).toThrow('has a network')
  })
})
