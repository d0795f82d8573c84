/**
 * The cart in a session store: each client is a web server that loads the session, changes one field and saves it.
 */
import type {
  LoadedSession,
  SessionContext,
  SessionFields,
  SessionStoreDefinition,
} from '../../session/session-store.ts'
import { type Client, reason, record, sleep } from '../client.ts'
import { type CartLife, LOOK_US, LOOKS_MAX, roleOf, SESSION_ID } from './cart-life.ts'

const RETRIES_MAX = 50

type Change = { readonly op: 'add' | 'remove'; readonly field: string }

/** What one web server does. */
export async function runStoreCart(life: CartLife, store: SessionStoreDefinition): Promise<void> {
  const { client, settings, shared } = life
  const requests = new Requests(life, store)
  const role = roleOf(life)
  if (role === 'first') {
    await requests.login()
    shared.isLoginOver = true
  }
  for (let looks = 1; ; looks += 1) {
    // Asked before the look: a session that is not there after its login is gone again (a logout), and will not come.
    const isOver = shared.isLoginOver
    if ((await requests.exists()) || isOver) break
    if (looks === LOOKS_MAX || client.isStopping()) return
    await sleep(client, LOOK_US)
  }
  for (let index = 1; index <= settings.requests && !client.isStopping(); index += 1) {
    const field = `${client.name.toLowerCase()}${index}`
    await requests.change({ op: 'add', field })
    if (role === 'middle' && index === 1) await requests.change({ op: 'remove', field })
  }
  if (settings.logout && role === 'last') await requests.logout()
}

/** Looks at the session when all is calm. */
export const probeStoreCart = (life: CartLife, store: SessionStoreDefinition): Promise<void> =>
  new Requests(life, store).probe()

class Requests {
  readonly #client: Client
  readonly #store: SessionStoreDefinition
  readonly #workUs: number
  readonly #ttlMs: number
  #count = 0

  constructor({ client, settings, ttlMs }: CartLife, store: SessionStoreDefinition) {
    this.#client = client
    this.#store = store
    this.#workUs = settings.workUs
    this.#ttlMs = ttlMs
  }

  #context(): SessionContext {
    this.#count += 1
    const { process, nodes, name } = this.#client
    const redis = nodes[0] as SessionContext['redis']
    return {
      redis,
      replica: this.#client.replica ?? redis,
      token: `${name}${process.incarnation === 0 ? '' : `.${process.incarnation}`}-${this.#count}`,
      ttlMs: this.#ttlMs,
    }
  }

  /** Creates the session. */
  async login(): Promise<void> {
    const context = this.#context()
    record(this.#client, 'invoke', 'login', context.token)
    try {
      const isStored = await this.#store.save(context, SESSION_ID, { user: 'u1' }, null)
      record(this.#client, isStored ? 'ok' : 'fail', 'login', context.token)
    } catch (error) {
      record(this.#client, 'info', 'login', [context.token, reason(error)])
    }
  }

  /** Whether the session is there; not on record, it only waits for the login. */
  async exists(): Promise<boolean> {
    const context = this.#context()
    try {
      const loaded = await this.#store.load(context, SESSION_ID)
      if (loaded === null) return false
      await this.#store.close?.(context, SESSION_ID, loaded)
      return true
    } catch {
      // The connection was lost: the caller asks again.
      return false
    }
  }

  /** Reads the session: its fields, or null. */
  async probe(): Promise<void> {
    const context = this.#context()
    record(this.#client, 'invoke', 'probe', context.token)
    try {
      const loaded = await this.#store.load(context, SESSION_ID)
      record(this.#client, 'ok', 'probe', [context.token, loaded === null ? null : fieldList(loaded.fields)])
      if (loaded !== null) await this.#store.close?.(context, SESSION_ID, loaded)
    } catch (error) {
      record(this.#client, 'fail', 'probe', [context.token, reason(error)])
    }
  }

  /** One request: load, work, change one field, save; again when another request overtook it. */
  async change({ op, field }: Change): Promise<void> {
    const client = this.#client
    const first = this.#context()
    record(client, 'invoke', op, [first.token, field])
    try {
      for (let attempt = 0; attempt < RETRIES_MAX; attempt += 1) {
        const context = attempt === 0 ? first : this.#context()
        const loaded = await this.#load(context, field)
        if (loaded === null) {
          record(client, 'fail', op, [first.token, field, 'no session'])
          return
        }
        await sleep(client, this.#workUs + client.extraWorkUs())
        if (await this.#store.save(context, SESSION_ID, changed(loaded, op, field), loaded)) {
          record(client, 'ok', op, [first.token, field])
          return
        }
      }
      record(client, 'fail', op, [first.token, field, 'overtaken too often'])
    } catch (error) {
      record(client, 'info', op, [first.token, field, reason(error)])
    }
  }

  /** What a request sees of the session; a load that throws has ended too, and has changed nothing. */
  async #load(context: SessionContext, field: string): Promise<LoadedSession | null> {
    const client = this.#client
    record(client, 'invoke', 'load', [context.token, field])
    try {
      const loaded = await this.#store.load(context, SESSION_ID)
      record(client, 'ok', 'load', [context.token, field, loaded === null ? null : fieldList(loaded.fields)])
      return loaded
    } catch (error) {
      record(client, 'fail', 'load', [context.token, field, reason(error)])
      throw error
    }
  }

  /** Ends the session. */
  async logout(): Promise<void> {
    const context = this.#context()
    record(this.#client, 'invoke', 'logout', context.token)
    try {
      await this.#store.destroy(context, SESSION_ID)
      record(this.#client, 'ok', 'logout', context.token)
    } catch (error) {
      record(this.#client, 'info', 'logout', [context.token, reason(error)])
    }
  }
}

function changed(loaded: LoadedSession, op: 'add' | 'remove', field: string): SessionFields {
  if (op === 'add') return { ...loaded.fields, [field]: '1' }
  const { [field]: _removed, ...rest } = loaded.fields
  return rest
}

/** The fields as one sorted text, for records. */
const fieldList = (fields: SessionFields): string => Object.keys(fields).sort().join(' ')
