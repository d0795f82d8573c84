/**
 * What the conditions of mutated checks ask (`mutate.js`): `globalThis.mutantCondition` gets the mutants of a condition, what each does,
 * and what it is without one. Without a mutant it is noted which conditions were asked: the others have nothing to say.
 */

/** Conditions that may be asked under one mutant: a loop that does not end any more fails. */
const CONDITIONS_MAX = 3_000_000

let on = 0
let asked = 0
const seen = new Set()

globalThis.mutantCondition = (numbers, kinds, value) => {
  if (on === 0) {
    seen.add(numbers)
    return value()
  }
  asked += 1
  if (asked > CONDITIONS_MAX) throw new Error('a loop that does not end')
  const at = numbers.indexOf(on)
  if (at < 0) return value()
  return kinds[at] === 'negated' ? !value() : kinds[at] === 'true'
}

/** Forgets which conditions were asked. */
export const forgetAsked = () => seen.clear()

/** The numbers of the mutants of all conditions that were asked since. */
export const askedMutants = () => [...seen].flat()

/** What a task comes to while a mutant is on; it may be asynchronous. */
export function withMutant(number, task) {
  on = number
  asked = 0
  const off = () => {
    on = 0
  }
  let result
  try {
    result = task()
  } catch (error) {
    off()
    throw error
  }
  if (result instanceof Promise) return result.finally(off)
  off()
  return result
}
