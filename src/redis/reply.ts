/**
 * A reply of Redis, before it becomes RESP bytes.
 *
 * Cheap by design, because a world makes hundreds of them: a bulk string is a JavaScript string whose
 * chars are bytes (latin-1), an integer is a number (a bigint outside ±2^53), a missing value is `null`.
 * Everything rarer is an object with a `kind`.
 *
 * `map`, `set`, `double`, `boolean`, `bigNumber`, `verbatim`, `push` and `attributed` exist in RESP3 only; `encodeReply`
 * flattens them the way Redis does when the connection speaks RESP2.
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export type Reply =
  | string
  | number
  | bigint
  | null
  | readonly Reply[]
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'nullArray' }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Reply, Reply])[] }
  | { readonly kind: 'set'; readonly items: readonly Reply[] }
  | { readonly kind: 'double'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'bigNumber'; readonly text: string }
  | { readonly kind: 'verbatim'; readonly format: string; readonly text: string }
  | { readonly kind: 'push'; readonly items: readonly Reply[] }
  | { readonly kind: 'attributed'; readonly attributes: readonly (readonly [Reply, Reply])[]; readonly reply: Reply }

/** `+OK`. */
export const OK: Reply = { kind: 'status', text: 'OK' }

/** `*-1`: what EXEC answers after a WATCHed key changed, and BLPOP after its timeout (RESP2). */
export const NULL_ARRAY: Reply = { kind: 'nullArray' }

/** An integer of 64 bits: a number as far as that is exact. */
export function integerReply(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** A status reply such as `+PONG`. */
export const status = (text: string): Reply => ({ kind: 'status', text })

/** An error reply; `text` begins with the code, as in `WRONGTYPE Operation against …`. */
export const error = (text: string): Reply => ({ kind: 'error', text })

/** Whether this reply is an error. */
export const isError = (reply: Reply): reply is { readonly kind: 'error'; readonly text: string } =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error'
