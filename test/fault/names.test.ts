/**
 * Faults are known by what they do: outside their folder no code knows one by its name, or takes its settings apart.
 *
 * Some names are words for other things, too. Where they are, and what they mean there, is listed below; a set of names of
 * faults, a comparison with one or a table by them is found wherever it stands.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { FAULTS } from '../../src/fault/registry.ts'

const SRC = path.resolve(import.meta.dirname, '../../src')
const NAMES = FAULTS.map(({ name }) => name)

const ELSEWHERE: readonly { readonly files: RegExp; readonly words: readonly string[]; readonly mean: string }[] = [
  {
    files: /^(redis|server)\//,
    words: NAMES,
    mean: "commands of Redis, and what a server suffers from a fault's strike",
  },
  { files: /^(pitfall|lesson)\//, words: NAMES, mean: 'what the storm of a pitfall, or of a lesson, is made of' },
  { files: /^explore\/storm-text\.ts$/, words: NAMES, mean: 'texts that a token shortens' },
  { files: /^(report|picture|text|world\/story)/, words: ['pause', 'crash', 'partition'], mean: 'kinds of bars' },
  {
    files: /^recorded\//,
    words: ['flush', 'reset'],
    mean: 'commands that a recording holds, and what made a node let a key go',
  },
  { files: /./, words: ['crash'], mean: 'a property, and how a belief ended' },
  {
    files: /^(record|history|check|words)\//,
    words: ['restart', 'flush', 'failover'],
    mean: 'what made a node let a key go',
  },
  { files: /^world\/stage/, words: ['failover'], mean: 'in whose name the truth lane records what it changes' },
]

const code = (file: string): string =>
  readFileSync(path.join(SRC, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('fault/'),
)

/** A name in quotes, or as the key of a table. */
const NAME = new RegExp(`(['"])(${NAMES.join('|')})\\1`, 'g')
const namesIn = (text: string): string[] => [...text.matchAll(NAME)].map((match) => match[2] as string)

it('knows a fault by its name nowhere outside src/fault', () => {
  const found = sources.flatMap((file) => {
    const allowed = new Set(ELSEWHERE.flatMap(({ files, words }) => (files.test(file) ? words : [])))
    return namesIn(code(file))
      .filter((name) => !allowed.has(name))
      .map((name) => `${file}: ${name}`)
  })
  expect(found).toEqual([])
})

it('would find a set, a comparison and a table', () => {
  expect(namesIn("new Set(['pause', 'half-open'])")).toEqual(['pause', 'half-open'])
  expect(namesIn("kind === 'reset' || kind !== 'oom'")).toEqual(['reset', 'oom'])
  expect(namesIn("{ 'slow-work': () => '' }")).toEqual(['slow-work'])
})

it('casts no settings', () => {
  expect(sources.filter((file) => /settings( as|\)) never/.test(code(file)))).toEqual([])
})
