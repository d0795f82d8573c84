/**
 * A Sentinel's connections to one server, one for commands and one that listens for the hellos of other Sentinels, and what they tell of
 * whether it lives.
 *
 * Source: sentinel.c (`instanceLink`, `sentinelReconnectInstance`, `sentinelSendPing`) of Redis 7.0
 */
import type { Dial } from '../replication/primary-link.ts'
import { isError, type Reply } from '../reply.ts'
import type { Periods } from './periods.ts'
import { Wire } from './wire.ts'

export const HELLO_CHANNEL = '__sentinel__:hello'
/** Answers to PING that say that the server lives. */
const ALIVE = /^(?:PONG|LOADING|MASTERDOWN)/

/** What a link needs from its Sentinel. */
export interface LinkHost {
  readonly dial: Dial
  readonly nowMs: number
  /** `sentinel-` and the beginning of its id: how CLIENT LIST shows its connections. */
  readonly clientName: string
  readonly periods: Periods
  /** How it logs in to other Sentinels. */
  readonly login: Login
}

/** What AUTH says; empty: it is not sent. */
export type Login = readonly string[]

/** Without a password there is nothing to log in with. */
export const loginWith = (user: string, password: string): Login =>
  password === '' ? [] : user === '' ? [password] : [user, password]

/** All times are those of the Sentinel's wall clock, ms. */
export class InstanceLink {
  readonly #host: LinkHost
  /** Sentinels are not listened to: what they have to say they publish to each other. */
  readonly #listens: boolean
  readonly #login: () => Login
  commands: Wire | null = null
  #hellos: Wire | null = null
  isDisconnected = true
  pendingCount = 0
  #connectedMs = 0
  #listeningMs = 0
  #triedMs = 0
  #heardHelloMs = 0
  /** When the first ping was sent that has not been answered; 0: there is none. */
  unansweredMs: number
  pingedMs = 0
  /** When an answer came last, and one that says that it lives. */
  answeredMs: number
  aliveMs: number
  /** It is believed to be down: if that is because a script runs on, it is told once to end it. */
  #isDown = false
  #hasKilledScript = false

  /** `login` is asked at each connection: it may have changed. */
  constructor(host: LinkHost, listens: boolean, login: () => Login) {
    this.#host = host
    this.#listens = listens
    this.#login = login
    const { nowMs } = host
    this.unansweredMs = nowMs
    this.answeredMs = nowMs
    this.aliveMs = nowMs
  }

  /** Opens what is not open, not more often than once a second. `onHello` is told what other Sentinels publish there. */
  reconnect(host: string, port: number, onHello: (text: string) => void): void {
    const { nowMs, dial, clientName, periods } = this.#host
    if (!this.isDisconnected || nowMs - this.#triedMs < periods['PING-PERIOD']) return
    this.#triedMs = nowMs
    const login = this.#login()
    if (this.commands === null) {
      const wire = new Wire(dial, host, port)
      this.commands = wire
      wire.onLost = () => this.#lost('commands')
      this.pendingCount = 0
      this.#connectedMs = nowMs
      if (login.length > 0) this.request(['AUTH', ...login])
      this.request(['CLIENT', 'SETNAME', `${clientName}-cmd`])
      this.ping()
    }
    if (this.#listens && this.#hellos === null) {
      const wire = new Wire(dial, host, port)
      this.#hellos = wire
      wire.onLost = () => this.#lost('hellos')
      wire.onPush = (reply) => this.#hear(reply, onHello)
      this.#listeningMs = nowMs
      const ignored = (): void => {}
      if (login.length > 0) wire.send(['AUTH', ...login], ignored)
      wire.send(['CLIENT', 'SETNAME', `${clientName}-pubsub`], ignored)
      wire.send(['SUBSCRIBE', HELLO_CHANNEL])
      wire.flush()
    }
    this.isDisconnected = false
  }

  /** Sends a command with the next `flush`. */
  request(args: readonly string[], onReply: (reply: Reply) => void = () => {}): void {
    const { commands } = this
    if (commands === null) return
    this.pendingCount += 1
    commands.send(args, (reply) => {
      this.pendingCount -= 1
      onReply(reply)
    })
  }

  ping(): void {
    const { nowMs } = this.#host
    this.request(['PING'], (reply) => this.#ponged(reply))
    this.pingedMs = nowMs
    if (this.unansweredMs === 0) this.unansweredMs = nowMs
  }

  #ponged(reply: Reply): void {
    const { nowMs } = this.#host
    const text = typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : ''
    if (ALIVE.test(text)) {
      this.aliveMs = nowMs
      this.unansweredMs = 0
    } else if (isError(reply) && text.startsWith('BUSY') && this.#isDown && !this.#hasKilledScript) {
      this.request(['SCRIPT', 'KILL'])
      this.flush()
      this.#hasKilledScript = true
    }
    this.answeredMs = nowMs
  }

  flush(): void {
    this.commands?.flush()
  }

  /** What its Sentinel believes from now on. */
  believe(isDown: boolean): void {
    this.#isDown = isDown
    if (!isDown) this.#hasKilledScript = false
  }

  /** For how long there has been no sign of life. */
  silentMs(): number {
    const { nowMs } = this.#host
    if (this.unansweredMs !== 0) return nowMs - this.unansweredMs
    return this.isDisconnected ? nowMs - this.aliveMs : 0
  }

  /** Gives up connections that are old enough and have been silent for too long: a new one may do better. */
  dropSilent(downAfterMs: number): void {
    const { nowMs, periods } = this.#host
    const oldMs = periods['MIN-LINK-RECONNECT-PERIOD']
    const half = downAfterMs / 2
    if (
      this.commands !== null &&
      nowMs - this.#connectedMs > oldMs &&
      this.unansweredMs !== 0 &&
      nowMs - this.unansweredMs > half &&
      nowMs - this.answeredMs > half
    ) {
      this.#closeCommands()
    }
    if (
      this.#hellos !== null &&
      nowMs - this.#listeningMs > oldMs &&
      nowMs - this.#heardHelloMs > 3 * periods['PUBLISH-PERIOD']
    ) {
      this.#closeHellos()
    }
  }

  /** The server is another one, or is looked at anew. */
  close(): void {
    this.#closeCommands()
    this.#closeHellos()
  }

  /** As if the link were new. */
  reset(): void {
    this.close()
    const { nowMs } = this.#host
    this.unansweredMs = nowMs
    this.pingedMs = 0
    this.aliveMs = nowMs
    this.answeredMs = nowMs
  }

  #closeCommands(): void {
    if (this.commands === null) return
    this.commands.close()
    this.commands = null
    this.pendingCount = 0
    this.isDisconnected = true
  }

  #closeHellos(): void {
    if (this.#hellos === null) return
    this.#hellos.close()
    this.#hellos = null
    this.isDisconnected = true
  }

  #lost(which: 'commands' | 'hellos'): void {
    if (which === 'commands') this.commands = null
    else this.#hellos = null
    this.isDisconnected = true
  }

  #hear(reply: Reply, onHello: (text: string) => void): void {
    // SUBSCRIBE was refused.
    if (isError(reply)) {
      this.#closeHellos()
      return
    }
    this.#heardHelloMs = this.#host.nowMs
    const [kind, , text] = Array.isArray(reply) ? (reply as readonly Reply[]) : []
    if (kind === 'message' && typeof text === 'string') onHello(text)
  }
}
