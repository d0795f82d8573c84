/** Faults are known by what they do: nobody outside their folder asks for their names, or takes their settings apart. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { FAULTS } from '../../src/fault/registry.ts'

const SRC = path.resolve(import.meta.dirname, '../../src')
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('fault/'),
)
const NAMES = FAULTS.map(({ name }) => name).join('|')

/** How a fault would be known by its name: compared, in a set or a table of kinds, or built by hand. */
const SIGNS: readonly RegExp[] = [
  new RegExp(`(?<!bar\\.)\\bkind [!=]== '(${NAMES})'`),
  new RegExp(`kind: '(${NAMES})', settings`),
  new RegExp(`new (Set|Map)(<[^>]*>)?\\(\\[\\s*\\[?'(${NAMES})'(?!, 'eviction')`),
  /settings as never/,
]

/** What a server suffers has kinds of its own, some of which are called like the fault that brings it about. */
const isServer = (file: string): boolean => file.startsWith('server/')

it.each(SIGNS)('%s stands nowhere outside src/fault', (sign) => {
  expect(sources.filter((file) => !isServer(file) && sign.test(readFileSync(path.join(SRC, file), 'utf8')))).toEqual([])
})
