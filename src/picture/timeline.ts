/**
 * The timeline of a failure in characters, for terminals, Markdown and JUnit.
 *
 *   time     0 s            30.0 s       40.0 s
 *            ┬──────╱╱──────┬────╱╱──────┬─────
 *   A        ├─ holds ─··· paused 40 s ··──┤
 *                                        ◆ A: write 1        one line a process, its marks below
 *   B                       ├─ holds ──┤
 *                  ▸ get k → nil   ▸ set k B-1 → OK         what it asked Redis for, and was answered; ✗ the one that did it
 *   redis-1  ╞═ A's token ══╪═ B's ════╡
 *   ✗                                  ▒▒▒ both held
 *
 * A single line is what a client believes, a double line what Redis has; dots are a pause, `╱╱` shortened time.
 */

import { visible } from '../text/escape.ts'
import type { Language } from '../text/language.ts'
import { type Palette, PLAIN } from '../text/palette.ts'
import { durationText } from '../text/time.ts'
import { fit, padded, textWidth } from '../text/width.ts'
import type { DrawnStory, Lane } from '../world/story-data.ts'
import { axisTicks } from './axis.ts'
import { labelIn, laneName, markIn, PICTURE_WORDS, type PictureWords } from './picture-words.ts'
import {
  type Focus,
  isPoll,
  isTelling,
  isToldByOperations,
  landmarks,
  nearest,
  type StoryWindow,
  unfolded,
  windowOf,
} from './story-window.ts'
import { replyTo, tellingMessages } from './telling-messages.ts'
import { paintIn, type Style, TextRow } from './text-row.ts'
import { createTimeScale, type TimeScale } from './time-scale.ts'
import { storyIn } from './told-story.ts'

export interface TimelineOptions {
  readonly palette?: Palette
  /** Columns, everything included. */
  readonly width?: number
  /** What is written beside the place of the violation; of one that lasts, before how long it does. */
  readonly caption?: string
  /** Of the words in it; default: English. */
  readonly language?: Language
}

type Bar = Lane['bars'][number]

const LANDMARKS_MAX = 12
const LANES_MAX = 9
const ATTEMPTS_MAX = 4
/** Rows of one client's requests, and columns of one. */
const EXCHANGE_ROWS_MAX = 3
const EXCHANGE_COLUMNS_MAX = 26
const NAME_WIDTH_MAX = 10
const INDENT = 2

/** The lines of a timeline, without line ends. */
export function timeline(english: DrawnStory, focus: Focus | null, options: TimelineOptions = {}): readonly string[] {
  const { palette = PLAIN, width = 80, caption = '', language = 'en' } = options
  const words = PICTURE_WORDS[language]
  const whole = storyIn(english, language)
  const window = windowOf(whole, focus, LANDMARKS_MAX)
  const story = unfolded(whole, window)
  const { shown, hiddenCount } = lanesOf(story, focus, window)
  if (shown.length === 0) return []
  const nameWidth = Math.min(
    NAME_WIDTH_MAX,
    Math.max(4, ...shown.map((lane) => textWidth(visible(laneName(lane, words))))),
  )
  const columns = width - INDENT - nameWidth - 2
  const exchanges = exchangesOf(whole, focus, { window, words })
  const marks = withInstants(
    landmarks({ ...story, lanes: shown }, window, focus),
    exchanges.map(({ atUs }) => atUs),
  )
  const scale = createTimeScale({ landmarks: marks, width: columns - 1, gapMin: 2, foldUs: window.fold?.fromUs })
  const canvas: Canvas = { story, words, scale, window, columns }
  const lines: string[] = []
  const add = (name: string, row: TextRow, style: Style = 'strong'): void => {
    const label = padded(fit(visible(name), nameWidth), nameWidth)
    const text = `${' '.repeat(INDENT)}${paintIn(palette, style, label)}  ${row.toText(palette)}`
    lines.push(text.trimEnd())
  }
  const [times, ruler] = axisRows(canvas, focus, marks)
  add(words.text.time, times, 'faint')
  add('', ruler)
  for (const lane of shown) {
    const rows = laneRows(canvas, lane)
    if (lane.kind === 'client') rows.push(...exchangeRows(canvas, exchanges, lane.name))
    for (const [index, row] of rows.entries()) add(index === 0 ? laneName(lane, words) : '', row)
  }
  if (focus !== null) add('✗', focusRow(canvas, focus, caption), 'violated')
  if (hiddenCount > 0) lines.push(`${' '.repeat(INDENT)}${words.text.moreLanes(hiddenCount)}`)
  return lines
}

