/**
 * What is said of violations, a folder for each language. A kind of violation or cause more does not compile until every language has words
 * for it.
 *
 * Each sentence that names what clients asked is given which service that was; undefined: a Redis.
 */
import type { Cause } from '../check/cause.ts'
import type { Told } from '../check/told.ts'
import type { Service } from '../history/history.ts'
import type { Language } from '../text/language.ts'
import type { Advice } from './advice.ts'
import { ADVICE as ADVICE_EN } from './en/advice.ts'
import { causeWords as causeEn } from './en/cause.ts'
import { needWords as needEn } from './en/needs.ts'
import { toldWords as toldEn } from './en/sentence.ts'
import type { Need } from './needs.ts'
import { ADVICE as ADVICE_ZH } from './zh/advice.ts'
import { causeWords as causeZh } from './zh/cause.ts'
import { needWords as needZh } from './zh/needs.ts'
import { toldWords as toldZh } from './zh/sentence.ts'

interface ViolationWords {
  /** What happened, in one sentence. */
  readonly told: (told: Told, service: Service | undefined) => string
  /** Why, in one or two. */
  readonly cause: (cause: Cause, service: Service | undefined) => string
  /** What to do, in the imperative. */
  readonly advice: Readonly<Record<Advice, string>>
  /** What it takes besides the client's code. */
  readonly needs: (need: Need, service: Service | undefined) => string
}

export const WORDS: Readonly<Record<Language, ViolationWords>> = {
  en: { told: toldEn, cause: causeEn, advice: ADVICE_EN, needs: needEn },
  zh: { told: toldZh, cause: causeZh, advice: ADVICE_ZH, needs: needZh },
}
