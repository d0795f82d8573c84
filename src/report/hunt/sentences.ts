/**
 * A hunt in words: the same ones in every format.
 */

import type { Language } from '../../text/language.ts'
import type { CellWord } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import type { HuntReport, HuntViolation } from './hunt-report.ts'

/** The verdicts that storms are counted by, worst first. */
export const STATUSES = ['violated', 'unknown', 'vacuous', 'valid'] as const

/** The word of a whole hunt. */
export function huntWord({ verdict, violations }: HuntReport): CellWord {
  if (verdict !== 'violated') return verdict
  return violations.every(({ kind }) => kind === 'limit') ? 'limit' : 'bug'
}

/** The verdict as the title of a page: `set-nx-lua: 1 bug, 6 limits`. */
export function huntTitle(
  { lock, verdict, violations, moreViolations, sometimes }: HuntReport,
  language: Language = 'en',
): string {
  const say = TITLES[language]
  switch (verdict) {
    case 'violated': {
      const bugs = violations.filter(({ kind }) => kind === 'bug').length
      const limits = violations.length - bugs
      const parts = [
        ...(bugs > 0 ? [say.bugs(bugs)] : []),
        ...(limits > 0 ? [say.limits(limits)] : []),
        ...(moreViolations > 0 ? [say.more(moreViolations)] : []),
      ]
      return `${lock}${say.colon}${parts.join(say.comma)}`
    }
    case 'unknown':
      return `${lock}${say.colon}${say.unknown}`
    case 'vacuous':
      return `${lock}${say.colon}${sometimes.done === 0 ? say.notDone : say.notExercised}`
    case 'valid':
      return `${lock}${say.colon}${say.valid}`
  }
}

const TITLES = {
  en: {
    colon: ': ',
    comma: ', ',
    bugs: (count: number) => counted(count, 'bug'),
    limits: (count: number) => counted(count, 'limit'),
    more: (count: number) => `${countText(count)} more`,
    unknown: 'no violation was found, but not everything was tested',
    notDone: 'nothing was done, so nothing was tested',
    notExercised: 'nothing was exercised, so nothing was tested',
    valid: 'no violation was found',
  },
  zh: {
    colon: '：',
    comma: '，',
    bugs: (count: number) => `${countText(count)} 个缺陷`,
    limits: (count: number) => `${countText(count)} 个极限`,
    more: (count: number) => `另有 ${countText(count)} 个`,
    unknown: '没有发现违反，但并非都测到了',
    notDone: '什么也没做，所以什么也没测到',
    notExercised: '没有竞争，所以什么也没测到',
    valid: '没有发现违反',
  },
}

/** `1 fault`, `no fault` */
export const faultCountText = (count: number, language: Language = 'en'): string =>
  language === 'zh' ? `${countText(count)} 个故障` : count === 0 ? 'no fault' : counted(count, 'fault')

/** Whether its storm could be run again: else nothing was left out of it and nothing was tried against it. */
export const isExplained = ({ historyHash }: HuntViolation): boolean => historyHash !== ''

/** For each fault of its storm, in words: whether the violation needs it. */
export const necessityText = (violation: HuntViolation, index: number, language: Language = 'en'): string =>
  NECESSITY[language][
    isExplained(violation) ? (violation.necessary[index] === true ? 'necessary' : 'not necessary') : 'not tried'
  ]

const NECESSITY: Readonly<Record<Language, Record<'necessary' | 'not necessary' | 'not tried', string>>> = {
  en: {
    necessary: 'necessary: without it the violation is gone',
    'not necessary': 'not necessary',
    'not tried': 'not tried without it',
  },
  zh: { necessary: '必要：没有它就没有这个问题', 'not necessary': '不必要', 'not tried': '没有试过去掉它' },
}

/** The faults of its storm in a line. */
export const stormLine = ({ story }: HuntViolation): string => (story.length === 0 ? 'no fault' : story.join('; '))

/** How the storm was made small: `Found with 4 faults, shrunk to 1.` */
export function shrinkText(violation: HuntViolation, language: Language = 'en'): string {
  const { foundWithFaults, faults } = violation
  const now = faults.length
  if (language === 'zh') {
    const found = `发现时有 ${faultCountText(foundWithFaults, 'zh')}`
    if (!isExplained(violation)) return `${found}，没有缩小。`
    return foundWithFaults > now ? `${found}，缩小到 ${countText(now)} 个。` : `${found}。`
  }
  if (!isExplained(violation)) return `Told as it was found, with ${faultCountText(foundWithFaults)}.`
  const shrunk = foundWithFaults > now ? `, shrunk to ${countText(now)}` : ''
  return `Found with ${faultCountText(foundWithFaults)}${shrunk}.`
}

