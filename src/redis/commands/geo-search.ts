/**
 * Searching places: GEOSEARCH, GEOSEARCHSTORE and the older GEORADIUS in its four forms.
 *
 * Source: https://redis.io/docs/latest/commands/geosearch/, /georadius/
 */
import { isWord, parseInteger } from '../arguments.ts'
import { store } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { distanceText, parseBox, parsePlace, parseRadius, placeReply } from '../geo-arguments.ts'
import { distanceWithin, intervalsAround, type Place, placeOf, type Shape } from '../geohash.ts'
import type { Reply } from '../reply.ts'
import { rangeByScore, sortedSetOf } from '../sorted-set.ts'
import type { SortedSetValue } from '../value.ts'
import { ONE_KEY, TWO_KEYS } from './key-positions.ts'

type Args = readonly string[]

const NO_PLACE = errorOf('ERR could not decode requested zset member')
const COUNT_TOO_SMALL = errorOf('ERR COUNT must be > 0')
const ANY_NEEDS_COUNT = errorOf('ERR the ANY argument requires COUNT argument')

/** What the name of a command fixes. */
interface Form {
  /** What GEORADIUS is centred on; GEOSEARCH says it with an option. */
  readonly center: 'place' | 'member' | 'option'
  readonly sourceAt: 1 | 2
  /** Where the options begin. */
  readonly optionsAt: number
  readonly canStore: boolean
}

export const geoSearches: readonly Command[] = [
  command('geosearch', -7, { center: 'option', sourceAt: 1, optionsAt: 2, canStore: false }),
  command('geosearchstore', -8, { center: 'option', sourceAt: 2, optionsAt: 3, canStore: true }),
  command('georadius', -6, { center: 'place', sourceAt: 1, optionsAt: 6, canStore: true }),
  command('georadius_ro', -6, { center: 'place', sourceAt: 1, optionsAt: 6, canStore: false }),
  command('georadiusbymember', -5, { center: 'member', sourceAt: 1, optionsAt: 5, canStore: true }),
  command('georadiusbymember_ro', -5, { center: 'member', sourceAt: 1, optionsAt: 5, canStore: false }),
]

function command(name: string, arity: number, form: Form): Command {
  const execute = (args: Args, context: CommandContext): Reply => search(args, context, form)
  if (!form.canStore) return { name, arity, flags: ['readonly'], ...ONE_KEY, execute }
  if (form.center === 'option') return { name, arity, flags: ['write', 'denyoom'], ...TWO_KEYS, execute }
  return {
    name,
    arity,
    flags: ['write', 'denyoom', 'movablekeys'],
    ...ONE_KEY,
    execute,
    keysOf: (args) => [args[1]!, ...storeKeys(args, form.optionsAt - 1)],
  }
}

/** The last STORE or STOREDIST option. */
function storeKeys(args: Args, from: number): readonly string[] {
  const at = args.findLastIndex(
    (word, index) => index >= from && index + 1 < args.length && (isWord(word, 'store') || isWord(word, 'storedist')),
  )
  return at === -1 ? [] : [args[at + 1]!]
}

interface Query {
  center: Place | null
  /** A center was named; it may be that of a member of a key that is not there. */
  hasCenter: 'member' | 'place' | null
  radius: { readonly length: number; readonly metres: number } | null
  box: { readonly width: number; readonly height: number; readonly metres: number } | null
  hasDistance: boolean
  hasHash: boolean
  hasPlace: boolean
  order: 'none' | 'asc' | 'desc'
  /** 0: all. */
  count: number
  takesAny: boolean
  storeKey: string | null
  storesDistance: boolean
}

function search(args: Args, { keys }: CommandContext, form: Form): Reply {
  const source = keys.read(args[form.sourceAt]!)?.value
  if (source !== undefined && source.type !== 'zset') return WRONG_TYPE
  const query = parseQuery(args, form, source)
  if ('kind' in query) return query
  const isSearch = form.center === 'option'
  if (query.storeKey !== null && (query.hasDistance || query.hasHash || query.hasPlace)) {
    const name = isSearch ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
    return errorOf(`ERR ${name} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`)
  }
  if (isSearch && query.hasCenter === null) {
    return errorOf(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${cText(args[0]!)}`)
  }
  if (isSearch && query.radius === null && query.box === null) {
    return errorOf(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${cText(args[0]!)}`)
  }
  if (query.takesAny && query.count === 0) return ANY_NEEDS_COUNT
  const shape = source === undefined ? null : shapeOf(query)
  const found = source === undefined || shape === null ? [] : placesIn(source, shape, query)
  const metres = (query.radius ?? query.box)?.metres ?? 1
  if (query.storeKey === null) return found.map((each) => describe(each, query, metres))
  const scores = new Map(
    found.map(({ member, score, distance }) => [member, query.storesDistance ? distance / metres : score]),
  )
  const value = sortedSetOf(scores, keys.compactLimits)
  keys.changes += Math.max(0, found.length - 1)
  return store(keys, query.storeKey, {
    value,
    count: found.length,
    event: isSearch ? 'geosearchstore' : 'georadiusstore',
  })
}

function shapeOf({ center, radius, box }: Query): Shape | null {
  if (center === null) return null
  if (radius !== null) return { kind: 'circle', center, radiusM: radius.length * radius.metres }
  if (box === null) return null
  return { kind: 'box', center, widthM: box.width * box.metres, heightM: box.height * box.metres }
}

