/**
 * What SENTINEL CONFIG says and changes: settings of a Sentinel that are about no primary. They are in its file, so it has them when
 * it starts again.
 *
 * Does not model  host names beside addresses: here an address is what it was called, whether that is a name or not.
 *
 * Source: sentinel.c (`sentinelConfigSetCommand`, `sentinelConfigGetCommand`) of Redis 7.0
 */
import { parseInteger } from '../arguments.ts'
import { cText, errorOf } from '../errors.ts'
import { globMatches } from '../glob.ts'
import { OK, type Reply } from '../reply.ts'

/** In the order of SENTINEL CONFIG GET, as it writes them. */
const USUAL = {
  'resolve-hostnames': 'no',
  'announce-hostnames': 'no',
  /** What it calls itself in its hellos; empty and 0: where it listens. */
  'announce-ip': '',
  'announce-port': '0',
  /** How it logs in to other Sentinels. */
  'sentinel-user': '',
  'sentinel-pass': '',
}

export type GlobalSettings = Record<keyof typeof USUAL, string>

/** What a Sentinel begins with. */
export const usualSettings = (): GlobalSettings => ({ ...USUAL })

const isSetting = (name: string): name is keyof GlobalSettings => Object.hasOwn(USUAL, name)

const ONE_AT_A_TIME = errorOf('ERR Only SENTINEL CONFIG GET <option> / SET <option> <value> are supported.')
const PORT_MAX = 65_535

interface Told {
  onChange(): void
  /** It is another one by which other Sentinels let it in. */
  onLogin(): void
}

/** SENTINEL CONFIG. */
export function configure(args: readonly string[], settings: GlobalSettings, told: Told): Reply {
  const [, , verb = '', option = '', value = ''] = args
  const isGet = verb.toLowerCase() === 'get' && args.length === 4
  const isSet = verb.toLowerCase() === 'set' && args.length === 5
  if (isGet) {
    const pattern = option.toLowerCase()
    return { kind: 'map', entries: Object.entries(settings).filter(([name]) => globMatches(pattern, name)) }
  }
  if (!isSet) return ONE_AT_A_TIME
  const name = option.toLowerCase()
  if (!isSetting(name)) return errorOf(`ERR Invalid argument '${cText(option)}' to SENTINEL CONFIG SET`)
  const kept = name.endsWith('-hostnames') ? value.toLowerCase() : value
  if (!isValue(name, kept))
    return errorOf(`ERR Invalid value '${cText(value)}' to SENTINEL CONFIG SET '${cText(option)}'`)
  if (kept === 'yes' && name.endsWith('-hostnames'))
    return errorOf(`ERR ${name} is not modelled by the Sentinel in memory`)
  settings[name] = name === 'announce-port' ? String(Number(kept)) : kept
  told.onChange()
  if (name === 'sentinel-user' || name === 'sentinel-pass') told.onLogin()
  return OK
}

function isValue(name: keyof GlobalSettings, value: string): boolean {
  if (name.endsWith('-hostnames')) return value === 'yes' || value === 'no'
  if (name !== 'announce-port') return true
  const port = parseInteger(value)
  return port !== null && port >= 0 && port <= PORT_MAX
}