/** What a client asked a server for, with the answer. */
interface Exchange {
  readonly client: string
  readonly atUs: number
  readonly text: string
  readonly isGuilty: boolean
}

/** Those that tell how the violation came about, inside the window. */
function exchangesOf(
  story: DrawnStory,
  focus: Focus | null,
  { window, words }: Pick<Canvas, 'window' | 'words'>,
): readonly Exchange[] {
  const { guilty, telling } = tellingMessages(story, focus)
  const isClient = (name: string): boolean => story.lanes.some((lane) => lane.name === name && lane.kind === 'client')
  const all = [...telling].flatMap((index) => {
    const { from, sentUs, label, lost } = story.messages[index]!
    if (!isClient(from) || sentUs < window.fromUs || sentUs > window.untilUs) return []
    const reply = replyTo(story, index)
    const answer = lost
      ? words.text.lost
      : reply === null
        ? ''
        : story.messages[reply]!.lost
          ? words.text.lost
          : story.messages[reply]!.label
    const asked = visible(label).replaceAll(visible(story.key), 'k').replace(EXPIRY, '')
    const text = answer === '' ? asked : `${fit(asked, EXCHANGE_COLUMNS_MAX - 8)} → ${fit(visible(answer), 5)}`
    return [{ client: from, atUs: sentUs, text, isGuilty: index === guilty }]
  })
  return withoutRepeats(all)
}

/** What is asked of several servers at once is told once, with how often. */
function withoutRepeats(all: readonly Exchange[]): readonly Exchange[] {
  const isSame = (a: Exchange, b: Exchange): boolean =>
    a.client === b.client && a.atUs === b.atUs && a.text === b.text && a.isGuilty === b.isGuilty
  return all.flatMap((exchange, index) => {
    const same = all.filter((other) => isSame(other, exchange))
    if (all.findIndex((other) => isSame(other, exchange)) !== index) return []
    return [same.length === 1 ? exchange : { ...exchange, text: `${exchange.text} ×${same.length}` }]
  })
}

/** What every lock says and no story is about. */
const EXPIRY = / (PX|EX) \d+/i

/** Whether a symbol put there would touch no words. */
const isApart = (row: TextRow, column: number): boolean =>
  row.at(column) === ' ' && (column === 0 || row.at(column - 1) === ' ')

const withInstants = (marks: readonly number[], instants: readonly number[]): readonly number[] =>
  [...new Set([...marks, ...instants])].sort((a, b) => a - b)

/** The guilty one first: it always has its words. What has no room is left out, since the page has all. */
function exchangeRows(canvas: Canvas, exchanges: readonly Exchange[], client: string): readonly TextRow[] {
  const own = exchanges.filter((exchange) => exchange.client === client)
  const rows: TextRow[] = []
  for (const { atUs, text, isGuilty } of [...own].sort(
    (a, b) => Number(b.isGuilty) - Number(a.isGuilty) || a.atUs - b.atUs,
  )) {
    const column = columnOf(canvas, atUs)
    const style: Style = isGuilty ? 'violated' : 'faint'
    const place = (row: TextRow): boolean => {
      if (!isApart(row, column)) return false
      row.put(column, isGuilty ? '✗' : '▸', style)
      if (row.labelBeside(column, column, [text], style)) return true
      row.put(column, ' ', null)
      return false
    }
    if (rows.some(place) || rows.length === EXCHANGE_ROWS_MAX) continue
    const row = new TextRow(canvas.columns)
    if (place(row)) rows.push(row)
  }
  // Read from top to bottom as from left to right.
  return rows.sort((a, b) => a.usedFrom - b.usedFrom)
}

/** What all rows of one timeline share. */
interface Canvas {
  readonly story: DrawnStory
  readonly words: PictureWords
  readonly scale: TimeScale
  readonly window: StoryWindow
  readonly columns: number
}

const columnOf = (canvas: Canvas, us: number): number => Math.round(canvas.scale.x(us))

/** What stops a process is drawn over its own lane; what happens around it, on the lane of the faults. */
const isDrawnOn = (bar: Bar, lane: Lane, story: DrawnStory): boolean => {
  if (bar.kind === 'pause' || bar.kind === 'crash') {
    return lane.kind !== 'faults' || !isElsewhere(bar, lane, story)
  }
  if (bar.kind === 'truth' || bar.kind === 'copy') return lane.kind !== 'client'
  return bar.kind === 'belief' || lane.kind === 'faults' || !isElsewhere(bar, lane, story)
}

/** Whether another lane has the same disturbance: a partition is on the lane of every process it cuts off. */
function isElsewhere(bar: Bar, lane: Lane, story: DrawnStory): boolean {
  const isSame = (other: Bar): boolean => other.kind === bar.kind && other.fromUs === bar.fromUs
  return story.lanes.some((other) => other !== lane && isMain(other, bar) && other.bars.some(isSame))
}

