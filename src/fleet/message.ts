/**
 * What the machines of a fleet say to each other, as text: which hunt there is (`Head`), units, and what came of them.
 *
 * Invariants
 * - The id of a unit is a hash of everything that decides what comes of it, so that running it twice is harmless.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { HuntOpening } from '../engine/job.ts'
import type { Settings } from '../engine/settings.ts'
import type { Unit } from '../explore/unit.ts'
import { writePlan } from '../scenario/plan-file.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'

/** The queue in which the one hunt of a fleet is told. */
export const HEAD_QUEUE = 'lockstorm-fleet'
export const HEAD_ID = 'hunt'
export const CANARY = 'canary'

/** The units of one hunt have a queue of their own. */
export const unitQueue = (digest: string): string => `lockstorm-${digest}`

/** Which hunt there is. */
export interface Head {
  readonly schema: 'lockstorm/fleet@1'
  readonly engine: string
  /** As the hunt was called: a file or a name, and its options. */
  readonly lock: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Of the lock's file by itself: compared before anything of it is loaded. */
  readonly source: string
  readonly digest: string
}

/** How far the hunt is, for the screens of the workers. */
export interface Beat {
  readonly tried: number
  readonly planned: number | null
  readonly findings: number
  readonly atMs: number
  readonly isOver: boolean
}

/** A hash of everything that decides what comes of a unit: the engine, the code under test with what it imports, how it is used. */
export function digestOf(opening: HuntOpening, { lossy }: Settings): string {
  const { subject, redisKind, bases, graph } = opening
  const files = graph.files.map((file) => [path.relative(process.cwd(), file), readFileSync(file, 'utf8')])
  const plans = bases.map((base) => [base.seed, base.client, writePlan(base)])
  return hashOf([ENGINE_VERSION, subject, redisKind, files, plans, lossy])
}

/** The id of a unit of a hunt. */
export const unitId = (digest: string, unit: Unit): string => `${unit.kind}-${hashOf([digest, encode(unit)])}`

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24)

/** Data as text; it may hold maps. */
export const encode = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) => (value instanceof Map ? { $map: [...value] } : value))

export const decode = <Data>(text: string): Data =>
  JSON.parse(text, (_, value: unknown) => {
    const entries = (value as { readonly $map?: readonly (readonly [unknown, unknown])[] } | null)?.$map
    return entries === undefined ? value : new Map(entries)
  }) as Data
