/**
 * What a page embeds, as text that no browser runs and nothing can end: JSON, deflated, in base64.
 *
 * Worlds are alike, neighbours most of all: a few are deflated together, with the first few as a dictionary. They are opened only when one
 * of them is asked for, and what is below the first screen when that is painted.
 */
import { inLanguages, LANGUAGES } from '../../text/language.ts'
import type { DrawnStory, Lane } from '../../world/story-data.ts'
import { deflate, inflate } from './deflate.ts'
import type { PageData, PageStart } from './page-data.ts'
import { type Shared, share, unshare } from './shared.ts'

type Bytes = Uint8Array<ArrayBuffer>

const DICTIONARY_BYTES_MAX = 32_768
/** Of the bundled suite, twice as many would save 3 % more, half as many 2 % less; all together 5 % more. */
const WORLDS_TOGETHER = 8

/** What a page embeds, a line each: what it begins with, the rest, the worlds. */
export function packPage(data: PageData, worlds: readonly PackedStory[]): readonly string[] {
  const { stories, tables, sections } = data
  const start: PageStart = {
    ...data,
    stories: stories.slice(0, 1),
    tables: [],
    sections: [],
    storyCount: stories.length,
  }
  const rest: PageRest = { stories: stories.slice(1), tables, sections }
  return [...packAll([start, share(rest)]), ...packAll(chunked(worlds))]
}

const chunked = (worlds: readonly PackedStory[]): readonly (readonly PackedStory[])[] =>
  Array.from({ length: Math.ceil(worlds.length / WORLDS_TOGETHER) }, (_, index) =>
    worlds.slice(index * WORLDS_TOGETHER, (index + 1) * WORLDS_TOGETHER),
  )

type PageRest = Pick<PageData, 'stories' | 'tables' | 'sections'>

/** Reads what `packPage` made. */
export function openPage(lines: readonly string[]) {
  const unpack = unpacker(lines.slice(0, 2))
  const chunks = lines.slice(2)
  const unpackChunk = chunks.length === 0 ? () => [] : unpacker(chunks)
  const chunk = (index: number): readonly PackedStory[] => unpackChunk(index) as readonly PackedStory[]
  const start = unpack(0) as PageStart
  return {
    start,
    /** Everything. */
    whole(): PageStart {
      const { stories, tables, sections } = unshare(unpack(1) as Shared) as PageRest
      return { ...start, stories: [...start.stories, ...stories], tables, sections }
    },
    get worldCount(): number {
      const before = Math.max(0, chunks.length - 1)
      return before * WORLDS_TOGETHER + chunk(before).length
    },
    world: (number: number): DrawnStory =>
      unpackStory(chunk(Math.floor(number / WORLDS_TOGETHER))[number % WORLDS_TOGETHER] as PackedStory),
  }
}

/** Packs values; the first is packed alone, the others with its text as a dictionary. */
export function packAll(values: readonly unknown[]): readonly string[] {
  const texts = values.map((value) => new TextEncoder().encode(JSON.stringify(value)))
  const dictionary = dictionaryOf(texts[0])
  return texts.map((bytes, index) => toBase64(deflate(bytes, index === 0 ? undefined : dictionary)))
}

/** What unpacks the values of `packAll` by their places. */
export function unpacker(packed: readonly string[]): (index: number) => unknown {
  const bytesOf = (index: number, dictionary?: Bytes): Bytes => inflate(fromBase64(packed[index] ?? ''), dictionary)
  const first = bytesOf(0)
  const dictionary = dictionaryOf(first)
  return (index) => JSON.parse(new TextDecoder().decode(index === 0 ? first : bytesOf(index, dictionary)))
}

const dictionaryOf = (bytes: Bytes = new Uint8Array()): Bytes => bytes.subarray(-DICTIONARY_BYTES_MAX)

function toBase64(bytes: Bytes): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

/**
 * A story in few characters: names are told once, instants as what has passed since the one before, and what is alike stands together:
 * of rows the first column, then the second.
 */
export type PackedStory = readonly [
  endUs: number,
  key: string,
  votes: number,
  names: readonly string[],
  lanes: readonly (readonly [name: number, kind: number, bars: Columns<number>, marks: Columns<number>])[],
  messages: Columns<number>,
  overlaps: readonly (readonly [fromUs: number, lastedUs: number, ...processes: number[]])[],
  thrown: DrawnStory['thrown'],
  clocks: DrawnStory['clocks'] | null,
  records: Columns<unknown>,
  phrases: Columns<number>,
]

/** Rows by their columns. */
type Columns<Value> = readonly (readonly Value[])[]

/** The columns of rows; of columns, the rows again. */
function columnsOf<Value>(rows: readonly (readonly Value[])[]): Columns<Value> {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as Value))
}

