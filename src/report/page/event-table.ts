/**
 * The table of events under a picture: the same world in words, for readers who cannot see the picture or want to know
 * exactly.
 */

import type { SpaceTime } from '../../picture/space-time.ts'
import type { Focus } from '../../picture/story-window.ts'
import type { TraceRecord } from '../../sim/trace.ts'
import { escapeHtml } from '../../text/escape.ts'
import { counted, countText, secondsText } from '../../text/time.ts'
import { fit } from '../../text/width.ts'
import type { Story } from '../../world/story-data.ts'

const VALUE_COLUMNS_MAX = 140

export interface EventsOptions {
  readonly recordsMax: number
  /** The picture that the rows point into. */
  readonly picture: SpaceTime
  /** Where all events are, relative to the page; null: nowhere but in a replay. */
  readonly file: string | null
}

/** The `<details>` with the events around the focus. */
export function eventTable(story: Story, focus: Focus | null, { recordsMax, picture, file }: EventsOptions): string {
  const { records } = story
  if (records.length === 0) return ''
  const ranges = chooseRecords(records, focus, recordsMax)
  const shownCount = ranges.reduce((sum, [from, until]) => sum + until - from, 0)
  const title =
    shownCount === records.length
      ? `All ${counted(shownCount, 'event')}`
      : `Events: the ${countText(shownCount)} around the violation, of ${countText(records.length)}`
  const rows: string[] = []
  let done = 0
  for (const [from, until] of ranges) {
    if (from > done) rows.push(skipped(from - done))
    for (const record of records.slice(from, until)) rows.push(row(record, focus, picture))
    done = until
  }
  if (done < records.length) rows.push(skipped(records.length - done))
  const all =
    file === null
      ? ''
      : `\n<p class="soft">All events of this world, one a line: <a href="${escapeHtml(file)}">${escapeHtml(file)}</a></p>`
  return `<details><summary>${title}</summary>
<div class="scroll" tabindex="0" role="group" aria-label="Table of events"><table class="events"><thead><tr><th scope="col">time, s<th scope="col">process<th scope="col">type<th scope="col">operation<th scope="col">value</thead><tbody>
${rows.join('\n')}
</tbody></table></div>${all}</details>`
}

/** Ranges of indexes: around the beginning of the focus and around its end, at most `max` records together. */
function chooseRecords(records: readonly TraceRecord[], focus: Focus | null, max: number): readonly [number, number][] {
  if (records.length <= max) return [[0, records.length]]
  if (focus === null) return [[0, max]]
  const index = (us: number): number => {
    const found = records.findIndex((record) => record.atUs >= us)
    return found < 0 ? records.length - 1 : found
  }
  const [start, end] = [index(focus.atUs), index(focus.untilUs)]
  if (end - start <= max / 2) return [around((start + end) >> 1, max, records.length)]
  const half = max >> 1
  return [around(start, half, records.length), around(end, half, records.length)]
}

function around(middle: number, count: number, length: number): [number, number] {
  const from = Math.max(0, Math.min(middle - (count >> 1), length - count))
  return [from, Math.min(length, from + count)]
}

/** Closing tags of rows and cells are left out, as HTML allows: a page has thousands of them. */
function row({ atUs, process, type, op, value }: TraceRecord, focus: Focus | null, picture: SpaceTime): string {
  const isIn = focus !== null && atUs >= focus.atUs && atUs <= focus.untilUs
  const x = picture.x(atUs)
  const attributes = `${isIn ? ' class="in"' : ''}${x === null ? '' : ` data-x="${x}"`}`
  return `<tr${attributes}><td>${secondsText(atUs)}<td>${escapeHtml(process)}<td>${type}<td>${escapeHtml(op)}<td>${escapeHtml(fit(valueText(value), VALUE_COLUMNS_MAX))}`
}

function valueText(value: TraceRecord['value']): string {
  if (value === null) return ''
  if (typeof value !== 'object') return String(value)
  return value.map((item) => (item === null ? '–' : String(item))).join(' · ')
}

const skipped = (count: number): string => `<tr><td class="skipped" colspan="5">${counted(count, 'event')} not shown`
