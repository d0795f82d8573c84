/**
 * The plan of a storm as a short text, for tokens: what differs from the fault-free plan of a hunt with default settings.
 *
 * Invariants
 * - Reading what was written gives the same plan, but for its seed, which a token holds by itself.
 */
import { BUILT_IN, parseScenario } from '../scenario/load.ts'
import { type StormPlan, type WrittenPlan, writePlan } from '../scenario/plan-file.ts'
import { assert } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { namesByKind } from '../subject/subject.ts'
import { WORKLOADS, workloadOf } from '../workload/registry.ts'
import type { ClientKind, Plan } from '../world/plan.ts'
import { defaultPlan } from './base-plan.ts'

/** Writes a plan. */
export function stormText(plan: StormPlan): string {
  const workload = workloadOf(plan.workload)
  assert(workload.hunts !== undefined, `a hunt has no workload ${workload.kind}`)
  const written = writePlan(plan)
  const usual = writePlan(defaultPlan(workload))
  const keys = [...new Set([...Object.keys(written), ...Object.keys(usual)])]
  const different = keys.filter((key) => JSON.stringify(written[key]) !== JSON.stringify(usual[key]))
  // Null: the usual plan has it, this one has not.
  const changes = Object.fromEntries(different.map((key) => [key, written[key] ?? null]))
  if (changes.workload !== undefined) changes.workload = workloadChanges(written, usual, workload.kind)
  return packed(JSON.stringify([WORKLOADS.indexOf(workload), changes]))
}

/** The settings of the workload that differ. */
function workloadChanges(written: WrittenPlan, usual: WrittenPlan, kind: string): Record<string, unknown> {
  const [own, other] = [settingsOf(written, kind), settingsOf(usual, kind)]
  return Object.fromEntries(Object.entries(own).filter(([key, value]) => value !== other[key]))
}

const settingsOf = (plan: WrittenPlan, kind: string): Record<string, unknown> =>
  ((plan.workload ?? {}) as Record<string, Record<string, unknown>>)[kind] ?? {}

/**
 * What storms say again and again; each stands for a control character, of which JSON has none. A change here is a change
 * of the engine's version.
 */
const PHRASES = [
  '[0,{',
  '[1,{',
  '"workload":{"rounds":',
  '"workload":{"requests":',
  '"clients":',
  ',"faults":[{"',
  '"},"at":"',
  '"}]}]',
  '"},{"',
  '":{"process":"',
  '","for":"',
  '","by":"',
  '","after":"',
  '","keep-data":false}',
  '","keep-data":true}',
  ',"at":"',
  ' before send ',
  ' before reply ',
  'pause',
  'delay-request',
  'delay-reply',
  'lose-reply',
  'clock-step',
  'restart',
  'partition',
  'redis-',
  '"head-start":null',
  '00ms',
  'ms',
  '"order":[',
] as const

const packed = (text: string): string =>
  PHRASES.reduce((packing, phrase, index) => packing.replaceAll(phrase, String.fromCharCode(index + 1)), text)

const unpacked = (text: string): string =>
  text.replace(/[\x01-\x1f]/g, (char) => PHRASES[char.charCodeAt(0) - 1] ?? char)

/**
 * Reads a plan.
 * @throws UsageError when the text is none
 */
export function readStorm(text: string, seed: string, client: ClientKind): Plan {
  let parsed: unknown
  try {
    parsed = JSON.parse(unpacked(text))
  } catch {
    throw broken('it holds no storm')
  }
  const [index, changes] = Array.isArray(parsed) ? (parsed as [unknown, unknown]) : [null, null]
  const workload = WORKLOADS[index as number]
  if (workload?.hunts === undefined || typeof changes !== 'object' || changes === null)
    throw broken('it holds no storm')
  const { kind } = workload
  const usual = writePlan(defaultPlan(workload))
  const { workload: own = {}, ...others } = changes as { readonly workload?: object }
  const whole = { ...usual, ...others, workload: { [kind]: { ...settingsOf(usual, kind), ...own } } }
  return readPlan(
    Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null)),
    'token',
    seed,
    client,
  )
}

/**
 * The plan that a storm file or a token describes.
 * @throws UsageError with everything that is wrong with it
 */
export function readPlan(written: WrittenPlan, place: string, seed: string, client: ClientKind): Plan {
  // A storm is checked as a scenario is, by the same rules and with the same words.
  const text = JSON.stringify({ title: place, story: place, ...written })
  try {
    return {
      ...parseScenario(text, STORM_FILE, { ...BUILT_IN, subjects: namesByKind([]) }).plan(seed, client),
      scenario: 'hunt',
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw broken(error.message.replaceAll(/(^|\n)storm\.yaml:1:\d+ ?/g, '$1'), place)
  }
}

const STORM_FILE = 'storm.yaml'

const broken = (message: string, place = 'token'): UsageError => new UsageError(place, message)