const isMain = (lane: Lane, bar: Bar): boolean =>
  bar.kind === 'pause' || bar.kind === 'crash' ? lane.kind !== 'faults' : lane.kind === 'faults'

/** Lanes with something to see in the window, and how many there were no room for. */
function lanesOf(
  story: DrawnStory,
  focus: Focus | null,
  window: StoryWindow,
): { readonly shown: readonly Lane[]; readonly hiddenCount: number } {
  const seen = story.lanes.map((lane): Lane => {
    const bars = lane.bars.filter(
      (bar) => bar.fromUs <= window.untilUs && bar.untilUs >= window.fromUs && isDrawnOn(bar, lane, story),
    )
    const inside = lane.marks.filter((mark) => mark.atUs >= window.fromUs && mark.atUs <= window.untilUs)
    const telling = inside.filter((mark) => isTelling(story, mark))
    // Whom the violation names is never left out, even if all it has to show is an attempt that failed.
    const isBare = bars.length === 0 && telling.length === 0 && focus?.processes.includes(lane.name) === true
    const attempts = inside.filter((mark) => !isPoll(mark))
    return { ...lane, bars, marks: isBare ? nearest(attempts, focus, ATTEMPTS_MAX, (mark) => mark.atUs) : telling }
  })
  const busy = seen.filter((lane) => lane.bars.length > 0 || lane.marks.length > 0)
  if (busy.length <= LANES_MAX) return { shown: busy, hiddenCount: 0 }
  // The clients that the violation is not about give way first.
  const isNeeded = (lane: Lane): boolean => lane.kind !== 'client' || focus?.processes.includes(lane.name) === true
  const kept = new Set([...busy.filter(isNeeded), ...busy.filter((lane) => !isNeeded(lane))].slice(0, LANES_MAX))
  return { shown: busy.filter((lane) => kept.has(lane)), hiddenCount: busy.length - LANES_MAX }
}

function axisRows(canvas: Canvas, focus: Focus | null, marks: readonly number[]): readonly [TextRow, TextRow] {
  const { scale, window, columns } = canvas
  const times = new TextRow(columns)
  const ruler = new TextRow(columns)
  ruler.fill(0, columns - 1, '─', 'faint')
  for (const gap of scale.breaks) {
    const middle = Math.round((gap.fromX + gap.untilX) / 2)
    if (gap.untilX - gap.fromX >= 4) ruler.put(middle - 1, '╱╱', 'faint')
  }
  for (const tick of axisTicks({ scale, window, focus, landmarks: marks, widthOf: textWidth, gap: 2 })) {
    times.put(Math.round(tick.textX), tick.text, 'faint')
    ruler.put(Math.round(tick.x), '┬', 'faint')
  }
  return [times, ruler]
}

/** What a process has, or believes to have, and not what befell it. */
const HELD: ReadonlySet<Bar['kind']> = new Set(['belief', 'truth', 'copy'])

/** The bars of a lane on one line, its marks on a second (and a third, where labels do not fit). */
function laneRows(canvas: Canvas, lane: Lane): TextRow[] {
  const rows: TextRow[] = []
  const held = lane.bars.filter(({ kind }) => HELD.has(kind))
  const done = lane.bars.filter(({ kind }) => !HELD.has(kind))
  if (lane.kind === 'faults') rows.push(...faultRows(canvas, done))
  else if (lane.bars.length > 0) rows.push(barRow(canvas, held, done))
  if (lane.marks.length > 0) rows.push(...markRows(canvas, lane))
  return rows
}

function barRow(canvas: Canvas, held: readonly Bar[], done: readonly Bar[]): TextRow {
  const row = new TextRow(canvas.columns)
  for (const bar of held) drawHold(canvas, row, bar)
  for (const bar of done) drawDisturbance(canvas, row, bar)
  for (const bar of held) {
    const line = bar.kind === 'belief' ? '─' : '═'
    row.label(columnOf(canvas, bar.fromUs), columnOf(canvas, bar.untilUs), line, labelsOf(bar, canvas))
  }
  return row
}

/** Faults that last at the same time get a row each. */
function faultRows(canvas: Canvas, bars: readonly Bar[]): readonly TextRow[] {
  const rows: { readonly row: TextRow; freeFrom: number }[] = []
  for (const bar of [...bars].sort((a, b) => a.fromUs - b.fromUs)) {
    const from = columnOf(canvas, bar.fromUs)
    let target = rows.find(({ freeFrom }) => freeFrom <= from)
    if (target === undefined) {
      target = { row: new TextRow(canvas.columns), freeFrom: 0 }
      rows.push(target)
    }
    drawDisturbance(canvas, target.row, bar)
    target.freeFrom = Math.max(columnOf(canvas, bar.untilUs) + 1, target.row.usedUntil + 2)
  }
  return rows.map(({ row }) => row)
}

