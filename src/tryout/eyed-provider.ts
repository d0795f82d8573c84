/**
 * The nodes of one world with an eye on them: which keys they hold, and which commands they do not know.
 */
import type { Reply } from '../redis/reply.ts'
import type { RedisServer, ServerConnection, ServerProvider, ServerSink } from '../server/server.ts'
import type { Keys } from './witness.ts'

/** A `SET` whose condition is newer than Redis 7.0, which calls it a syntax error. */
const SET_IF = /\r\nset\r\n(?:.*\r\n)*?(ifd?(?:eq|ne))\r\n/i
const SYNTAX_ERROR = 'ERR syntax error'
const UNKNOWN = /unknown command ['`]?([^'`,\s]+)|Unknown Redis command called from script/i

export class EyedProvider {
  readonly provider: ServerProvider
  /** A command of which a node said that it does not know it, or `set ifeq`; empty: one inside a script. Null: there was none. */
  unknownCommand: string | null = null
  /** How many messages clients have sent. */
  sentCount = 0
  /** `set ifeq`: what a node was asked last that Redis 7.0 does not understand. */
  #setIf: string | null = null
  readonly #eyes = new Map<string, Eye>()

  /** `onBegin`: a world begins, which may be the same one once more. */
  constructor(provider: ServerProvider, onBegin: () => void) {
    this.provider = {
      ...provider,
      node: (name, options) => {
        if (this.#eyes.size === 0 || this.#eyes.has(name)) {
          this.#eyes.clear()
          this.unknownCommand = null
          this.sentCount = 0
          this.#setIf = null
          onBegin()
        }
        const server = provider.node(name, options)
        this.#eyes.set(name, new Eye(server))
        return this.#heard(server)
      },
    }
  }

  /** All keys of all nodes. Of one that is on several, the last node at which it expires says when. */
  keys(): Keys {
    const keys = new Map<string, { state: string; leaseMs: number }>()
    for (const [node, eye] of this.#eyes) {
      for (const [key, { state, leaseMs }] of eye.look()) {
        const known = keys.get(key) ?? { state: '', leaseMs: -1 }
        keys.set(key, { state: `${known.state}${node} ${state} `, leaseMs: leaseMs < 0 ? known.leaseMs : leaseMs })
      }
    }
    return keys
  }

  #heard(server: RedisServer): RedisServer {
    const connect = (sink: ServerSink): ServerConnection => {
      const { onBytes, onReply } = sink
      const connection = server.connect({
        ...sink,
        ...(onBytes === undefined
          ? {}
          : {
              onBytes: (bytes: string) => {
                this.#hear(bytes)
                onBytes(bytes)
              },
            }),
        ...(onReply === undefined
          ? {}
          : {
              onReply: (reply: Reply) => {
                if (typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error')
                  this.#hear(reply.text)
                onReply(reply)
              },
            }),
      })
      return {
        receive: (bytes) => {
          this.sentCount += 1
          this.#look(bytes)
          connection.receive(bytes)
        },
        execute: (args) => {
          this.sentCount += 1
          this.#look(['', ...args, ''].join('\r\n'))
          connection.execute(args)
        },
        close: () => connection.close(),
      }
    }
    // What a server is asked by its name is asked of the server itself: its methods may use private fields.
    return new Proxy(server, {
      get(target, name) {
        if (name === 'connect') return connect
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #look(sent: string): void {
    const [, condition] = SET_IF.exec(sent) ?? []
    if (condition !== undefined) this.#setIf = `set ${condition.toLowerCase()}`
  }

  #hear(text: string): void {
    const [found, name = ''] = UNKNOWN.exec(text) ?? []
    if (found !== undefined) this.unknownCommand ??= name
    else if (this.#setIf !== null && text.includes(SYNTAX_ERROR)) this.unknownCommand ??= this.#setIf
  }
}

/** A connection of its own to one node. */
class Eye {
  readonly #server: RedisServer
  #connection: ServerConnection | null = null
  #replies: Reply[] = []

  constructor(server: RedisServer) {
    this.#server = server
  }

  /** Each key with its type, its first value and whether it expires, and when: in so many ms, or never (less than 0). */
  look(): Keys {
    const databases = [...String(this.#ask('INFO', 'keyspace')).matchAll(/^db(\d+):/gm)].map(
      ([, database = '']) => database,
    )
    const found = new Map<string, { readonly state: string; readonly leaseMs: number }>()
    for (const database of databases) {
      this.#ask('SELECT', database)
      const keys = this.#ask('KEYS', '*')
      for (const key of Array.isArray(keys) ? (keys as readonly string[]) : []) {
        const state = this.#server.observe(key)
        if (state === null || found.has(key)) continue
        const text = JSON.stringify([state.type, state.text, state.expireAtMs !== null])
        found.set(key, { state: text, leaseMs: Number(this.#ask('PTTL', key)) })
      }
    }
    return found
  }

  #ask(...command: readonly string[]): Reply {
    this.#connection ??= this.#server.connect({ onReply: (reply) => this.#replies.push(reply) })
    this.#replies = []
    this.#connection.execute(command)
    return this.#replies[0] ?? null
  }
}
