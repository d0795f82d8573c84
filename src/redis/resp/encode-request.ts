/**
 * A command as RESP bytes.
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

/** The bytes (latin-1) that a client sends for these arguments. */
export function encodeRequest(args: readonly string[]): string {
  let bytes = `*${args.length}\r\n`
  for (const arg of args) bytes += `$${arg.length}\r\n${arg}\r\n`
  return bytes
}
