/** What a property is called when it is broken. */
import { checkOf } from '../check/registry.ts'
import type { PropertyName } from '../check/verdict.ts'
import type { InLanguages } from '../text/language.ts'
import { HEADINGS } from './zh/headings.ts'

/** `mutual exclusion violated`, in each language. */
export const headingsOf = (property: PropertyName): InLanguages => ({
  en: checkOf(property).heading,
  zh: HEADINGS[property],
})
