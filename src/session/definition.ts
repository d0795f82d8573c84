/** What users may get wrong in a session store or a web application that they declare. */
import { UsageError } from '../sim/usage-error.ts'

/**
 * Refuses what has no name or lacks a function.
 * @param place the function that declares it
 * @param expected what it should be, and an example of a name
 * @param methods what it must have, each with the fix if it is missing
 * @throws UsageError
 */
export function checkDefinition(
  place: string,
  definition: object | null,
  expected: readonly [what: string, name: string],
  methods: Readonly<Record<string, string>>,
): void {
  const candidate = definition as Readonly<Record<string, unknown>> | null
  const name = typeof candidate === 'object' ? candidate?.name : undefined
  if (candidate === null || typeof name !== 'string' || name.trim() === '') {
    throw new UsageError(place, `expected an object with ${expected[0]}`, `add name: '${expected[1]}'`)
  }
  for (const [method, fix] of Object.entries(methods)) {
    const type = typeof candidate[method]
    if (type !== 'function') {
      throw new UsageError(`${place}(${name})`, `expected ${method} to be a function, got ${type}`, fix)
    }
  }
}
