/**
 * Violations as sentences, in each language: one plain sentence for what happened, one or two for why. They may be reworded freely:
 * nothing is decided by them.
 */
import type { Violation } from '../check/verdict.ts'
import type { Language } from '../text/language.ts'
import { WORDS } from './words.ts'

/** What happened, in one sentence: who, what, for how long. */
export const sentenceOf = ({ told, service }: Pick<Violation, 'told' | 'service'>, language: Language = 'en'): string =>
  WORDS[language].told(told, service)

/** Why it happened, in one or two. */
export const whyOf = ({ cause, service }: Pick<Violation, 'cause' | 'service'>, language: Language = 'en'): string =>
  WORDS[language].cause(cause, service)
