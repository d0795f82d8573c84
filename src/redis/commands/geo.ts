/**
 * Places in sorted sets: GEOADD, GEOPOS, GEODIST, GEOHASH; searching them is in `geo-search.ts`.
 *
 * Source: https://redis.io/docs/latest/commands/?group=geo
 */
import { MISMATCH, sortedSetAt } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { distanceText, parsePlace, parseUnit, placeReply } from '../geo-arguments.ts'
import { distanceM, geohashText, placeOf, scoreOf } from '../geohash.ts'
import { NULL_ARRAY, type Reply } from '../reply.ts'
import { geoSearches } from './geo-search.ts'
import { ONE_KEY } from './key-positions.ts'
import { addScores } from './sorted-sets.ts'

type Args = readonly string[]

export const geo: readonly Command[] = [
  { name: 'geoadd', arity: -5, flags: ['write', 'denyoom'], ...ONE_KEY, execute: geoadd },
  { name: 'geopos', arity: -2, flags: ['readonly'], ...ONE_KEY, execute: geopos },
  { name: 'geohash', arity: -2, flags: ['readonly'], ...ONE_KEY, execute: geohash },
  { name: 'geodist', arity: -4, flags: ['readonly'], ...ONE_KEY, execute: geodist },
  ...geoSearches,
]

/** As ZADD, with places for scores. */
function geoadd(args: Args, context: CommandContext): Reply {
  let first = 2
  const options = new Set<string>()
  for (; first < args.length; first++) {
    const option = args[first]!.toLowerCase()
    if (option !== 'nx' && option !== 'xx' && option !== 'ch') break
    options.add(option)
  }
  if ((args.length - first) % 3 !== 0 || (options.has('nx') && options.has('xx'))) return SYNTAX_ERROR
  const pairs: string[] = []
  for (let index = first; index < args.length; index += 3) {
    const place = parsePlace(args[index]!, args[index + 1]!)
    if ('kind' in place) return place
    pairs.push(String(scoreOf(place)), args[index + 2]!)
  }
  return addScores(['zadd', args[1]!, ...options, ...pairs], 0, context)
}

function geopos(args: Args, { keys }: CommandContext): Reply {
  return ofMembers(args, keys, NULL_ARRAY, (score) => placeReply(placeOf(score)))
}

function geohash(args: Args, { keys }: CommandContext): Reply {
  return ofMembers(args, keys, null, (score) => geohashText(placeOf(score)))
}

function ofMembers(args: Args, keys: CommandContext['keys'], missing: Reply, answer: (score: number) => Reply): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return args.slice(2).map((member) => {
    const score = found?.scores.get(member)
    return score === undefined ? missing : answer(score)
  })
}

function geodist(args: Args, { keys }: CommandContext): Reply {
  if (args.length > 5) return SYNTAX_ERROR
  const metres = args.length === 5 ? parseUnit(args[4]!) : 1
  if (typeof metres !== 'number') return metres
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  const one = found?.scores.get(args[2]!)
  const other = found?.scores.get(args[3]!)
  if (one === undefined || other === undefined) return null
  return distanceText(distanceM(placeOf(one), placeOf(other)) / metres)
}
