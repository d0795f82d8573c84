/**
 * A user: whether it may log in, with which passwords, and its permissions.
 *
 * Source: acl.c (`ACLSetUser`, `ACLDescribeUser`, `ACLCheckAllUserCommandPerm`) of Redis 7.0
 */
import { splitInline } from '../resp/inline-command.ts'
import type { Vocabulary } from './categories.ts'
import { type Call, DENIALS, type Denial, Selector, SYNTAX } from './selector.ts'
import { sha256 } from './sha256.ts'

const NO_SUCH_PASSWORD = 'The password you are trying to remove from the user does not exist'
const BAD_HASH = 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters'

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

export class User {
  readonly name: string
  isEnabled = false
  needsNoPassword = false
  /** Empty for a user that no rule has spoken about. */
  #sanitizing: '' | 'skip-sanitize-payload' | 'sanitize-payload' = ''
  /** Hashes. */
  #passwords: string[] = []
  /** The first is the user's own, the others came in parentheses. */
  #selectors: Selector[]
  readonly #vocabulary: Vocabulary
  readonly #startsWithAllChannels: boolean

  /** A new user may do nothing; `startsWithAllChannels` is `acl-pubsub-default`. */
  constructor(name: string, vocabulary: Vocabulary, startsWithAllChannels: boolean) {
    this.name = name
    this.#vocabulary = vocabulary
    this.#startsWithAllChannels = startsWithAllChannels
    this.#selectors = [new Selector(vocabulary, startsWithAllChannels)]
  }

  copy(): User {
    const copy = new User(this.name, this.#vocabulary, this.#startsWithAllChannels)
    copy.adopt(this)
    copy.#selectors = this.#selectors.map((selector) => selector.copy())
    return copy
  }

  /** Takes all but the name from another user, which is not used any more. */
  adopt(other: User): void {
    this.isEnabled = other.isEnabled
    this.needsNoPassword = other.needsNoPassword
    this.#sanitizing = other.#sanitizing
    this.#passwords = [...other.#passwords]
    this.#selectors = other.#selectors
  }

  get allowsEverything(): boolean {
    return this.#selectors.some((selector) => selector.allowsEverything)
  }

  get selectors(): readonly Selector[] {
    return this.#selectors
  }

  get passwords(): readonly string[] {
    return this.#passwords
  }

  /** Whether a client that knows this password may log in. */
  accepts(password: string): boolean {
    return this.isEnabled && (this.needsNoPassword || this.#passwords.includes(sha256(password)))
  }

  flags(): readonly string[] {
    return [
      this.isEnabled ? 'on' : 'off',
      ...(this.needsNoPassword ? ['nopass'] : []),
      ...(this.#sanitizing === '' ? [] : [this.#sanitizing]),
    ]
  }

  /** As ACL LIST prints it, after the name. */
  describe(): string {
    const [own, ...others] = this.#selectors
    return [
      ...this.flags(),
      ...this.#passwords.map((hash) => `#${hash}`),
      own!.describe(),
      ...others.map((selector) => `(${selector.describe()})`),
    ].join(' ')
  }

  /** Why this call may not be made: what most permissions have come nearest to allowing. Null: it may. */
  check(call: Call): Denial | null {
    let worst: Denial = { reason: 'command', at: 0 }
    for (const selector of this.#selectors) {
      const denial = selector.check(call)
      if (denial === null) return null
      const difference = DENIALS.indexOf(denial.reason) - DENIALS.indexOf(worst.reason)
      if (difference > 0 || (difference === 0 && denial.at > worst.at)) worst = denial
    }
    return worst
  }

  /** Applies a rule of ACL SETUSER; a text says why it cannot be. */
  apply(rule: string): string | null {
    if (rule === '') return null
    switch (rule.toLowerCase()) {
      case 'on':
      case 'off':
        this.isEnabled = rule.toLowerCase() === 'on'
        return null
      case 'skip-sanitize-payload':
      case 'sanitize-payload':
        this.#sanitizing = rule.toLowerCase() as 'sanitize-payload'
        return null
      case 'nopass':
        this.needsNoPassword = true
        this.#passwords = []
        return null
      case 'resetpass':
        this.needsNoPassword = false
        this.#passwords = []
        return null
      case 'clearselectors':
        this.#selectors = this.#selectors.slice(0, 1)
        return null
      case 'reset':
        this.#reset()
        return null
    }
    switch (rule[0]) {
      case '>':
      case '#':
        return this.#addPassword(rule)
      case '<':
      case '!':
        return this.#removePassword(rule)
    }
    return rule[0] === '(' && rule.endsWith(')') ? this.#addSelector(rule) : this.#selectors[0]!.apply(rule)
  }

  #reset(): void {
    this.needsNoPassword = false
    this.#passwords = []
    this.isEnabled = false
    this.#sanitizing = 'sanitize-payload'
    this.#selectors = [new Selector(this.#vocabulary, this.#startsWithAllChannels)]
  }

  #addPassword(rule: string): string | null {
    if (rule[0] === '#' && !isHash(rule.slice(1))) return BAD_HASH
    const hash = rule[0] === '>' ? sha256(rule.slice(1)) : rule.slice(1)
    if (!this.#passwords.includes(hash)) this.#passwords.push(hash)
    this.needsNoPassword = false
    return null
  }

  #removePassword(rule: string): string | null {
    if (rule[0] === '!' && !isHash(rule.slice(1))) return BAD_HASH
    const hash = rule[0] === '<' ? sha256(rule.slice(1)) : rule.slice(1)
    if (!this.#passwords.includes(hash)) return NO_SUCH_PASSWORD
    this.#passwords = this.#passwords.filter((known) => known !== hash)
    return null
  }

  #addSelector(rule: string): string | null {
    const selector = new Selector(this.#vocabulary, this.#startsWithAllChannels)
    const rules = splitInline(rule.slice(1, -1))
    if (rules === null) return SYNTAX
    for (const each of rules) {
      const problem = selector.apply(each)
      if (problem !== null) return problem
    }
    this.#selectors.push(selector)
    return null
  }
}

/** Rules in parentheses may be spread over several arguments; null: a parenthesis is never closed, the text is where it opens. */
export function mergedRules(
  rules: readonly string[],
): { readonly rules: readonly string[] } | { readonly open: string } {
  const merged: string[] = []
  let open: string | null = null
  let start = ''
  for (const rule of rules) {
    if (rule.startsWith('(') && !rule.endsWith(')')) {
      open = rule
      start = rule
    } else if (open === null) merged.push(rule)
    else {
      open += ` ${rule}`
      if (!rule.endsWith(')')) continue
      merged.push(open)
      open = null
    }
  }
  return open === null ? { rules: merged } : { open: start }
}
