/** Text that the report has in English alone: marked as such where the page around it is Chinese. */
import { language } from './state.ts'

export const Told = ({ text }: { readonly text: string }) =>
  language.value === 'en' ? text : <span lang="en">{text}</span>
