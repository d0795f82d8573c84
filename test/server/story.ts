/**
 * A random story: clients of one node that lock, wait, publish, watch, vanish and come back while time passes.
 *
 * Its transcript holds what every client got after every step, and what the node says of a watched key.
 */
import type { RedisServer, ServerConnection } from '../../src/server/server.ts'
import type { RandomStream } from '../../src/sim/random.ts'

const CLIENTS = ['A', 'B', 'C', 'D']
const KEYS = ['lock', 'list', 'other']

/** Commands whose replies do not depend on hash tables' order or on random numbers. */
function command(random: RandomStream): string[] {
  const pick = (items: readonly string[]): string => items[random.below(items.length)]!
  const key = pick(KEYS)
  const ms = String(random.between(1, 400))
  switch (random.below(22)) {
    case 0:
      return ['SET', key, pick(['x', 'y']), 'PX', ms, 'NX']
    case 1:
      return ['SET', key, pick(['x', 'y'])]
    case 2:
      return ['GET', key]
    case 3:
      return ['PTTL', key]
    case 4:
      return ['PEXPIRE', key, ms]
    case 5:
      return ['DEL', key]
    case 6:
      return ['BLPOP', pick(KEYS), pick(KEYS), String(random.below(4) / 10)]
    case 7:
      return ['BLMOVE', pick(KEYS), pick(KEYS), 'LEFT', 'RIGHT', `0.${random.between(1, 5)}`]
    case 8:
    case 9:
      return ['RPUSH', key, ms, 'b']
    case 10:
      return ['LRANGE', key, '0', '-1']
    case 11:
      return ['SUBSCRIBE', pick(['a', 'b'])]
    case 12:
      return ['UNSUBSCRIBE', pick(['a', 'b'])]
    case 13:
      return ['PUBLISH', pick(['a', 'b']), ms]
    case 14:
      return ['WATCH', key]
    case 15:
      return ['MULTI']
    case 16:
    case 17:
      return ['EXEC']
    case 18:
      return ['EVAL', "redis.call('PUBLISH', 'a', KEYS[1]) return redis.call('TTL', KEYS[1])", '1', key]
    case 19:
      return ['TIME']
    case 20:
      return ['RENAME', pick(KEYS), pick(KEYS)]
    default:
      return ['WAIT', '1', String(random.between(1, 300))]
  }
}

/** Tells `length` steps; times are relative to `startUs`. */
export function tell(server: RedisServer, random: RandomStream, length: number, startUs: number): string[] {
  const transcript: string[] = []
  const heard = new Map<string, string>()
  const connections = new Map<string, ServerConnection>()
  const connect = (name: string): ServerConnection => {
    const hear = (text: string): void => {
      // Whoever has left hears nothing more.
      if (connections.get(name) === connection) heard.set(name, (heard.get(name) ?? '') + text)
    }
    const connection = server.connect({ onBytes: hear, onClose: () => hear('<closed>') })
    connections.set(name, connection)
    return connection
  }
  let nowUs = startUs
  const note = (step: string): void => {
    const said = [...heard].sort().map(([name, bytes]) => `${name}: ${JSON.stringify(bytes)}`)
    heard.clear()
    transcript.push([step, ...said].join(' | '))
  }
  /** Lets time pass as the world does: never over a moment at which somebody is waiting. */
  const pass = (us: number): void => {
    const endUs = nowUs + us
    for (let atMs = server.wakeAtMs(); atMs !== null && atMs * 1000 <= endUs; atMs = server.wakeAtMs()) {
      nowUs = Math.max(nowUs, atMs * 1000)
      server.setClock(nowUs)
      server.wake()
      // A node may be woken without need (the bridge does not know what a transaction queued); that is no part of the story.
      if (heard.size > 0) note(`wake at +${nowUs - startUs}`)
    }
    nowUs = endUs
    server.setClock(nowUs)
  }
  for (let step = 0; step < length; step++) {
    pass(random.chance({ num: 1, den: 3 }) ? random.below(200_000) : random.below(3000))
    const name = CLIENTS[random.below(CLIENTS.length)]!
    if (random.chance({ num: 1, den: 12 })) {
      const leaving = connections.get(name)
      connections.delete(name)
      leaving?.close()
      note(`${name} leaves`)
      continue
    }
    const args = command(random)
    const connection = connections.get(name) ?? connect(name)
    connection.receive(args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).reduce((a, b) => a + b, `*${args.length}\r\n`))
    note(`+${nowUs - startUs} ${name}> ${args.join(' ')}`)
    transcript.push(`lock ${JSON.stringify(server.observe('lock'))}`)
  }
  return transcript
}