function labelsOf(bar: Bar, { story, words }: Pick<Canvas, 'story' | 'words'>): readonly string[] {
  const label = labelIn(words, visible(bar.label))
  const owner = visible(bar.owner)
  if (bar.kind === 'belief') return [words.text.holds]
  const token = isToldByOperations(story) ? [] : [words.text.token(owner)]
  return [label.startsWith(owner) ? label : `${owner}: ${label}`, ...token, words.owns(owner)]
}

/** `├───┤`, or `╞═══╡` for what Redis has; open where the window cuts it. */
function drawHold({ scale, window }: Canvas, row: TextRow, bar: Bar): void {
  const [start, line, end, both, point] = bar.kind === 'belief' ? '├─┤┼│' : '╞═╡╪║'
  const from = Math.round(scale.x(bar.fromUs))
  const until = Math.round(scale.x(bar.untilUs))
  if (from === until) {
    row.put(from, row.at(from) === ' ' ? point! : both!, null)
    return
  }
  const before = row.at(from)
  row.fill(from, until, line!, null)
  if (bar.fromUs >= window.fromUs) row.put(from, before === ' ' ? start! : both!, null)
  if (bar.untilUs <= window.untilUs) row.put(until, end!, null)
}

const FILLS = { pause: '·', crash: ' ', partition: '╌', skew: '~', fault: '▪' } as const

function drawDisturbance(canvas: Canvas, row: TextRow, bar: Bar): void {
  if (bar.kind === 'belief' || bar.kind === 'truth' || bar.kind === 'copy') return
  const from = columnOf(canvas, bar.fromUs)
  const until = columnOf(canvas, bar.untilUs)
  const fill = FILLS[bar.kind]
  const { words } = canvas
  const paused = bar.kind === 'pause' ? [words.paused(durationText(bar.untilUs - bar.fromUs)), words.text.paused] : []
  const labels = [...paused, visible(bar.label), words.bars[bar.kind]]
  if (until - from < 2) {
    row.put(from, bar.kind === 'crash' ? '✗' : '▪', 'unknown')
    row.labelBeside(from, from, labels, 'unknown')
    return
  }
  // The ends of a hold stay visible under a pause, unless nothing of it could be seen then.
  let isSeen = false
  for (let column = from; column < until; column += 1) {
    if ('├┤┼╞╡╪│║'.includes(row.at(column))) continue
    row.put(column, fill, 'unknown')
    isSeen = true
  }
  if (!isSeen) row.put(from, '▪', 'unknown')
  if (bar.kind === 'crash') row.put(from, '✗', 'unknown')
  row.label(from, until, fill, labels, 'unknown')
}

function markRows(canvas: Canvas, lane: Lane): readonly TextRow[] {
  const rows = [new TextRow(canvas.columns), new TextRow(canvas.columns)]
  let used = 1
  for (const mark of [...lane.marks].sort((a, b) => a.atUs - b.atUs)) {
    const column = columnOf(canvas, mark.atUs)
    const symbol = mark.kind === 'effect' ? '◆' : mark.kind === 'refused' ? '◇' : '▴'
    const style: Style = mark.kind === 'refused' ? 'valid' : null
    const label = markIn(canvas.words, visible(mark.label))
    const labelled = rows.findIndex((row) => {
      if (!isApart(row, column)) return false
      row.put(column, symbol, style)
      if (row.labelBeside(column, column, [label], style)) return true
      row.put(column, ' ', null)
      return false
    })
    if (labelled >= 0) used = Math.max(used, labelled + 1)
    else rows[0]!.put(column, symbol, style)
  }
  return rows.slice(0, used)
}

function focusRow(canvas: Canvas, focus: Focus, caption: string): TextRow {
  const row = new TextRow(canvas.columns)
  const from = columnOf(canvas, focus.atUs)
  const until = columnOf(canvas, focus.untilUs)
  if (from === until) row.put(from, '▲', 'violated')
  else row.fill(from, until, '▒', 'violated')
  const lasted = durationText(focus.untilUs - focus.atUs)
  const labels =
    from === until && focus.untilUs === focus.atUs ? [caption] : [canvas.words.text.lasts(caption, lasted), lasted]
  row.labelBeside(from, until, labels, 'violated')
  return row
}
