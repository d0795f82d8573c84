/**
 * One set of permissions: which commands, on which keys and channels. A user has one, and more in parentheses.
 *
 * Source: acl.c (`ACLSetSelector`, `ACLSelectorCheckCmd`, `ACLDescribeSelector`) of Redis 7.0;
 * https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import { globMatches } from '../glob.ts'
import { CATEGORIES, type Vocabulary } from './categories.ts'
import { channelsOfCall, hasKeys, type KeyAccess } from './key-access.ts'

/** Why a rule is refused. */
export const SYNTAX = 'Syntax error'
const UNKNOWN_NAME = 'Unknown command or category name in ACL'
const ALL_KEYS_ALREADY =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
const ALL_CHANNELS_ALREADY =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
const FIRST_OF_SUBCOMMAND = 'Allowing first-arg of a subcommand is not supported'

/** Why a call is refused, the least telling first. */
export const DENIALS = ['command', 'key', 'channel'] as const

export interface Denial {
  readonly reason: (typeof DENIALS)[number]
  /** The argument that is the reason. */
  readonly at: number
}

interface KeyPattern {
  readonly pattern: string
  reads: boolean
  writes: boolean
}

/** A call to be judged; its keys are found when they are asked for. */
export interface Call {
  readonly name: string
  readonly args: readonly string[]
  readonly needsNoPermission: boolean
  keys(): readonly KeyAccess[]
}

/** Spaces and zeros would break the lines of ACL LIST. */
export const hasSpaces = (text: string): boolean => /[\0\t-\r ]/.test(text)

export class Selector {
  readonly #vocabulary: Vocabulary
  #allowed = new Set<string>()
  /** Set by +@all, kept when single commands are taken away: new commands would be allowed. */
  #allowsFuture = false
  #hasAllCommands = false
  #hasAllKeys = false
  #hasAllChannels: boolean
  #keys: KeyPattern[] = []
  #channels: string[] = []
  /** `+select|0`: allowed with this first argument only. */
  #firstArguments = new Map<string, readonly string[]>()

  constructor(vocabulary: Vocabulary, hasAllChannels: boolean) {
    this.#vocabulary = vocabulary
    this.#hasAllChannels = hasAllChannels
  }

  copy(): Selector {
    const copy = new Selector(this.#vocabulary, this.#hasAllChannels)
    copy.#allowed = new Set(this.#allowed)
    copy.#allowsFuture = this.#allowsFuture
    copy.#hasAllCommands = this.#hasAllCommands
    copy.#hasAllKeys = this.#hasAllKeys
    copy.#keys = this.#keys.map((key) => ({ ...key }))
    copy.#channels = [...this.#channels]
    copy.#firstArguments = new Map(this.#firstArguments)
    return copy
  }

  /** Nothing is refused. */
  get allowsEverything(): boolean {
    return this.#hasAllCommands && this.#hasAllKeys && this.#hasAllChannels
  }

  get hasAllChannels(): boolean {
    return this.#hasAllChannels
  }

  get channels(): readonly string[] {
    return this.#channels
  }

  /** Applies a rule; a text says why it cannot be. */
  apply(rule: string): string | null {
    switch (rule.toLowerCase()) {
      case 'allkeys':
      case '~*':
        this.#hasAllKeys = true
        this.#keys = []
        return null
      case 'resetkeys':
        this.#hasAllKeys = false
        this.#keys = []
        return null
      case 'allchannels':
      case '&*':
        this.#hasAllChannels = true
        this.#channels = []
        return null
      case 'resetchannels':
        this.#hasAllChannels = false
        this.#channels = []
        return null
      case 'allcommands':
      case '+@all':
        this.#allowed = new Set(this.#vocabulary.names)
        this.#allowsFuture = true
        this.#hasAllCommands = true
        this.#firstArguments.clear()
        return null
      case 'nocommands':
      case '-@all':
        this.#allowed.clear()
        this.#allowsFuture = false
        this.#hasAllCommands = false
        this.#firstArguments.clear()
        return null
    }
    switch (rule[0]) {
      case '~':
      case '%':
        return this.#addKeys(rule)
      case '&':
        return this.#addChannels(rule.slice(1))
      case '+':
      case '-':
        return rule[1] === '@' ? this.#setCategory(rule) : this.#setCommand(rule)
      default:
        return SYNTAX
    }
  }

  #addKeys(rule: string): string | null {
    if (this.#hasAllKeys) return ALL_KEYS_ALREADY
    const [, letters = '', pattern] = /^(?:~|%([^~]*)~?)([\s\S]*)$/.exec(rule)!
    const isPlain = rule[0] === '~'
    const reads = isPlain || /r/i.test(letters)
    const writes = isPlain || /w/i.test(letters)
    if (!isPlain && !/^(?:r|w|rw|wr)$/i.test(letters)) return SYNTAX
    if (hasSpaces(pattern!)) return SYNTAX
    const known = this.#keys.find((key) => key.pattern === pattern)
    if (known === undefined) this.#keys.push({ pattern: pattern!, reads, writes })
    else {
      known.reads ||= reads
      known.writes ||= writes
    }
    return null
  }

  #addChannels(pattern: string): string | null {
    if (this.#hasAllChannels) return ALL_CHANNELS_ALREADY
    if (hasSpaces(pattern)) return SYNTAX
    if (!this.#channels.includes(pattern)) this.#channels.push(pattern)
    return null
  }

  #setCategory(rule: string): string | null {
    const names = this.#vocabulary.namesIn(rule.slice(2).toLowerCase())
    if (names === null) return UNKNOWN_NAME
    for (const name of names) this.#set(name, rule[0] === '+')
    return null
  }

  /** A command takes its subcommands with it. */
  #set(name: string, isAllowed: boolean): void {
    this.#firstArguments.delete(name)
    for (const each of [name, ...this.#vocabulary.subcommandsOf(name)]) {
      if (isAllowed) this.#allowed.add(each)
      else this.#allowed.delete(each)
    }
    if (!isAllowed) this.#hasAllCommands = false
  }

  #setCommand(rule: string): string | null {
    const name = this.#vocabulary.fullName(rule.slice(1))
    const bar = rule.lastIndexOf('|')
    if (rule[0] === '-' || bar === -1) {
      if (name === null) return UNKNOWN_NAME
      this.#set(name, rule[0] === '+')
      return null
    }
    const command = this.#vocabulary.fullName(rule.slice(1, bar))
    const first = rule.slice(bar + 1)
    if (command === null) return UNKNOWN_NAME
    if (command.includes('|')) return FIRST_OF_SUBCOMMAND
    if (first === '') return SYNTAX
    if (this.#vocabulary.subcommandsOf(command).length > 0) {
      if (name === null) return UNKNOWN_NAME
      this.#set(name, true)
      return null
    }
    const before = this.#firstArguments.get(command) ?? []
    if (!before.some((known) => known.toLowerCase() === first.toLowerCase())) {
      this.#firstArguments.set(command, [...before, first])
    }
    return null
  }

