/**
 * What a hunt tried, as counts of storms: the same ones in every format. They are what a clean verdict is worth, so zeros are
 * told too: they say what was not tested.
 */
import { SOMETIMES, type Sometimes } from '../../check/sometimes.ts'
import type { Status } from '../../scenario/report.ts'
import type { Language } from '../../text/language.ts'
import { counted, countText, durationText } from '../../text/time.ts'
import type { HuntReport } from './hunt-report.ts'
import { coverText, faultCountText, STATUSES } from './sentences.ts'

/** In how many storms it was so. */
export type Counts<Name extends string = string> = readonly (readonly [name: Name, count: number])[]

/** How much was tried, in sentences. */
export function triedText(report: HuntReport, language: Language = 'en'): string {
  const { tried, virtualSeconds } = report.storms
  const lasted = durationText(virtualSeconds * 1_000_000)
  return language === 'zh'
    ? `共 ${countText(tried)} 场风暴，虚拟时间 ${lasted}。${coverText(report, 'zh').join('')}`
    : `${counted(tried, 'storm')}, ${lasted} of virtual time. ${coverText(report).join(' ')}`
}

/** By the number of faults; the last row may be a part of the others. */
export const byFaultCount = ({ storms }: HuntReport): Counts => [
  ...storms.byFaultCount.map((count, index) => [faultCountText(index), count] as const),
  ...(storms.random > 0 ? [['of these, random', storms.random] as const] : []),
]

export const byVerdict = ({ storms }: HuntReport): Counts<Status> =>
  STATUSES.map((status) => [status, storms.byVerdict[status]])

/** A storm of two kinds counts for both. */
export const byKind = ({ storms }: HuntReport): Counts => Object.entries(storms.byKind)

export const byFact = ({ sometimes }: HuntReport): Counts =>
  (Object.keys(SOMETIMES) as Sometimes[]).map((fact) => [SOMETIMES[fact], sometimes[fact]])

/** By the limit that was reached. */
export const byLimit = ({ unknown }: HuntReport): Counts => Object.entries(unknown)
