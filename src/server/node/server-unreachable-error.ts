/**
 * A server that cannot be used before the first world has begun: not there, or it does not let us in or do what we need.
 */
export class ServerUnreachableError extends Error {
  override readonly name = 'ServerUnreachableError'
  readonly host: string
  readonly port: number

  constructor(
    place: { readonly host: string; readonly port: number },
    { expected, got, fix }: { readonly expected: string; readonly got: string; readonly fix: string },
    options?: { readonly cause?: unknown },
  ) {
    super(`${place.host}:${place.port}: expected ${expected}, got ${got}\n  fix: ${fix}`, options)
    this.host = place.host
    this.port = place.port
  }
}
