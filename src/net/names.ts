/**
 * Names and ports: which listener an address leads to. A machine is named like its process; it may listen at several ports,
 * and may have other names, at each of whose ports it answers with the same one of its own.
 */
import type { SimProcess } from '../sim/process.ts'
import type { Endpoint, EndpointHandler } from './connection.ts'

/** Where a process listens, and where a connection leads to. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** How a machine calls itself. */
export const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** Accepts a connection: returns the handler of the server's end. */
export type Accept = (endpoint: Endpoint) => EndpointHandler

export interface Listener {
  readonly process: SimProcess
  readonly accept: Accept
}

export class Names {
  /** By host, then by port. */
  readonly #listeners = new Map<string, Map<number, Listener>>()
  readonly #aliases = new Map<string, Address>()
  /** What is looked for at a port of some name that is no machine: one of these, each name and port always the same. */
  #choices: { readonly isOne: (port: number) => boolean; readonly among: readonly Address[] } | null = null
  readonly #chosen = new Map<string, Address>()

  add(port: number, listener: Listener): void {
    const { name } = listener.process
    const ports = this.#listeners.get(name)
    if (ports === undefined) this.#listeners.set(name, new Map([[port, listener]]))
    else ports.set(port, listener)
  }

  /** Another name for this address. */
  alias(name: string, address: Address): void {
    this.#aliases.set(name, address)
  }

  /** At these ports of other names each is one of these addresses, in the order in which the names are first looked for. */
  choose(isOne: (port: number) => boolean, among: readonly Address[]): void {
    this.#choices = { isOne, among }
  }

  #choiceFor({ host, port }: Address): Address | undefined {
    const choices = this.#choices
    if (choices?.isOne(port) !== true) return undefined
    const name = `${host}:${port}`
    const known = this.#chosen.get(name) ?? choices.among[this.#chosen.size % choices.among.length]
    if (known !== undefined) this.#chosen.set(name, known)
    return known
  }

  /** Whether a machine has this name. */
  has(host: string): boolean {
    return this.#listeners.has(host)
  }

  /** The address that it is another name for; else itself. */
  resolve(address: Address): Address {
    if (this.#listeners.has(address.host)) return address
    return this.#choiceFor(address) ?? this.#aliases.get(address.host) ?? address
  }

  /** Who listens there; null: nothing listens at this port of the machine; undefined: there is no such machine. */
  find({ host, port }: Address): Listener | null | undefined {
    const ports = this.#listeners.get(host)
    return ports === undefined ? undefined : (ports.get(port) ?? null)
  }
}
