/** A violation as pages have it: what is said of it in each language. */
import type { InLanguages } from '../../text/language.ts'
import { counted } from '../../text/time.ts'
import { adviceOf } from '../../words/advice.ts'
import { headingsOf } from '../../words/heading.ts'
import { needsOf } from '../../words/needs.ts'
import { sentenceOf, whyOf } from '../../words/sentence.ts'
import type { ToldViolation } from '../../words/told-violation.ts'
import type { PageViolation } from './page-data.ts'

/** The violation, of the world that is drawn; `token` replays it. */
export const pageViolation = (violation: Omit<ToldViolation, 'weight'>, token: string): PageViolation => ({
  property: violation.property,
  kind: violation.kind,
  heading: headingsOf(violation.property),
  sentence: { en: violation.sentence, zh: sentenceOf(violation, 'zh') },
  why: { en: violation.why, zh: whyOf(violation, 'zh') },
  needs: both(violation.needs, needsOf(violation, 'zh')),
  atUs: violation.atUs,
  untilUs: violation.untilUs,
  processes: violation.processes,
  token,
  isShown: true,
})

/** What to do about it; null: no single change is known. */
export const adviceIn = (
  violation: Pick<ToldViolation, 'property' | 'told' | 'cause' | 'service'>,
): InLanguages | null => both(adviceOf(violation), adviceOf(violation, 'zh'))

/** Among the facts of a story: how many independent nodes its worlds had. */
export const nodesText = (nodes: number): InLanguages => ({
  en: counted(nodes, 'Redis node'),
  zh: `${nodes} 台 Redis 服务器`,
})

const both = (en: string | null, zh: string | null): InLanguages | null =>
  en === null || zh === null ? null : { en, zh }
