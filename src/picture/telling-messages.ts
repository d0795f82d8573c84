/**
 * Which messages tell the story of a violation: what the holders it names asked for when they took the lock, and what they were
 * answered; and the guilty one, which took a live key away or reached the resource too late.
 *
 *   A  get k → nil   set k → OK          told: why A believes
 *   B     get k → nil       set k → OK   told, and the set is guilty: it overwrote A's key
 *
 * Where nothing is held (sessions) the violation is about what a client was told: that its change is stored, that the session is gone.
 * Guilty is the first that changed the key after that change, also by bringing it back.
 *
 *   A                del k → OK          told: the logout
 *   B  get k → …               set k     told, and the set is guilty: it brought k back
 *
 * Does not model  guilt of faults: a pause or a clock is drawn as itself.
 */
import { isByClient, readTruth } from '../record/truth.ts'
import type { TraceRecord } from '../sim/trace.ts'
import { type DrawnStory, isOfServer } from '../world/story-data.ts'
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
          isServer(story, to) &&
          label.includes(story.key),
      )
      for (const request of asked.slice(-ATTEMPT_REQUESTS_MAX)) {
        telling.add(request)
        const reply = replyTo(story, request)
        if (reply !== null) telling.add(reply)
      }
    }
  }
  const undoing = isHeld(story) ? null : undoingMessages(story, focus)
  const guilty = undoing?.guilty ?? guiltyMessage(story, focus)
  for (const request of [...(undoing?.before ?? []), ...(guilty === null ? [] : [guilty])]) {
    telling.add(request)
    const reply = replyTo(story, request)
    if (reply !== null) telling.add(reply)
  }
  return { guilty, telling }
}

const isHeld = ({ lanes }: DrawnStory): boolean => lanes.some(({ bars }) => bars.some(({ kind }) => kind === 'belief'))

/**
 * The request that undid what the first process of the focus was told; before it: that process's own change, and what the guilty client had
 * asked for last, which it knew no better by. Null: nobody changed the key after it.
 */
function undoingMessages(story: DrawnStory, { processes: [told], atUs, untilUs }: Focus) {
  const changes = story.records.flatMap((record) => {
    const truth = record.type === 'truth' ? readTruth(record) : null
    return truth === null || !isByClient(truth) || record.atUs > untilUs ? [] : [{ ...truth, record }]
  })
  const own = changes.findLast(({ by, record }) => by === told && record.atUs <= atUs)
  if (own === undefined) return null
  const undone = changes.slice(changes.indexOf(own) + 1).find(({ by, key }) => by !== told && key === own.key)
  if (undone === undefined) return null
  const [guilty] = requestsOf(story, undone.by, undone.record)
  if (guilty === undefined) return null
  const asked = indexes(
    story,
    ({ from, to, sentUs, label }) =>
      from === undone.by && isServer(story, to) && label.includes(own.key) && sentUs < story.messages[guilty]!.sentUs,
  )
  return { guilty, before: [...requestsOf(story, own.by, own.record), ...asked.slice(-1)] }
}

/** What a client sent that a server carried out when it made this record. */
const requestsOf = (story: DrawnStory, client: string, { process, atUs }: TraceRecord): readonly number[] =>
  indexes(story, ({ from, to, arrivedUs }) => from === client && to === process && arrivedUs === atUs)

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
    const [found] = requestsOf(story, readTruth(taking).by, taking)
    if (found !== undefined) return found
  }
  const resources = new Set(story.lanes.filter(({ kind }) => kind === 'resource').map(({ name }) => name))
  const [late] = indexes(
    story,
    ({ from, to, arrivedUs }) => resources.has(to) && arrivedUs === focus.atUs && focus.processes.includes(from),
  )
  return late ?? null
}

/**
 * The answer to a request: what the server sends back at the instant at which it arrives, else the first that follows and answers nothing that
 * arrives then: while a request waits, others have their answers on other connections.
 */
export function replyTo(story: DrawnStory, request: number): number | null {
  const { from, to, arrivedUs, lost } = story.messages[request]!
  if (lost) return null
  const arrivals = new Set(
    story.messages.flatMap((other) =>
      other.from === from && other.to === to && !other.lost && other.arrivedUs > arrivedUs ? [other.arrivedUs] : [],
    ),
  )
  const reply = story.messages.findIndex(
    (other) => other.from === to && other.to === from && other.sentUs >= arrivedUs && !arrivals.has(other.sentUs),
  )
  return reply < 0 ? null : reply
}

type Message = DrawnStory['messages'][number]

const indexes = ({ messages }: DrawnStory, isWanted: (message: Message) => boolean): readonly number[] =>
  messages.flatMap((message, index) => (isWanted(message) ? [index] : []))

const isServer = ({ lanes }: DrawnStory, process: string): boolean =>
  lanes.some((lane) => lane.name === process && isOfServer(lane))
