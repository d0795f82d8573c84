/** The code in `docs/reference-locks.md` is the code that is run: every block stands in the file that it names. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

it('shows code as it is in the source', () => {
  const blocks = [...read('docs/reference-locks.md').matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)```/g)]
  expect(blocks).toHaveLength(6)
  for (const [, file = '', code = ''] of blocks) expect(read(file), `a block of ${file}`).toContain(code.trimEnd())
})
