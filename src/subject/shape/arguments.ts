/**
 * The arguments for a call into code that people have: each parameter gets what its name asks for, and what says nothing
 * gets what usually stands in its place.
 */
import { type Parameter, parametersOf, type Wish, wishOf } from './parameters.ts'

/** What there is to give; a wish that is missing cannot be fulfilled here. */
export type Offer = Partial<Record<Wish, unknown>>

/**
 * The arguments for `target`, from what is offered.
 * @param usual what stands in which place when names do not tell
 */
export function argumentsFor(
  target: (...args: never[]) => unknown,
  offer: Offer,
  usual: readonly Wish[],
): readonly unknown[] {
  const parameters = parametersOf(target)
  const taken = new Set(
    parameters.flatMap((parameter) => (parameter.kind === 'plain' ? (wishOf(parameter.name) ?? []) : [])),
  )
  const rest = usual.filter((wish) => !taken.has(wish) && wish in offer)
  const args = parameters.map((parameter) => {
    if (parameter.kind === 'object') return objectOf(parameter, offer)
    const wish = wishOf(parameter.name)
    if (wish !== null && wish in offer) return offer[wish]
    // An object of options may be left out: everything in it has a default, or the function says what it misses.
    if (/^_?opt(ion)?s?$|^config\w*$|^settings$/i.test(parameter.name)) return optionsOf(offer)
    const next = rest.shift()
    return next === undefined ? undefined : offer[next]
  })
  // A function that reads `arguments`, or whose names a minifier took away, gets the usual ones.
  return parameters.length === 0 && target.length > 0 ? usual.slice(0, target.length).map((wish) => offer[wish]) : args
}

function objectOf({ names }: Extract<Parameter, { kind: 'object' }>, offer: Offer): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const wish = wishOf(name)
      return wish !== null && wish in offer ? [[name, offer[wish]]] : []
    }),
  )
}

/** The usual names of a lease in options. */
const optionsOf = ({ ttlMs }: Offer): Record<string, unknown> =>
  ttlMs === undefined ? {} : { ttl: ttlMs, ttlMs, duration: ttlMs }

/** In words what a call is given: `lock(key, ttlMs)`. */
export const callText = (name: string, target: (...args: never[]) => unknown): string =>
  `${name}(${parametersOf(target)
    .map((parameter) => (parameter.kind === 'plain' ? parameter.name : `{ ${parameter.names.join(', ')} }`))
    .join(', ')})`
