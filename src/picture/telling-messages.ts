/**
 * Which messages tell the story of a violation: what the holders it names asked for when they took the lock, and what they were
 * answered; and the guilty one, which took a live key away or reached the resource too late.
 *
 *   A  get k → nil   set k → OK          told: why A believes
 *   B     get k → nil       set k → OK   told, and the set is guilty: it overwrote A's key
 *
 * Does not model  guilt of faults: a pause or a clock is drawn as itself.
 */
import { readTruth } from '../record/truth.ts'
import type { DrawnStory } from '../world/story-data.ts'
import type { Focus } from './story-window.ts'

/** Indexes into the messages of a story. */
export interface TellingMessages {
  readonly guilty: number | null
  /** With the guilty one. */
  readonly telling: ReadonlySet<number>
}

const NONE: TellingMessages = { guilty: null, telling: new Set() }

/** At most this many for each hold: an attempt that polls for a second tells nothing by its polls. */
const ATTEMPT_REQUESTS_MAX = 5

/** Finds them. */
export function tellingMessages(story: DrawnStory, focus: Focus | null): TellingMessages {
  if (focus === null) return NONE
  const telling = new Set<number>()
  for (const process of focus.processes) {
    for (const [fromUs, untilUs] of attempts(story, process, focus)) {
      const asked = indexes(
        story,
        ({ from, to, sentUs, arrivedUs, label }) =>
          from === process &&
          sentUs >= fromUs &&
          arrivedUs <= untilUs &&
          isRedis(story, to) &&
          label.includes(story.key),
      )
      for (const request of asked.slice(-ATTEMPT_REQUESTS_MAX)) {
        telling.add(request)
        const reply = replyTo(story, request)
        if (reply !== null) telling.add(reply)
      }
    }
  }
  const guilty = guiltyMessage(story, focus)
  if (guilty !== null) {
    telling.add(guilty)
    const reply = replyTo(story, guilty)
    if (reply !== null) telling.add(reply)
  }
  return { guilty, telling }
}

/** From the invocation to the success of each attempt that led to a hold which the focus touches. */
function attempts(
  { records, lanes }: DrawnStory,
  process: string,
  focus: Focus,
): readonly (readonly [number, number])[] {
  const holds = lanes
    .flatMap(({ bars }) => bars)
    .filter(({ kind, owner, fromUs, untilUs }) => {
      return kind === 'belief' && owner === process && fromUs <= focus.untilUs && untilUs >= focus.atUs
    })
  return holds.map(({ fromUs }) => {
    let invokedUs = fromUs
    for (const { atUs, type, process: who } of records) {
      if (atUs > fromUs) break
      if (who === process && type === 'invoke' && atUs < fromUs) invokedUs = atUs
    }
    return [invokedUs, fromUs]
  })
}

/** What changed a live key of another's, or came to the resource at the very instant of the violation. */
function guiltyMessage(story: DrawnStory, focus: Focus): number | null {
  const takings = story.records.filter((record) => {
    if (record.type !== 'truth' || record.atUs > focus.untilUs) return false
    if (record.op !== 'overwritten' && record.op !== 'deleted' && record.op !== 'displaced') return false
    const { by, owner } = readTruth(record)
    return by !== owner && (focus.processes.includes(by) || focus.processes.includes(owner))
  })
  const taking = takings.findLast(({ atUs }) => atUs <= focus.atUs) ?? takings[0]
  if (taking !== undefined) {
    const { by } = readTruth(taking)
    const [found] = indexes(
      story,
      ({ from, to, arrivedUs }) => from === by && to === taking.process && arrivedUs === taking.atUs,
    )
    if (found !== undefined) return found
  }
  const resources = new Set(story.lanes.filter(({ kind }) => kind === 'resource').map(({ name }) => name))
  const [late] = indexes(
    story,
    ({ from, to, arrivedUs }) => resources.has(to) && arrivedUs === focus.atUs && focus.processes.includes(from),
  )
  return late ?? null
}

/** The answer to a request: what the server sends back at the instant at which it arrives, else the first that follows. */
export function replyTo(story: DrawnStory, request: number): number | null {
  const { from, to, arrivedUs, lost } = story.messages[request]!
  if (lost) return null
  const reply = story.messages.findIndex((other) => other.from === to && other.to === from && other.sentUs >= arrivedUs)
  return reply < 0 ? null : reply
}

type Message = DrawnStory['messages'][number]

const indexes = ({ messages }: DrawnStory, isWanted: (message: Message) => boolean): readonly number[] =>
  messages.flatMap((message, index) => (isWanted(message) ? [index] : []))

const isRedis = ({ lanes }: DrawnStory, process: string): boolean =>
  lanes.some(({ kind, name }) => kind === 'redis' && name === process)
