/** What users may get wrong in a lock, a queue, a session store or a web application that they declare. */
import { CLIENT_KINDS, type ClientKind } from '../client/kind.ts'
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
  checkMethods(`${place}(${name})`, candidate, methods)
}

/**
 * Refuses what lacks a function.
 * @param methods what it must have, each with the fix if it is missing
 * @throws UsageError
 */
export function checkMethods(place: string, definition: object, methods: Readonly<Record<string, string>>): void {
  for (const [method, fix] of Object.entries(methods)) {
    const type = typeof (definition as Readonly<Record<string, unknown>>)[method]
    if (type !== 'function') throw new UsageError(place, `expected ${method} to be a function, got ${type}`, fix)
  }
}

/**
 * Refuses a client that there is not.
 * @param what is given it: a lock, a queue
 * @throws UsageError
 */
export function checkClientKind(place: string, what: string, client: ClientKind | undefined): void {
  if (client === undefined || CLIENT_KINDS.includes(client)) return
  throw new UsageError(
    place,
    `expected client to be one of ${CLIENT_KINDS.join(', ')}, got ${JSON.stringify(client)}`,
    `correct it, or leave it out: then the ${what} gets what --client says`,
  )
}
