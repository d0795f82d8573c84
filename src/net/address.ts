/** Where a process listens, and where a connection leads to: a host name and a port. */
export interface Address {
  readonly host: string
  readonly port: number
}
