/** What was judged of recorded histories, on the terminal: what is certain first, each with the lines that show it. */
import { visible } from '../text/escape.ts'
import type { Palette } from '../text/palette.ts'
import { paint, symbolOf } from '../text/status-word.ts'
import { counted, countText } from '../text/time.ts'
import { wrap } from '../text/width.ts'

/** As much of a judged report as is told. */
export interface ToldReport {
  readonly status: 'valid' | 'violated' | 'unknown' | 'vacuous'
  /** By how much the clocks of two hosts may differ. */
  readonly clockErrorMs: number
  readonly histories: readonly unknown[]
  readonly belief: { readonly locks: number; readonly holds: number } | null
  readonly effect: { readonly resources: number; readonly writes: number } | null
  readonly server: {
    readonly servers: number
    readonly commands: number
    readonly locks: number
    readonly grants: number
  } | null
  readonly jepsen: { readonly histories: number; readonly operations: number } | null
  /** What the evidence does not tell. */
  readonly notes: readonly string[]
  /** Beyond what `shown` has room for. */
  readonly moreCount: number
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
  const { status, shown, server, belief, effect, jepsen, histories, notes, clockErrorMs } = report
  const sorted = [...shown].sort((a, b) => Number(a.status === 'unknown') - Number(b.status === 'unknown'))
  const blocks = sorted.slice(0, TOLD_MAX).map((each) => {
    const [first = '', ...rest] = wrap(`${each.property}: ${visible(each.sentence)}`, width - 2)
    const lines = [`${symbolOf(each.status)} ${first}`, ...rest.map((line) => `  ${line}`)]
    const places = wrap(visible(each.places.join(', ')), width - 2).map((line) => palette.faint(`  ${line}`))
    return [...lines.map(paint(each.status, palette)), ...places].join('\n')
  })
  const moreCount = Math.max(0, shown.length - TOLD_MAX) + report.moreCount
  if (moreCount > 0) blocks.push(`  … and ${countText(moreCount)} more: --json has ${countText(shown.length)}`)
  for (const note of notes)
    blocks.push(
      wrap(visible(note), width - 2)
        .map((line) => palette.faint(`  ${line}`))
        .join('\n'),
    )
  const read = [
    ...(histories.length === 0 ? [] : [counted(histories.length, 'history', 'histories')]),
    ...(server === null
      ? []
      : [
          `${counted(server.grants, 'grant')} of ${counted(server.locks, 'lock')} in ${counted(server.commands, 'command')} of servers`,
        ]),
    ...(belief === null ? [] : [`${counted(belief.holds, 'hold')} of ${counted(belief.locks, 'lock')}`]),
    ...(jepsen === null
      ? []
      : [
          `${counted(jepsen.operations, 'operation')} of ${counted(jepsen.histories, 'history', 'histories')} of Jepsen`,
        ]),
    ...(effect === null ? [] : [`${counted(effect.writes, 'write')} to ${counted(effect.resources, 'resource')}`]),
  ]
  const clocks =
    belief === null && (server === null || server.servers < 2)
      ? ''
      : `; clocks of two hosts may differ by ${clockErrorMs} ms (--clock-error)`
  const last = wrap(`${symbolOf(status)} ${status}: ${read.join(', ')}${clocks}`, width - 2)
  blocks.push(last.map((line, index) => paint(status, palette)(index === 0 ? line : `  ${line}`)).join('\n'))
  return blocks.join('\n\n')
}
