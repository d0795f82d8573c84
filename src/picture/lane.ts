/**
 * The content of one lane of a space-time diagram: bars, what the storm did, marks.
 *
 * Shapes and words come apart: the words of all lanes lie over everything else, so that no hatching hides them.
 */
import { assertNever } from '../sim/assert.ts'
import { escapeHtml } from '../text/escape.ts'
import { durationText, instantText } from '../text/time.ts'
import { at, type Frame, near, rightEnd, textPx } from './frame.ts'
import { type Bar, labelsOf, MARK_ROW, type Mark, type PlacedBar, type PlacedLane, type Span } from './layout.ts'
import { markIn, type PictureWords } from './picture-words.ts'

/** SVG of shapes, and of the words that lie over all of them: those of bars, and the small ones of marks. */
export interface LaneDrawing {
  readonly shapes: string
  readonly texts: string
  readonly labels: string
}

interface Drawing {
  readonly shapes: string
  readonly texts: string
}

/** Draws what is in a lane. */
export function drawLane(frame: Frame, placed: PlacedLane): LaneDrawing {
  const parts: Drawing[] = [...drawDisturbances(frame, placed)]
  for (const [index, row] of placed.rows.entries()) {
    for (const bar of row) parts.push(drawBar(frame, bar, placed.mainY + index * placed.rowHeight, placed.rowHeight))
  }
  for (const span of placed.truth) parts.push({ shapes: drawTruth(frame, placed, span), texts: '' })
  const marks = drawMarks(frame, placed)
  return {
    shapes: parts.map(({ shapes }) => shapes).join('') + marks.shapes,
    texts: parts.map(({ texts }) => texts).join(''),
    labels: marks.texts,
  }
}

function drawBar(frame: Frame, { bar, x, width, words, wordsX }: PlacedBar, y: number, rowHeight: number): Drawing {
  const shapes = `<rect class="${barClass(frame, bar)}" x="${x}" y="${near(y + 2)}" width="${width}" height="${near(rowHeight - 4)}"><title>${escapeHtml(tipOf(bar, frame.words))}</title></rect>`
  if (wordsX === null) return { shapes, texts: '' }
  // On a solid bar a light edge around the letters would blur them.
  const isSolid = bar.kind !== 'belief' && wordsX < x + width
  return { shapes, texts: text(isSolid ? 'bt' : 'bt edged', wordsX, y + rowHeight / 2 + 4, words) }
}

function barClass(frame: Frame, bar: Bar): string {
  if (bar.kind === 'belief') return `b ${frame.ownerClass(bar.owner)}`
  if (bar.kind === 'copy') return `t copy ${frame.ownerClass(bar.owner)}`
  if (bar.kind === 'truth') return `t ${frame.ownerClass(bar.owner)}`
  return 'f'
}

function drawTruth(frame: Frame, { truthY, lane }: PlacedLane, span: Span): string {
  const x = at(frame, span.fromUs)
  const width = Math.max(1, near(at(frame, span.untilUs) - x))
  return `<rect class="t ${frame.ownerClass(lane.name)}" x="${x}" y="${near(truthY)}" width="${width}" height="7"/>`
}

/** What the storm did to a process, with its words in the lane's strip as far as they do not run into each other. */
function drawDisturbances(frame: Frame, placed: PlacedLane): readonly Drawing[] {
  let freeX = 0
  return [...placed.disturbances]
    .sort((a, b) => a.fromUs - b.fromUs)
    .map((bar) => {
      const shapes = `<g><title>${escapeHtml(tipOf(bar, frame.words))}</title>${disturbanceShape(frame, placed, bar)}</g>`
      const words = disturbanceText(bar, frame.words)
      const x = Math.max(at(frame, bar.fromUs) + 4, freeX)
      const isRoomy = x + textPx(words) <= Math.max(at(frame, bar.untilUs), freeX + 1) || freeX === 0
      if (placed.stripY === null || !isRoomy || x + textPx(words) > rightEnd(frame)) return { shapes, texts: '' }
      freeX = x + textPx(words) + 12
      return { shapes, texts: text('st', x, placed.stripY, words) }
    })
}

