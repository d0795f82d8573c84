/**
 * Anchors as scenarios write them: `120ms`, `A after acquire`, `B before release 2`, `A before send 3`,
 * `redis-1 before exec 7`.
 */
import type { Anchor, Site } from '../fault/fault.ts'
import { isProcessName, PROCESS } from '../fault/settings.ts'
import { parseDurationUs } from '../sim/units.ts'

/** The places in the flow of messages, all of them `before`. */
export const SITES: readonly Site[] = ['send', 'reply', 'exec', 'answer']

/** What an anchor looks like, for the JSON Schema that editors read. */
export const ANCHOR_PATTERN = new RegExp(
  String.raw`^(\d+(\.\d+)?(us|ms|s|m|h)|${PROCESS} (before|after) [a-z][a-z-]*( [1-9]\d*)?)$`,
)

export const ANCHOR_EXPECTED = 'a time such as 120ms, or a moment such as "A after acquire" or "A before send 3"'

/** Null: not an anchor. Whether its process and operation exist is for the loader to say. */
export function parseAnchor(text: string): Anchor | null {
  const atUs = parseDurationUs(text)
  if (atUs !== null) return { kind: 'time', atUs }
  const [process = '', when, op = '', countText = '1', ...rest] = text.trim().split(/\s+/)
  const count = Number(countText)
  if (!isProcessName(process) || !/^[a-z][a-z-]*$/.test(op) || rest.length > 0) return null
  if (!/^[1-9]\d*$/.test(countText) || !Number.isSafeInteger(count)) return null
  if (when !== 'before' && when !== 'after') return null
  const site = SITES.find((known) => known === op)
  if (site === undefined) return { kind: 'event', process, when, op, count }
  // What comes after a send is the server's turn: `redis-1 before exec` says it exactly.
  return when === 'before' ? { kind: 'site', process, site, count } : null
}

/** Back to text, for reports and replays. */
export function describeAnchor(anchor: Anchor, formatTime: (us: number) => string): string {
  switch (anchor.kind) {
    case 'time':
      return formatTime(anchor.atUs)
    case 'event':
      return `${anchor.process} ${anchor.when} ${anchor.op}${anchor.count === 1 ? '' : ` ${anchor.count}`}`
    case 'site':
      return `${anchor.process} before ${anchor.site} ${anchor.count}`
  }
}
