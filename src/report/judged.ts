/** What was judged of recorded histories, on the terminal: what is certain first, each with the lines that show it. */
import { visible } from '../text/escape.ts'
import type { Palette } from '../text/palette.ts'
import { paint, symbolOf } from '../text/status-word.ts'
import { counted, countText } from '../text/time.ts'
import { wrap } from '../text/width.ts'

/** As much of a judged report as is told. */
interface ToldReport {
  readonly status: 'valid' | 'violated' | 'unknown' | 'vacuous'
  readonly clockErrorMs: number
  readonly histories: readonly unknown[]
  readonly belief: { readonly locks: number; readonly holds: number } | null
  readonly effect: { readonly resources: number; readonly writes: number } | null
  readonly shown: readonly {
    readonly property: string
    readonly status: 'violated' | 'unknown'
    readonly sentence: string
    readonly places: readonly string[]
  }[]
}

const TOLD_MAX = 20

/** Renders it; no newline at the end. */
export function judgedText(
  report: ToldReport,
  { palette, width }: { readonly palette: Palette; readonly width: number },
): string {
  const { status, shown, belief, effect, histories, clockErrorMs } = report
  const sorted = [...shown].sort((a, b) => Number(a.status === 'unknown') - Number(b.status === 'unknown'))
  const blocks = sorted.slice(0, TOLD_MAX).map((each) => {
    const [first = '', ...rest] = wrap(`${each.property}: ${visible(each.sentence)}`, width - 2)
    const lines = [`${symbolOf(each.status)} ${first}`, ...rest.map((line) => `  ${line}`)]
    const places = wrap(visible(each.places.join(', ')), width - 2).map((line) => palette.faint(`  ${line}`))
    return [...lines.map(paint(each.status, palette)), ...places].join('\n')
  })
  if (shown.length > TOLD_MAX) blocks.push(`  … and ${countText(shown.length - TOLD_MAX)} more: --json has all`)
  const read = [
    ...(histories.length === 0 ? [] : [counted(histories.length, 'history', 'histories')]),
    ...(belief === null ? [] : [`${counted(belief.holds, 'hold')} of ${counted(belief.locks, 'lock')}`]),
    ...(effect === null ? [] : [`${counted(effect.writes, 'write')} to ${counted(effect.resources, 'resource')}`]),
  ]
  const clocks = belief === null ? '' : `; clocks of two hosts may differ by ${clockErrorMs} ms (--clock-error)`
  const last = wrap(`${symbolOf(status)} ${status}: ${read.join(', ')}${clocks}`, width - 2)
  blocks.push(last.map((line, index) => paint(status, palette)(index === 0 ? line : `  ${line}`)).join('\n'))
  return blocks.join('\n\n')
}
