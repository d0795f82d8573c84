/** What is embedded in a page, read back as its script reads it. */
import type { Page } from 'playwright-core'
import { checkOf } from '../../src/check/registry.ts'
import type { Flagged } from '../../src/picture/space-time.ts'
import { openPage } from '../../src/report/page/packed.ts'
import type { PageData } from '../../src/report/page/page-data.ts'
import type { ToldViolation } from '../../src/words/told-violation.ts'
import type { DrawnStory } from '../../src/world/story-data.ts'

/** The data and the worlds of a page. */
export function embeddedIn(html: string): { readonly data: PageData; readonly worlds: readonly DrawnStory[] } {
  const packed = html.split('<script type="text/plain" id="data">')[1]!.split('</script>')[0]!.split('\n')
  const page = openPage(packed)
  return { data: page.whole(), worlds: Array.from({ length: page.worldCount }, (_, index) => page.world(index)) }
}

/** Violations as pictures flag them. */
export const flagged = <Told extends ToldViolation>(violations: readonly Told[]): readonly (Told & Flagged)[] =>
  violations.map((violation) => ({ ...violation, heading: checkOf(violation.property).heading }))

/** Waits until a page has read everything, also what is below its first screen; the playground says nothing of that. */
export async function untilWhole(page: Page): Promise<void> {
  if ((await page.locator('#page[aria-busy]').count()) > 0) await page.locator('#page[aria-busy="false"]').waitFor()
}
