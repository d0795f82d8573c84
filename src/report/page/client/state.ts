/**
 * What the reader has chosen: the story that is open, the event that is looked at, the language, the filter. The address keeps the
 * story and the event (`#token@12`), so that a link leads to an instant.
 */
import { computed, signal } from '@preact/signals'
import { eventAt, type StoryEvent, storyEvents } from '../../../picture/story-events.ts'
import type { Language } from '../../../text/language.ts'
import type { DrawnStory } from '../../../world/story-data.ts'
import { openPage } from '../packed.ts'
import type { PageStart, PageStory, PageText, PageViolation } from '../page-data.ts'
import { WORDS } from './words.ts'

let page: ReturnType<typeof openPage>

/** What the page is about: the first screen, and from `readWhole` on everything. */
export const data = signal({} as PageStart)

/** Whether everything is read and made; until the first screen is painted nothing below it is. */
export const isWhole = signal(false)

/**
 * Begins with what a page embeds, as its maker and its reader both first see it.
 * @param lines what `packPage` made
 */
export function readStart(lines: readonly string[]): void {
  page = openPage(lines)
  worlds.clear()
  data.value = page.start
  language.value = page.start.language ?? 'en'
  isCompared.value = page.start.kind === 'lesson' || page.start.kind === 'index'
}

/** Goes on with what is below the first screen. */
export function readWhole(): void {
  if (isWhole.value) return
  data.value = page.whole()
  isWhole.value = true
}

export const language = signal<Language>('en')
export const words = computed(() => WORDS[language.value])
/** A name that the report has in both languages, or one of those that the page translates. */
export const termIn = (term: PageText): string => (typeof term === 'string' ? words.value.term(term) : textIn(term))
/** A text of the report, in the reader's language if it is in that. */
export const textIn = (text: PageText): string => (typeof text === 'string' ? text : text[language.value])

export interface Filter {
  readonly word: string
  readonly property: string
  readonly subject: string
  readonly verdict: string
}
export const NO_FILTER: Filter = { word: '', property: '', subject: '', verdict: '' }
export const filter = signal<Filter>(NO_FILTER)

/** The place of the story that is open. */
export const open = signal(0)
/** The event that is looked at; null: the beginning of the violation. */
export const chosen = signal<number | null>(null)
/** The event that the pointer is over. */
export const hovered = signal<number | null>(null)
/** Which of its violations the picture is about. */
export const told = signal(0)
/** Whether the cured run is shown, too. */
export const isCompared = signal(false)
/** Which choice the reader made of a lesson's question; -1: none, and the story was asked for. */
export const guess = signal<number | null>(null)

export const story = computed<PageStory | null>(() => data.value.stories[open.value] ?? null)

/** A world with its events. */
export interface World {
  readonly story: DrawnStory
  readonly events: readonly StoryEvent[]
}

const worlds = new Map<number, World>()

/** The world with this number; unpacked once. */
export function worldOf(number: number): World {
  const known = worlds.get(number)
  if (known !== undefined) return known
  const unpacked = page.world(number)
  const world = { story: unpacked, events: storyEvents(unpacked) }
  worlds.set(number, world)
  return world
}

export const world = computed<World | null>(() => {
  const number = story.value?.world ?? null
  return number === null ? null : worldOf(number)
})

/** What the picture is about; null: nothing that happened in this world. */
export const focus = computed<PageViolation | null>(() => {
  const { violations = [] } = story.value ?? {}
  const wanted = violations[told.value]
  return wanted?.isShown === true ? wanted : (violations.find(({ isShown }) => isShown) ?? null)
})

/** Where the violation begins, among the events. */
export const violationEvent = computed(() => {
  const first = focus.value
  return world.value === null || first === null ? 0 : eventAt(world.value.events, first.atUs)
})

export const cursor = computed(() => {
  const last = (world.value?.events.length ?? 1) - 1
  return Math.max(0, Math.min(chosen.value ?? violationEvent.value, last))
})

export const cursorUs = computed(() => world.value?.events[cursor.value]?.atUs ?? 0)

/** Moves to an event. */
export function goTo(event: number): void {
  const last = (world.value?.events.length ?? 1) - 1
  chosen.value = Math.max(0, Math.min(event, last))
  rememberSoon()
}

/** Opens a story at its violation. */
export function openStory(index: number): void {
  open.value = Math.max(0, Math.min(index, data.value.stories.length - 1))
  chosen.value = null
  hovered.value = null
  told.value = 0
  rememberSoon()
}

/** Turns the picture to another violation of the story. */
export function tell(violation: number): void {
  told.value = violation
  chosen.value = null
}

/** Browsers refuse an address that changes many times a second. */
const REMEMBER_MS = 250
let remembering: ReturnType<typeof setTimeout> | undefined

function rememberSoon(): void {
  clearTimeout(remembering)
  remembering = setTimeout(() => history.replaceState(null, '', `#${anchor()}`), REMEMBER_MS)
}

function anchor(): string {
  const name = story.value?.violations[0]?.token || story.value?.id || ''
  return encodeURI(chosen.value === null ? name : `${name}@${chosen.value}`)
}

/** Opens what an address names; says whether there is such a story. */
export function openAnchor(hash: string): boolean {
  const [name = '', at] = decoded(hash.replace(/^#/, '')).split(/@(?=\d+$)/)
  if (name === '') return false
  readWhole()
  const index = data.value.stories.findIndex(
    ({ id, violations }) => id === name || violations.some(({ token }) => token === name),
  )
  if (index < 0) return false
  openStory(index)
  if (at !== undefined) chosen.value = Number(at)
  return true
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A hand-made address with a lone percent sign.
    return text
  }
}

/** Whether the filter lets something through. */
export function fits(
  { word, property, subject, verdict }: Filter,
  item: {
    readonly subject: string
    readonly word: string
    readonly properties: readonly string[]
    readonly text: string
  },
): boolean {
  return (
    (subject === '' || item.subject === subject) &&
    (verdict === '' || item.word === verdict) &&
    (property === '' || item.properties.includes(property)) &&
    item.text.toLowerCase().includes(word.trim().toLowerCase())
  )
}

/** What the filter looks at in a story. */
export const searched = (each: PageStory) => ({
  subject: each.subject,
  word: each.word,
  properties: each.violations.map(({ property }) => property),
  text: [
    each.subject,
    textIn(each.place),
    ...each.violations.flatMap(({ sentence, why, heading }) => [heading, sentence, why].map(textIn)),
  ].join(' '),
})

/** The places of the stories that the filter lets through. */
export const listed = computed(() =>
  isWhole.value
    ? data.value.stories.flatMap((each, index) => (fits(filter.value, searched(each)) ? [index] : []))
    : [...Array(data.value.storyCount).keys()],
)