const LANE_KINDS: readonly Lane['kind'][] = ['client', 'redis', 'resource', 'faults', 'keeper']
type BarKind = Lane['bars'][number]['kind']
const BAR_KINDS: readonly BarKind[] = ['belief', 'truth', 'pause', 'crash', 'partition', 'skew', 'fault', 'copy']
type MarkKind = Lane['marks'][number]['kind']
const MARK_KINDS: readonly MarkKind[] = ['effect', 'refused', 'operation']

/** Makes a story small. */
export function packStory(story: DrawnStory): PackedStory {
  const names: string[] = []
  const places = new Map<string, number>()
  const place = (name: string): number => {
    const known = places.get(name)
    if (known !== undefined) return known
    places.set(name, names.length)
    return names.push(name) - 1
  }
  const lanes = story.lanes.map(({ name, kind, bars, marks }) => {
    const barNumbers = bars.map(({ kind: what, fromUs, untilUs, label, owner }) => [
      BAR_KINDS.indexOf(what),
      fromUs,
      untilUs - fromUs,
      place(label),
      place(owner),
    ])
    const markNumbers = marks.map(({ kind: what, atUs, label, owner }) => [
      MARK_KINDS.indexOf(what),
      atUs,
      place(label),
      place(owner),
    ])
    return [place(name), LANE_KINDS.indexOf(kind), columnsOf(barNumbers), columnsOf(markNumbers)] as const
  })
  let lastUs = 0
  const passed = (us: number): number => {
    const passedUs = us - lastUs
    lastUs = us
    return passedUs
  }
  const messages = story.messages.map(({ from, to, sentUs, arrivedUs, label, lost, site }) => [
    passed(sentUs),
    arrivedUs - sentUs,
    place(from),
    place(to),
    place(label),
    lost ? 1 : 0,
    site === undefined ? -1 : place(site),
  ])
  lastUs = 0
  const records = story.records.map(
    ({ atUs, process, type, op, value }) => [passed(atUs), place(process), place(type), place(op), value] as const,
  )
  const overlaps = story.overlaps.map(
    ({ fromUs, untilUs, processes }) => [fromUs, untilUs - fromUs, ...processes.map(place)] as const,
  )
  const phrases = (story.phrases ?? []).map((phrase) => LANGUAGES.map((language) => place(phrase[language])))
  return [
    story.endUs,
    story.key,
    story.votes ?? 0,
    names,
    lanes,
    columnsOf(messages),
    overlaps,
    story.thrown,
    story.clocks ?? null,
    columnsOf<unknown>(records),
    columnsOf(phrases),
  ] as PackedStory
}

/** The story again; `seq` of its records is their place. */
export function unpackStory(packed: PackedStory): DrawnStory {
  const [endUs, key, votes, names, lanes, messages, overlaps, thrown, clocks, records, phrases] = packed
  const name = (place: number): string => names[place] ?? ''
  let nowUs = 0
  const after = (passedUs: number): number => {
    nowUs += passedUs
    return nowUs
  }
  const drawnMessages = columnsOf(messages).map(([passedUs, tookUs, from, to, label, lost, site]) => {
    const sentUs = after(passedUs!)
    return {
      from: name(from!),
      to: name(to!),
      sentUs,
      arrivedUs: sentUs + tookUs!,
      label: name(label!),
      lost: lost === 1,
      ...(site === -1 ? {} : { site: name(site!) }),
    }
  })
  nowUs = 0
  return {
    endUs,
    key,
    ...(votes === 0 ? {} : { votes }),
    lanes: lanes.map(([laneName, kind, bars, marks]) => ({
      name: name(laneName),
      kind: LANE_KINDS[kind]!,
      bars: columnsOf(bars).map(([what, fromUs, lastedUs, label, owner]) => ({
        kind: BAR_KINDS[what!]!,
        fromUs: fromUs!,
        untilUs: fromUs! + lastedUs!,
        label: name(label!),
        owner: name(owner!),
      })),
      marks: columnsOf(marks).map(([what, atUs, label, owner]) => ({
        kind: MARK_KINDS[what!]!,
        atUs: atUs!,
        label: name(label!),
        owner: name(owner!),
      })),
    })),
    messages: drawnMessages,
    overlaps: overlaps.map(([fromUs, lastedUs, ...processes]) => ({
      fromUs,
      untilUs: fromUs + lastedUs,
      processes: processes.map(name),
    })),
    thrown,
    ...(clocks === null || clocks === undefined ? {} : { clocks }),
    ...(phrases.length === 0
      ? {}
      : {
          phrases: columnsOf(phrases).map((places) =>
            inLanguages((language) => name(places[LANGUAGES.indexOf(language)]!)),
          ),
        }),
    records: columnsOf(records).map(([passedUs, process, type, op, value], seq) => ({
      atUs: after(passedUs as number),
      seq,
      process: name(process as number),
      type: name(type as number) as DrawnStory['records'][number]['type'],
      op: name(op as number),
      value: value as DrawnStory['records'][number]['value'],
    })),
  }
}
