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
export function stopText({ stoppedBy }: HuntReport, language: Language = 'en'): string | null {
  return stoppedBy === null ? null : STOPS[language][stoppedBy]
}

const STOPS: Readonly<Record<Language, Readonly<Record<NonNullable<HuntReport['stoppedBy']>, string>>>> = {
  en: {
    failures: 'The search ended when it had found as many failures as were asked for.',
    lost: 'The search was given up: the code under test cost one worker after the other.',
    interrupt: 'The search was interrupted: this is what was found by then.',
    missing: 'Parts of the hunt are missing: what they hold was not judged.',
  },
  zh: {
    failures: '找到的失败达到了要求的个数，搜索就此结束。',
    lost: '搜索被放弃：被测代码让工作线程一个接一个地终止。',
    interrupt: '搜索被中断：这是到那时为止的发现。',
    missing: '搜索缺少一些部分：那些部分没有判定。',
  },
}

/** What came of it, in Chinese; reports have a statement in English. */
export function statementZh({ verdict, violations, storms }: HuntReport): string {
  const known = violations.filter(({ accepted }) => accepted === 'baseline').length
  const found =
    verdict === 'violated'
      ? `有 ${countText(violations.length)} 个发现${known === 0 ? '' : `，其中 ${countText(known)} 个是已知的`}`
      : verdict === 'unknown'
        ? `没有发现违反，但有 ${countText(storms.byVerdict.unknown)} 场触及了限制`
        : verdict === 'vacuous'
          ? '什么也没测到'
          : '没有发现违反'
  const random = storms.random === 0 ? '' : `（其中随机 ${countText(storms.random)} 场）`
  return `运行了 ${countText(storms.tried)} 场风暴${random}，${found}。`
}

/** What the exhaustive part covered, in sentences. */
export function coverText({ storms }: HuntReport, language: Language = 'en'): readonly string[] {
  const { exhaustiveUpTo, singles, pairs, ordersCut, allMagnitudes, random, byFaultCount } = storms
  const say = COVER[language]
  const lines: string[] = []
  if (exhaustiveUpTo === null) lines.push(say.notEvenNone)
  else if (exhaustiveUpTo === 0) lines.push(say.none)
  else lines.push(say.upTo(exhaustiveUpTo))
  if (allMagnitudes) lines.push(say.magnitudes)
  // Drawn storms have any number of faults: how many of those there are were run is not known.
  const triedOf = (faults: number): number | null => (random > 0 ? null : (byFaultCount[faults] ?? 0))
  if (singles !== null && (exhaustiveUpTo ?? 0) < 1) lines.push(say.more(1, singles, triedOf(1)))
  if (pairs !== null && (exhaustiveUpTo ?? 0) < 2) lines.push(say.more(2, pairs, triedOf(2)))
  if (ordersCut) lines.push(say.orders)
  lines.push(say.polls)
  return lines
}

interface Cover {
  readonly notEvenNone: string
  readonly none: string
  readonly upTo: (faults: number) => string
  readonly magnitudes: string
  /** `tried` null: it is not known how many of them were run. */
  readonly more: (faults: number, count: number, tried: number | null) => string
  readonly orders: string
  readonly polls: string
}

const COVER: Readonly<Record<Language, Cover>> = {
  en: {
    notEvenNone: 'Not even all storms without faults were run.',
    none: 'All storms without faults were run.',
    upTo: (faults) => `All storms of up to ${counted(faults, 'fault')} were run.`,
    magnitudes:
      'Of one fault by itself all magnitudes are covered, up to 3.2 leases: between two that led to one course, the same steps in one order, none was run; two that led to different ones are at most a 200th of the lease apart.',
    more: (faults, count, tried) => {
      const share = tried === null ? '' : `, of which ${tried === 0 ? 'none was' : `${countText(tried)} were`} run`
      return `There are ${countText(count)} storms of ${counted(faults, 'fault')}${share}.`
    },
    orders: 'There are more orders of simultaneous arrivals than were tried.',
    polls: 'Of each stretch of waiting only the first and the last polls are struck.',
  },
  zh: {
    notEvenNone: '连没有故障的风暴也没有全部运行。',
    none: '没有故障的风暴全部运行过。',
    upTo: (faults) => `不超过 ${countText(faults)} 个故障的风暴全部运行过。`,
    magnitudes:
      '单个故障的所有大小都已覆盖，最大到 3.2 个租约：如果两个大小走的是同一条路（同样的步骤，同样的顺序），它们之间的就不再运行；走不同路的两个大小，最多相差租约的 1/200。',
    more: (faults, count, tried) => {
      const share = tried === null ? '' : tried === 0 ? '，一场也没有运行' : `，运行了其中 ${countText(tried)} 场`
      return `${faults} 个故障的风暴共有 ${countText(count)} 场${share}。`
    },
    orders: '同时到达的消息还有更多的先后顺序没有试过。',
    polls: '每段等待中，只有第一次和最后一次轮询会受到故障。',
  },
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
