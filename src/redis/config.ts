/**
 * The configuration of one server: what CONFIG GET reads and CONFIG SET changes.
 *
 * Models          names, aliases, kinds, limits and error texts of all parameters; `requirepass`, `maxmemory` and its policy.
 * Does not model  what the other parameters do to a real server: they are remembered and listed.
 *
 * Source: config.c of Redis 7.0; https://redis.io/docs/latest/commands/config-set/
 */
import { assert } from '../sim/assert.ts'
import type { CompactLimits } from './compact.ts'
import { checkParameter } from './config-check.ts'
import { type Parameter, parameters } from './config-parameters.ts'
import { cText, type ErrorReply, errorOf } from './errors.ts'
import { globMatches } from './glob.ts'
import type { WriteSettings } from './rdb/writer.ts'

/** By every name a parameter has. */
const byName: ReadonlyMap<string, Parameter> = new Map(
  parameters.flatMap((parameter): [string, Parameter][] =>
    parameter.alias === undefined
      ? [[parameter.name, parameter]]
      : [
          [parameter.name, parameter],
          [parameter.alias, parameter],
        ],
  ),
)

/** Parameters with the values that they have at the start. */
export type Configuration = ReadonlyMap<Parameter, string>

/** Checks parameters as a configuration file sets them: also those that CONFIG SET may not. A text says what is wrong. */
export function readConfiguration(pairs: readonly (readonly [string, string])[]): Configuration | string {
  const configuration = new Map<Parameter, string>()
  for (const [name, text] of pairs) {
    const parameter = byName.get(name.toLowerCase())
    if (parameter === undefined) return `unknown parameter '${name}'`
    const result = checkParameter(parameter, text, parameter.preset)
    if ('reason' in result) return `${name}: ${result.reason}`
    configuration.set(parameter, result.value)
  }
  return configuration
}

/** The same for what lockstorm sets itself, which is right. */
export function configurationOf(pairs: readonly (readonly [string, string])[]): Configuration {
  const configuration = readConfiguration(pairs)
  assert(typeof configuration !== 'string', `parameters are those of redis.conf: ${configuration}`)
  return configuration
}

/** What a parameter is at the start. */
export const configuredValue = (configuration: Configuration, name: string): string =>
  new ServerConfig(configuration).get(name)

export class ServerConfig {
  /** Only what differs from the presets: most servers never change anything. */
  readonly #changed: Map<Parameter, string>
  /** `notify-keyspace-events` as it was set: CONFIG GET hides `n` behind `A`, which does not stand for it. */
  keyspaceEvents = ''

  constructor(configuration: Configuration = new Map()) {
    this.#changed = new Map(configuration)
    this.keyspaceEvents = this.get('notify-keyspace-events')
  }

  /** The value of a parameter (lower case name). */
  get(name: string): string {
    const parameter = byName.get(name)
    return parameter === undefined ? '' : this.#value(parameter)
  }

  compactLimits(): CompactLimits {
    return {
      hashEntries: this.#number('hash-max-listpack-entries'),
      hashValueBytes: this.#number('hash-max-listpack-value'),
      sortedSetEntries: this.#number('zset-max-listpack-entries'),
      sortedSetValueBytes: this.#number('zset-max-listpack-value'),
      intsetEntries: this.#number('set-max-intset-entries'),
      streamNodeBytes: this.#number('stream-node-max-bytes'),
      streamNodeEntries: this.#number('stream-node-max-entries'),
      sparseLogBytes: this.#number('hll-sparse-max-bytes'),
    }
  }

  /** How DUMP writes. */
  writeSettings(): WriteSettings {
    return { compresses: this.get('rdbcompression') === 'yes' }
  }

  #number(name: string): number {
    return Number(this.get(name))
  }

  /** CONFIG GET: names as they were asked for, or as the patterns found them. */
  match(names: readonly string[]): readonly (readonly [string, string])[] {
    const found = new Map<string, string>()
    for (const name of names) {
      if (!/[[*?]/.test(name)) {
        const parameter = byName.get(name.toLowerCase())
        if (parameter !== undefined && !found.has(name)) found.set(name, this.#value(parameter))
        continue
      }
      for (const [known, parameter] of byName) {
        if (parameter.isHidden || found.has(known)) continue
        if (globMatches(name, known, { ignoreCase: true })) found.set(known, this.#value(parameter))
      }
    }
    return [...found]
  }

  /** CONFIG SET: all of the pairs or none of them; null when it worked. */
  set(pairs: readonly (readonly [string, string])[]): ErrorReply | null {
    const names = new Set<string>()
    for (const [name] of pairs) {
      const parameter = byName.get(name.toLowerCase())
      if (parameter === undefined) {
        return errorOf(`ERR Unknown option or number of arguments for CONFIG SET - '${cText(name)}'`)
      }
      if (parameter.isImmutable) return failed(name, "can't set immutable config")
      if (parameter.isProtected) return failed(name, "can't set protected config")
      // To Redis a name and its older name are two parameters, of which the last one counts.
      if (names.has(name.toLowerCase())) return failed(name, 'duplicate parameter')
      names.add(name.toLowerCase())
    }
    const checked = new Map<Parameter, string>()
    for (const [name, text] of pairs) {
      const parameter = byName.get(name.toLowerCase())!
      const result = checkParameter(parameter, text, this.#value(parameter))
      if ('reason' in result) return failed(name.toLowerCase(), result.reason)
      checked.set(parameter, result.value)
    }
    const events = pairs.findLast(([name]) => name.toLowerCase() === 'notify-keyspace-events')
    if (events !== undefined) this.keyspaceEvents = events[1]
    for (const [parameter, value] of checked) this.#changed.set(parameter, value)
    return null
  }

  #value(parameter: Parameter): string {
    return this.#changed.get(parameter) ?? parameter.preset
  }
}

const failed = (name: string, reason: string): ErrorReply =>
  errorOf(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`)
