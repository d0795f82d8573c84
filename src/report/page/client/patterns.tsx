/** The patterns and swatches that all pictures of the page use, once. */
import { PATTERNS } from '../../../picture/patterns.ts'

export const Patterns = () => (
  <svg class="defs" aria-hidden="true" focusable="false" dangerouslySetInnerHTML={{ __html: PATTERNS }} />
)