/** How often it happened: `25 of 608 storms.` */
export function oftenText(report: HuntReport, { seen, random }: HuntViolation, language: Language = 'en'): string {
  if (language === 'zh') {
    const often = `${countText(report.storms.tried)} 场风暴中出现 ${countText(seen)} 次。`
    if (random === null) return often
    const drawn = `${countText(random.of)} 场随机风暴中出现 ${countText(random.seen)} 次。`
    return random.cleanRunsNeeded === null
      ? `${often}${drawn}`
      : `${often}${drawn}修复之后，${countText(random.cleanRunsNeeded)} 场随机风暴都不再出现，才可以相信它有效（95 %）。`
  }
  const parts = [`Seen in ${countText(seen)} of ${counted(report.storms.tried, 'storm')}.`]
  if (random !== null) {
    parts.push(`In ${countText(random.seen)} of ${counted(random.of, 'random storm')}.`)
    if (random.cleanRunsNeeded !== null) {
      parts.push(
        `${counted(random.cleanRunsNeeded, 'random storm')} without it, and one may believe (95 %) that a fix works.`,
      )
    }
  }
  return parts.join(' ')
}

/** What a tried cure did. */
export const CURE_WORDS = {
  cured: '✓ cured',
  changed: '! gone, but another violation is there then',
  still: '✗ still there',
} as const

/** Why the search ended before its end; null: it did not. */
export function stopText({ stoppedBy }: HuntReport): string | null {
  switch (stoppedBy) {
    case 'failures':
      return 'The search ended when it had found as many failures as were asked for.'
    case 'lost':
      return 'The search was given up: the code under test cost one worker after the other.'
    case 'interrupt':
      return 'The search was interrupted: this is what was found by then.'
    case 'missing':
      return 'Parts of the hunt are missing: what they hold was not judged.'
    case null:
      return null
  }
}

/** What the exhaustive part covered, in sentences. */
export function coverText({ storms }: HuntReport): readonly string[] {
  const { exhaustiveUpTo, pairs, ordersCut, allMagnitudes, random, byFaultCount } = storms
  const lines: string[] = []
  if (exhaustiveUpTo === null) lines.push('Not even all storms without faults were run.')
  else if (exhaustiveUpTo === 0) lines.push('All storms without faults were run.')
  else lines.push(`All storms of up to ${counted(exhaustiveUpTo, 'fault')} were run.`)
  if (allMagnitudes) {
    lines.push(
      'Of one fault by itself all magnitudes are covered, up to 3.2 leases: between two that led to one course, the same steps in one order, none was run; two that led to different ones are at most a 200th of the lease apart.',
    )
  }
  if (pairs !== null && (exhaustiveUpTo ?? 0) < 2) {
    const tried = byFaultCount[2] ?? 0
    const share = random > 0 ? '' : `, of which ${tried === 0 ? 'none was' : `${countText(tried)} were`} run`
    lines.push(`There are ${countText(pairs)} storms of 2 faults${share}.`)
  }
  if (ordersCut) lines.push('There are more orders of simultaneous arrivals than were tried.')
  lines.push('Of each stretch of waiting only the first and the last polls are struck.')
  return lines
}

/** `a storm of 1 fault; 25 of 628 · seed 7301 · shrunk 4 faults → 1` */
export function foundText(report: HuntReport, violation: HuntViolation): string {
  const { faults, foundWithFaults, seen, random } = violation
  const shrunk = foundWithFaults > faults.length ? [`shrunk ${foundWithFaults} faults → ${faults.length}`] : []
  const often =
    random === null || random.cleanRunsNeeded === null
      ? []
      : [`${countText(random.cleanRunsNeeded)} clean random storms to believe a fix`]
  const kind = faults.length === 0 ? 'a run without faults' : `a storm of ${counted(faults.length, 'fault')}`
  const count = `${countText(seen)} of ${countText(report.storms.tried)} storms`
  return [`${kind}; ${count}`, `seed ${report.seed}`, ...shrunk, ...often].join(' · ')
}

/** The single changes that make the storm pass. */
export function cureText({ cures }: HuntViolation): { readonly cure?: string } {
  const found = cures.filter(({ outcome }) => outcome === 'cured').map(({ repair }) => repair)
  if (found.length > 0) return { cure: found.join(', ') }
  return cures.length === 0 ? {} : { cure: `none of ${cures.map(({ repair }) => repair).join(', ')}` }
}

/** Of the cures that were tried, those that cured: `renewal, fencing`. */
export function curedBy({ cures }: HuntViolation): string {
  const cured = cures.filter(({ outcome }) => outcome === 'cured').map(({ repair }) => repair)
  return cures.length === 0 ? '–' : cured.length === 0 ? 'none of those tried' : cured.join(', ')
}