function disturbanceText(bar: Bar, { paused, crashed, cutOff }: PictureWords): string {
  if (bar.kind === 'pause') return paused(durationText(bar.untilUs - bar.fromUs))
  if (bar.kind === 'crash') return crashed
  if (bar.kind === 'partition') return cutOff
  return bar.label
}

/** Grey over the lane for a pause, hatched for a crash; under it a broken line for a partition, a dotted one for a clock. */
function disturbanceShape(frame: Frame, { y, height, mainY }: PlacedLane, bar: Bar): string {
  const x = at(frame, bar.fromUs)
  const until = at(frame, bar.untilUs)
  const width = Math.max(1, near(until - x))
  const lineY = near(y + height - (bar.kind === 'partition' ? 2 : 6))
  switch (bar.kind) {
    case 'pause':
      return `<rect class="pause" x="${x}" y="${y}" width="${width}" height="${height}"/>`
    case 'crash':
      return `<rect class="crash" x="${x}" y="${y}" width="${width}" height="${height}"/><path class="x" d="M${near(x - 5)} ${mainY + 6}l10 10m0 -10l-10 10"/>`
    case 'partition': {
      const middle = near((x + until) / 2)
      return width < 40
        ? `<path class="partition" d="M${x} ${lineY}H${until}"/>`
        : `<path class="partition" d="M${x} ${lineY}H${near(middle - 8)}M${near(middle + 8)} ${lineY}H${until}"/><path class="broken" d="M${near(middle - 5)} ${lineY + 4}l4 -8m2 8l4 -8"/>`
    }
    case 'skew':
    case 'fault':
      return `<path class="skew" d="M${x} ${lineY}H${until}"/>`
    case 'belief':
    case 'truth':
    case 'copy':
      return ''
    default:
      return assertNever(bar.kind)
  }
}

/** Diamonds for what the resource did, dots for operations: one path for each owner's, as there are many. */
function drawMarks(frame: Frame, placed: PlacedLane): Drawing {
  const paths = new Map<string, string>()
  let texts = ''
  for (const { mark, x, row, isLabelled } of placed.marks) {
    const y = near(placed.marksY + 9 + row * MARK_ROW)
    const name = `${MARK_CLASSES[mark.kind]} ${frame.ownerClass(mark.owner)}`
    paths.set(name, (paths.get(name) ?? '') + markPath(mark, x, y))
    if (isLabelled)
      texts += `<text x="${Math.round(x + 8)}" y="${Math.round(y + 3.5)}">${escapeHtml(markIn(frame.words, mark.label))}</text>`
  }
  return { shapes: [...paths].map(([name, d]) => `<path class="${name}" d="${d}"/>`).join(''), texts }
}

const MARK_CLASSES: Readonly<Record<Mark['kind'], string>> = { effect: 'e', refused: 'r', operation: 'op' }

/** A dot is a line of no length with round ends. */
function markPath({ kind }: Mark, x: number, y: number): string {
  switch (kind) {
    case 'effect':
      return `M${near(x - 5)} ${y}l5 -5l5 5l-5 5z`
    case 'refused':
      return `M${near(x - 5)} ${y}l5 -5l5 5l-5 5zm3 -3l4 6m0 -6l-4 6`
    case 'operation':
      return `M${x} ${y}h0`
    default:
      return assertNever(kind)
  }
}

function tipOf(bar: Bar, words: PictureWords): string {
  const lasted = bar.untilUs > bar.fromUs ? durationText(bar.untilUs - bar.fromUs) : null
  return words.tip({
    what: words.bars[bar.kind],
    label: bar.label,
    words: labelsOf(bar, words)[0] ?? '',
    span: spanText(bar, words),
    lasted,
  })
}

function spanText({ fromUs, untilUs }: Span, { instant, span }: PictureWords): string {
  const gapUs = Math.max(1, untilUs - fromUs)
  return untilUs === fromUs
    ? instant(instantText(fromUs, 1000))
    : span(instantText(fromUs, gapUs), instantText(untilUs, gapUs))
}

const text = (className: string, x: number, y: number, words: string): string =>
  `<text class="${className}" x="${Math.round(x)}" y="${Math.round(y)}">${escapeHtml(words)}</text>`
