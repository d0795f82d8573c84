/** Builds stories for the tests of the reports, with the labels that real runs have. */

import type { Atom, TraceRecord, TraceType } from '../../src/sim/trace.ts'
import type { Lane, Story } from '../../src/world/story-data.ts'

type Bar = Lane['bars'][number]
type Mark = Lane['marks'][number]

const KINDS: readonly Lane['kind'][] = ['client', 'redis', 'resource', 'faults']

export class Telling {
  readonly #lanes = new Map<string, { name: string; kind: Lane['kind']; bars: Bar[]; marks: Mark[] }>()
  readonly #records: Omit<TraceRecord, 'seq'>[] = []
  readonly #messages: Story['messages'][number][] = []
  readonly #overlaps: Story['overlaps'][number][] = []
  readonly #endUs: number
  readonly #key: string
  #latencySeed = 7

  constructor(endUs: number, lanes: Readonly<Record<string, Lane['kind']>>, key = 'orders/42') {
    this.#endUs = endUs
    this.#key = key
    for (const [name, kind] of Object.entries(lanes)) this.#lanes.set(name, { name, kind, bars: [], marks: [] })
  }

  record(atUs: number, process: string, type: TraceType, op: string, value: Atom | readonly Atom[] = null): void {
    this.#records.push({ atUs, process, type, op, value })
  }

  /** A client believes that it holds. */
  hold(client: string, fromUs: number, untilUs: number, endedBy = 'released'): void {
    this.#lane(client).bars.push({
      kind: 'belief',
      fromUs,
      untilUs,
      label: `${client} believes (${endedBy})`,
      owner: client,
    })
    this.record(untilUs, client, 'belief', 'ended', [`${client}-1`, endedBy])
  }

  /** A node has a client's token. */
  grant(
    node: string,
    owner: string,
    token: string,
    fromUs: number,
    untilUs: number,
    endedBy: string,
    by: string = owner,
  ): void {
    this.#lane(node).bars.push({ kind: 'truth', fromUs, untilUs, label: `${token} (${endedBy})`, owner })
    this.record(fromUs, node, 'truth', 'granted', [this.#key, owner, owner, token, untilUs, null])
    this.record(untilUs, node, 'truth', endedBy, [this.#key, endedBy === 'expired' ? 'time' : by, owner])
  }

  /** The storm strikes; kinds other than `fault` are drawn on their processes too. */
  fault(kind: Bar['kind'], processes: readonly string[], fromUs: number, untilUs: number, label: string): void {
    const bar: Bar = { kind, fromUs, untilUs, label, owner: processes[0] ?? '' }
    this.#lane('faults').bars.push(bar)
    if (kind !== 'fault') for (const process of processes) this.#lane(process).bars.push(bar)
    this.record(fromUs, 'world', 'fault', kind, [label, processes.join(' '), untilUs - fromUs])
  }

  overlap(fromUs: number, untilUs: number, processes: readonly string[]): void {
    this.#overlaps.push({ fromUs, untilUs, processes })
  }

  /** The resource did something. */
  effect(client: string, atUs: number, op: 'write' | 'refused' | 'read', value: number): void {
    const kind = op === 'write' ? 'effect' : op === 'refused' ? 'refused' : 'operation'
    this.#lane('storage').marks.push({ kind, atUs, label: `${client}: ${op} ${value}`, owner: client })
    this.record(atUs, 'storage', 'effect', op, [client, `${client}-1`, value, null])
  }

  /** An operation of a client. */
  operation(
    client: string,
    op: string,
    fromUs: number,
    untilUs: number,
    value: Atom | readonly Atom[] = null,
    type: 'ok' | 'fail' | 'info' = 'ok',
  ): void {
    this.record(fromUs, client, 'invoke', op, value)
    this.record(untilUs, client, type, op, value)
    const detail = type === 'ok' ? '' : type === 'fail' ? ' refused' : ' unknown'
    this.#lane(client).marks.push({ kind: 'operation', atUs: untilUs, label: `${op}${detail}`, owner: client })
  }

  /** A message; answers when it arrives. `arrivedUs` null: lost. */
  send(
    from: string,
    to: string,
    sentUs: number,
    label: string,
    arrivedUs: number | null = sentUs + this.latencyUs(),
  ): number {
    this.#messages.push({ from, to, sentUs, arrivedUs: arrivedUs ?? sentUs, label, lost: arrivedUs === null })
    return arrivedUs ?? sentUs
  }

  /** There and back: a command and its reply; answers when the server executed it and when the reply arrived. */
  call(
    client: string,
    server: string,
    sentUs: number,
    command: string,
    reply: string,
  ): { atUs: number; backUs: number } {
    const atUs = this.send(client, server, sentUs, command)
    return { atUs, backUs: this.send(server, client, atUs, reply) }
  }

  /** A waiter that tries and fails, again and again. */
  polls(client: string, node: string, fromUs: number, untilUs: number, everyUs: number): void {
    for (let atUs = fromUs, attempt = 1; atUs < untilUs; atUs += everyUs, attempt += 1) {
      const { backUs } = this.call(client, node, atUs, `SET ${this.#key} ${client}-${attempt} PX 30000 NX`, 'nil')
      this.operation(client, 'acquire', atUs, backUs, `${client}-${attempt}`, 'fail')
    }
  }

  /** 200 to 900 µs, the same in every run. */
  latencyUs(): number {
    this.#latencySeed = (this.#latencySeed * 1103 + 331) % 7919
    return 200 + (this.#latencySeed % 700)
  }

  story(token?: string): Story {
    const records = [...this.#records]
      .map((record, index) => ({ record, index }))
      .sort((a, b) => a.record.atUs - b.record.atUs || a.index - b.index)
      .map(({ record }, seq) => ({ ...record, seq }))
    return {
      ...(token === undefined ? {} : { token }),
      endUs: this.#endUs,
      key: this.#key,
      lanes: [...this.#lanes.values()].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
      messages: this.#messages,
      thrown: [],
      overlaps: this.#overlaps,
      records,
      // A story that is told by hand has no world whose settings a header could say.
      ndjson: records
        .map(
          ({ atUs, seq, process, type, op, value }) => `${JSON.stringify({ atUs, seq, process, type, op, value })}\n`,
        )
        .join(''),
    }
  }

  #lane(name: string) {
    const lane = this.#lanes.get(name)
    if (lane === undefined) throw new Error(`no lane ${name}`)
    return lane
  }
}
