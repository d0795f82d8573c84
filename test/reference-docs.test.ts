/** Code that is shown in documents is the code that is run: it stands in the file that is named with it. */
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

it('shows how a fault is added by a fault as it was added', () => {
  const [, diff = ''] = /## Add a fault[\s\S]*?```diff\n([\s\S]*?)```/.exec(read('CONTRIBUTING.md')) ?? []
  const files = diff.split(/^\+\+\+ /m).slice(1)
  expect(files.map((part) => part.slice(0, part.indexOf('\n')))).toEqual([
    'src/fault/slow-work.ts',
    'src/fault/registry.ts',
  ])
  for (const part of files) {
    const [file = '', ...lines] = part.trimEnd().split('\n')
    const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1))
    if (file.endsWith('slow-work.ts')) expect(`${added.join('\n')}\n`).toBe(read(file))
    else for (const line of added) expect(read(file)).toContain(`${line}\n`)
  }
})

it('shows how a workload is added by one as it stands', () => {
  const [, diff = ''] = /## Add a workload[\s\S]*?```diff\n([\s\S]*?)```/.exec(read('CONTRIBUTING.md')) ?? []
  const [module = '', registry = ''] = diff.split(/^\+\+\+ \S+\n/m).slice(1)
  const added = (part: string) => part.split('\n').filter((line) => line.startsWith('+'))
  const code = added(module).map((line) => line.slice(1))
  expect(code).toContain('export const idempotency = defineWorkload({')
  expect(read('src/workload/idempotency/idempotency.ts')).toContain(`${code.join('\n')}\n`)
  expect(added(registry)).toHaveLength(2)
  for (const line of added(registry)) expect(read('src/workload/registry.ts')).toContain(`${line.slice(1)}\n`)
})

it.each(['property', 'cause', 'record'])('shows how a %s is added by lines as they stand', (noun) => {
  const section = new RegExp(`## Add a ${noun}[\\s\\S]*?\`\`\`diff\\n([\\s\\S]*?)\`\`\``)
  const [, diff = ''] = section.exec(read('CONTRIBUTING.md')) ?? []
  const parts = diff.split(/^\+\+\+ /m).slice(1)
  expect(parts.length).toBeGreaterThan(1)
  for (const part of parts) {
    const [file = '', ...lines] = part.trimEnd().split('\n')
    // Lines that follow one another in the diff do so in the file; an import stands for itself.
    const text = lines.map((line) => `${line.slice(1)}\n`).join('')
    const pieces = text.split(/^(import .*\n)/m).filter((piece) => piece !== '')
    for (const piece of pieces) expect(read(file), file).toContain(piece)
  }
})