/** What comes before the options, and the options. */
function parseQuery(args: Args, form: Form, source: SortedSetValue | undefined): Query | ErrorReply {
  const query: Query = {
    center: null,
    hasCenter: null,
    radius: null,
    box: null,
    hasDistance: false,
    hasHash: false,
    hasPlace: false,
    order: 'none',
    count: 0,
    takesAny: false,
    storeKey: form.sourceAt === 2 ? args[1]! : null,
    storesDistance: false,
  }
  const problem = parseCenter(args, form, source, query) ?? parseOptions(args, form, source, query)
  return problem ?? query
}

/** The center and the radius of GEORADIUS. */
function parseCenter(args: Args, form: Form, source: SortedSetValue | undefined, query: Query): ErrorReply | null {
  if (form.center === 'option' || (form.center === 'member' && source === undefined)) return null
  const center = form.center === 'place' ? parsePlace(args[2]!, args[3]!) : memberPlace(source!, args[2]!)
  if ('kind' in center) return center
  const radius = parseRadius(args[form.optionsAt - 2]!, args[form.optionsAt - 1]!)
  if ('kind' in radius) return radius
  query.center = center
  query.radius = radius
  return null
}

function memberPlace({ scores }: SortedSetValue, member: string): Place | ErrorReply {
  const score = scores.get(member)
  return score === undefined ? NO_PLACE : placeOf(score)
}

function parseOptions(args: Args, form: Form, source: SortedSetValue | undefined, query: Query): ErrorReply | null {
  const isSearch = form.center === 'option'
  for (let index = form.optionsAt; index < args.length; index++) {
    const option = args[index]!.toLowerCase()
    const left = args.length - index - 1
    if (option === 'withdist') query.hasDistance = true
    else if (option === 'withhash') query.hasHash = true
    else if (option === 'withcoord') query.hasPlace = true
    else if (option === 'any') query.takesAny = true
    else if (option === 'asc' || option === 'desc') query.order = option
    else if (option === 'count' && left >= 1) {
      const count = parseInteger(args[++index]!)
      if (count === null) return NOT_AN_INTEGER
      if (count <= 0) return COUNT_TOO_SMALL
      query.count = count
    } else if (!isSearch && form.canStore && (option === 'store' || option === 'storedist') && left >= 1) {
      query.storeKey = args[++index]!
      query.storesDistance = option === 'storedist'
    } else if (isSearch && form.canStore && option === 'storedist') {
      query.storesDistance = true
    } else {
      const used = isSearch ? parseSearchOption(args, index, source, query) : SYNTAX_ERROR
      if (typeof used !== 'number') return used
      index += used
    }
  }
  return null
}

/** FROMMEMBER, FROMLONLAT, BYRADIUS, BYBOX: how many arguments it has. */
function parseSearchOption(
  args: Args,
  index: number,
  source: SortedSetValue | undefined,
  query: Query,
): number | ErrorReply {
  const option = args[index]!.toLowerCase()
  const left = args.length - index - 1
  if (option === 'frommember' && left >= 1 && query.hasCenter !== 'place') {
    if (source !== undefined) {
      const center = memberPlace(source, args[index + 1]!)
      if ('kind' in center) return center
      query.center = center
    }
    query.hasCenter = 'member'
    return 1
  }
  if (option === 'fromlonlat' && left >= 2 && query.hasCenter !== 'member') {
    const center = parsePlace(args[index + 1]!, args[index + 2]!)
    if ('kind' in center) return center
    query.center = center
    query.hasCenter = 'place'
    return 2
  }
  if (option === 'byradius' && left >= 2 && query.box === null) {
    const radius = parseRadius(args[index + 1]!, args[index + 2]!)
    if ('kind' in radius) return radius
    query.radius = radius
    return 2
  }
  if (option === 'bybox' && left >= 3 && query.radius === null) {
    const box = parseBox(args[index + 1]!, args[index + 2]!, args[index + 3]!)
    if ('kind' in box) return box
    query.box = box
    return 3
  }
  return SYNTAX_ERROR
}

interface FoundPlace {
  readonly member: string
  readonly score: number
  readonly place: Place
  /** In metres. */
  readonly distance: number
}

function placesIn(source: SortedSetValue, shape: Shape, { count, takesAny, order }: Query): readonly FoundPlace[] {
  const limit = takesAny ? count : Infinity
  const found: FoundPlace[] = []
  for (const { min, max } of intervalsAround(shape)) {
    if (found.length >= limit) break
    const { from, to } = rangeByScore(source, { min, max, isMinExclusive: false, isMaxExclusive: true })
    for (let rank = from; rank < to && found.length < limit; rank++) {
      const { member, score } = source.order[rank]!
      const place = placeOf(score)
      const distance = distanceWithin(shape, place)
      if (distance !== null) found.push({ member, score, place, distance })
    }
  }
  // The nearest ones are wanted when only some are.
  const isAscending = order === 'asc' || (order === 'none' && count > 0 && !takesAny)
  if (isAscending) found.sort((a, b) => a.distance - b.distance)
  else if (order === 'desc') found.sort((a, b) => b.distance - a.distance)
  return count > 0 ? found.slice(0, count) : found
}

function describe({ member, score, place, distance }: FoundPlace, query: Query, metres: number): Reply {
  const details: Reply[] = []
  if (query.hasDistance) details.push(distanceText(distance / metres))
  if (query.hasHash) details.push(Math.trunc(score))
  if (query.hasPlace) details.push(placeReply(place))
  return details.length === 0 ? member : [member, ...details]
}
