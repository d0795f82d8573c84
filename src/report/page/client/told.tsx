/** Texts of the report: in the reader's language, or in the one that the report has them in and marked as such. */
import type { PageText } from '../page-data.ts'
import { language, textIn } from './state.ts'

export const Told = ({ text }: { readonly text: PageText }) =>
  typeof text === 'string' && language.value !== 'en' ? <span lang="en">{text}</span> : textIn(text)
