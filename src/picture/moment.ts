/**
 * The world of a story as it is just after one of its events: who believes to hold, what each key of Redis holds and for how long,
 * what each machine does and what its clock says.
 *
 * Models          the keys that are watched (the lock's, the sessions'); wall clocks moved by faults.
 * Does not model  other keys, and what a process remembers: no record tells of them.
 */
import { readTruth } from '../record/truth.ts'
import type { DrawnStory, Lane } from '../world/story-data.ts'
import type { StoryEvent } from './story-events.ts'

export interface KeyState {
  readonly node: string
  readonly key: string
  readonly owner: string
  /** Its value; null: not known. */
  readonly text: string | null
  /** Until it expires; null: never. */
  readonly ttlUs: number | null
}

export interface ProcessState {
  readonly name: string
  readonly kind: Lane['kind']
  /** What the storm does to it. */
  readonly state: 'running' | 'paused' | 'crashed' | 'cut off'
  /** Its wall clock, µs since the world began by true time; `aheadUs` of that. */
  readonly wallUs: number
  readonly aheadUs: number
  /** Since when it believes to hold; null: it does not. */
  readonly believesSinceUs: number | null
}

export interface Moment {
  readonly atUs: number
  readonly processes: readonly ProcessState[]
  readonly keys: readonly KeyState[]
  /** Who believes to hold, the earliest first. */
  readonly believers: readonly string[]
}

/** The moment just after `events[index]`. */
export function momentAt(story: DrawnStory, events: readonly StoryEvent[], index: number): Moment {
  const atUs = events[index]?.atUs ?? 0
  const processes = story.lanes
    .filter(({ kind }) => kind !== 'faults')
    .map((lane): ProcessState => {
      const aheadUs = aheadOf(story, lane.name, atUs)
      const belief = lane.bars.find((bar) => bar.kind === 'belief' && isWithin(bar, atUs))
      return {
        name: lane.name,
        kind: lane.kind,
        state: stateOf(lane, atUs),
        wallUs: atUs + aheadUs,
        aheadUs,
        believesSinceUs: belief?.fromUs ?? null,
      }
    })
  const believers = processes
    .filter(({ believesSinceUs }) => believesSinceUs !== null)
    .sort((a, b) => a.believesSinceUs! - b.believesSinceUs!)
    .map(({ name }) => name)
  return { atUs, processes, keys: keysAfter(events, index, atUs), believers }
}

const isWithin = ({ fromUs, untilUs }: { readonly fromUs: number; readonly untilUs: number }, atUs: number): boolean =>
  fromUs <= atUs && atUs < untilUs

const STATES = { pause: 'paused', crash: 'crashed', partition: 'cut off' } as const

function stateOf({ bars }: Lane, atUs: number): ProcessState['state'] {
  for (const kind of ['crash', 'pause', 'partition'] as const) {
    if (bars.some((bar) => bar.kind === kind && isWithin(bar, atUs))) return STATES[kind]
  }
  return 'running'
}

/** How far the wall clock is ahead: each change while it lasts, and what a wrong rate has added up to. */
function aheadOf({ clocks = [] }: DrawnStory, process: string, atUs: number): number {
  let aheadUs = 0
  for (const { process: whose, fromUs, untilUs, byUs, ppm } of clocks) {
    if (whose !== process || atUs < fromUs) continue
    if (atUs < untilUs) aheadUs += byUs
    aheadUs += ((Math.min(atUs, untilUs) - fromUs) * ppm) / 1_000_000
  }
  return Math.round(aheadUs)
}

function keysAfter(events: readonly StoryEvent[], last: number, atUs: number): readonly KeyState[] {
  const keys = new Map<string, KeyState>()
  for (let index = 0; index <= last; index += 1) {
    const event = events[index]
    if (event?.kind !== 'record' || event.record.type !== 'truth') continue
    const { op, key, owner, by, text, expireUs } = readTruth(event.record)
    const place = `${event.record.process}\u0000${key}`
    if (op === 'deleted' || op === 'expired' || (op === 'disowned' && text === null)) keys.delete(place)
    else {
      const ttlUs = expireUs === null ? null : expireUs - atUs
      // Of a key that was overwritten the record names the owner before.
      const holder = op === 'overwritten' || op === 'displaced' || op === 'disowned' ? by : owner
      keys.set(place, { node: event.record.process, key, owner: holder, text, ttlUs })
    }
  }
  return [...keys.values()].sort((a, b) => (a.node === b.node ? 0 : a.node < b.node ? -1 : 1))
}
