/**
 * The users of one server, and who is refused what.
 *
 * Source: acl.c of Redis 7.0; https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import { NO_AUTH } from '../commands/command-row.ts'
import { AccessLog } from './access-log.ts'
import type { Vocabulary } from './categories.ts'
import { keysOfCall } from './key-access.ts'
import type { Call, Denial } from './selector.ts'
import { User } from './user.ts'

export const DEFAULT_USER = 'default'

export class Users {
  readonly log = new AccessLog()
  readonly #byName = new Map<string, User>()
  readonly default: User

  readonly vocabulary: Vocabulary

  constructor(password: string, vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    this.default = new User(DEFAULT_USER, vocabulary, true)
    for (const rule of ['+@all', '~*', '&*', 'on', 'nopass']) this.default.apply(rule)
    this.#byName.set(DEFAULT_USER, this.default)
    if (password !== '') this.setDefaultPassword(password)
  }

  /** `requirepass`; empty: clients need none. */
  setDefaultPassword(password: string): void {
    this.default.apply('resetpass')
    this.default.apply(password === '' ? 'nopass' : `>${password}`)
  }

  find(name: string): User | undefined {
    return this.#byName.get(name)
  }

  add(user: User): void {
    this.#byName.set(user.name, user)
  }

  delete(name: string): boolean {
    return this.#byName.delete(name)
  }

  /** In the order of their names. */
  all(): readonly User[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Whether a client must log in. */
  get mustLogIn(): boolean {
    return !this.default.needsNoPassword || !this.default.isEnabled
  }

  /** The user with this password; null: there is none. */
  authenticate(name: string, password: string): User | null {
    const user = this.#byName.get(name)
    return user?.accepts(password) ? user : null
  }
}

/** Why a user may not make this call; null: it may. */
export function denialOf(
  user: User,
  { name, bits }: { readonly name: string; readonly bits: number },
  args: readonly string[],
): Denial | null {
  let keys: ReturnType<Call['keys']> | null = null
  return user.check({
    name,
    args,
    needsNoPermission: (bits & NO_AUTH) !== 0,
    keys: () => {
      keys ??= keysOfCall(name, args) ?? []
      return keys
    },
  })
}