  /** Why this call may not be made; null: it may. */
  check(call: Call): Denial | null {
    const { name, args } = call
    if (!this.#hasAllCommands && !call.needsNoPermission && !this.#allows(name)) {
      const first = args[name.includes('|') ? 2 : 1]?.toLowerCase()
      const allowed = this.#firstArguments.get(name)
      if (allowed === undefined || !allowed.some((known) => known.toLowerCase() === first)) {
        return { reason: 'command', at: 0 }
      }
    }
    if (!this.#hasAllKeys && hasKeys(name)) {
      const denied = call.keys().find((key) => !this.#allowsKey(args[key.at]!, key.flags))
      if (denied !== undefined) return { reason: 'key', at: denied.at }
    }
    const channels = this.#hasAllChannels ? null : channelsOfCall(name, args)
    for (let at = 1; channels !== null && at <= channels.count; at++) {
      if (!isAmong(this.#channels, args[at]!, channels.isPattern)) return { reason: 'channel', at }
    }
    return null
  }

  /** Commands that are newer than the rules know are allowed to whom future commands are. */
  #allows(name: string): boolean {
    return this.#allowed.has(name) || (this.#allowsFuture && this.#vocabulary.fullName(name) === null)
  }

  #allowsKey(key: string, flags: readonly string[]): boolean {
    const reads = flags.includes('access')
    const writes = flags.includes('insert') || flags.includes('delete') || flags.includes('update')
    return this.#keys.some(
      (known) => (known.reads || !reads) && (known.writes || !writes) && globMatches(known.pattern, key),
    )
  }

  keyRules(): readonly string[] {
    if (this.#hasAllKeys) return ['~*']
    return this.#keys.map(({ pattern, reads, writes }) => `${reads ? (writes ? '' : '%R') : '%W'}~${pattern}`)
  }

  channelRules(): readonly string[] {
    return this.#hasAllChannels ? ['&*'] : this.#channels.map((pattern) => `&${pattern}`)
  }

  /** As ACL LIST prints it. */
  describe(): string {
    const channels = this.#hasAllChannels ? this.channelRules() : ['resetchannels', ...this.channelRules()]
    return [...this.keyRules(), ...channels, this.commandRules()].join(' ')
  }

  /**
   * The fewest rules that Redis finds: from all commands or none, whole categories as far as they fit, then what is left over.
   */
  commandRules(): string {
    const isAdding = !this.#allowsFuture
    const made = new Selector(this.#vocabulary, false)
    const rest = new Selector(this.#vocabulary, false)
    const rules = [isAdding ? '-@all' : '+@all']
    made.apply(rules[0]!)
    rest.#allowed = new Set(this.#allowed)
    const applied = new Set<string>()
    for (let best = this.#nextCategory(rest, applied, isAdding); best !== null; ) {
      const rule = `${isAdding ? '+' : '-'}@${best}`
      rules.push(rule)
      made.apply(rule)
      rest.apply(`${isAdding ? '-' : '+'}@${best}`)
      applied.add(best)
      best = this.#nextCategory(rest, applied, isAdding)
    }
    for (const name of this.#vocabulary.names) {
      const isAllowed = this.#allowed.has(name)
      if (isAllowed !== made.#allowed.has(name)) {
        rules.push(`${isAllowed ? '+' : '-'}${name}`)
        made.#set(name, isAllowed)
      }
      if (!isAllowed) for (const first of this.#firstArguments.get(name) ?? []) rules.push(`+${name}|${first}`)
    }
    return rules.join(' ')
  }

  #nextCategory(rest: Selector, applied: ReadonlySet<string>, isAdding: boolean): string | null {
    let best: { readonly category: string; readonly different: number; readonly same: number } | null = null
    for (const category of CATEGORIES) {
      if (applied.has(category)) continue
      const names = this.#vocabulary.namesIn(category)!
      const on = names.filter((name) => rest.#allowed.has(name)).length
      const off = names.length - on
      const different = isAdding ? off : on
      const same = isAdding ? on : off
      if (same <= different) continue
      const isBetter = best === null || different < best.different || (different === best.different && same > best.same)
      if (isBetter) best = { category, different, same }
    }
    return best?.category ?? null
  }
}

/** A pattern that a client subscribes to must be in the list as it is; a channel must match one of the list. */
export const isAmong = (patterns: readonly string[], channel: string, isPattern: boolean): boolean =>
  patterns.some((pattern) => (isPattern ? pattern === channel : globMatches(pattern, channel)))
