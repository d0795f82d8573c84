/**
 * Names under attack: of locks, keys, tokens, scenarios, primaries and errors, made of markup, escapes, line ends, path separators, marks that turn
 * the direction of writing, and 10,000 characters. They are text everywhere (terminal, Markdown, JUnit, HTML, and the files for other
 * tools), and files stay inside the folder of the report.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { assertValid, defineLock, hunt, run } from '../../src/index.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { SEED, tell, timeoutMs, tries } from './attack.ts'

const HUNTS = tries(3, 1_000)
const RUNS = tries(1, 300)

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-names-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MARK = 'onerror=pwned'
const PARTS = [
  ...[
    `<img src=x ${MARK}>`,
    '<script>pwned()</script>',
    '</script><b>',
    '"><b>',
    "'><b>",
    '&lt;',
    '&#x3c;b>',
    ']]>',
    '<!--',
    '-->',
    '<![CDATA[',
    '<?x?>',
  ],
  ...[
    '`',
    '```',
    '| a |',
    '[a](javascript:pwned)',
    '![a](http://x)',
    '# a',
    '\n# a',
    '\n\n---\n',
    '* a',
    '**a**',
    '~~a~~',
    '\\',
    '$(id)',
    '`id`',
    '%0A::error::',
  ],
  ...[
    '\u001b[2J',
    '\u001b]0;pwned\u0007',
    '\u001b]8;;http://x\u0007',
    '\u009b31m',
    '\r',
    '\n',
    '\r\n',
    '\t',
    '\0',
    '\u2028',
    '\u202e',
    '\u2066',
    '\ufeff',
    '\ud800',
    '\uffff',
  ],
  ...[
    '../',
    '..\\',
    '/etc/passwd',
    'C:\\',
    'con',
    'nul.txt',
    '.',
    '..',
    '~',
    ':',
    '*',
    '?',
    '%2e%2e%2f',
    '-rf',
    '--json',
    '::error::',
    '{{x}}',
    '$(x)',
    '\u{1f512}',
    'e\u0301',
    '\u0430',
  ],
  ...['__proto__', 'constructor', 'toString', ' ', 'a', 'A', 'x'.repeat(300)],
]
const hostile = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.constantFrom(...PARTS).map((part) => part.repeat(10_000).slice(0, 10_000)) },
)

/** What no text of a report may hold: signs that a terminal obeys, or that turn the direction of writing. */
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/

/** What is wrong with a file of a report, by what reads such files; null: nothing. */
function complaintAbout(file: string, text: string): string | null {
  const unseen = UNSEEN.exec(text)
  if (file.endsWith('.json') || file.endsWith('.sarif') || file.endsWith('.ndjson')) {
    for (const document of file.endsWith('.ndjson') ? text.trim().split('\n') : [text]) JSON.parse(document)
    return unseen !== null && unseen[0] < ' ' ? 'JSON with a control character in it' : null
  }
  if (unseen !== null)
    return `the character ${unseen[0].charCodeAt(0).toString(16)} near ${JSON.stringify(text.slice(unseen.index - 40, unseen.index + 40))}`
  if (/\.(html|xml|svg)$/.test(file)) {
    const { inText, tags } = parsed(file, text)
    if (/[<>]/.test(inText))
      return `markup that is not whole: ${JSON.stringify(/.{0,60}[<>].{0,60}/s.exec(inText)?.[0])}`
    if (tags.includes(MARK)) return 'a name became an attribute'
    if (file.endsWith('.xml') && /&(?!(amp|lt|gt|quot|#39|apos|#x?[\da-f]+);)/i.test(inText))
      return 'an entity that XML does not have'
  }
  // In code spans and blocks of Markdown everything is text.
  if (file.endsWith('.md')) {
    const prose = text.replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '').replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '')
    const raw = /<(?!\/?(details|summary|sub|br)\b)[a-z!?/]|(?<!\\)\]\(javascript/i.exec(prose)
    if (raw !== null) return `markup in Markdown: ${JSON.stringify(prose.slice(raw.index - 40, raw.index + 60))}`
  }
  return null
}

/** The text between the tags of a page without its own scripts and styles, and the tags without what stands in quotes. */
function parsed(file: string, text: string): { readonly inText: string; readonly tags: string } {
  const own = file.endsWith('.html') ? text.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '') : text
  const tag = /<\/?[a-z][\w:-]*(?:\s+[\w:-]+(?:="[^"<>]*")?)*\s*\/?>|<!doctype html>|<\?xml[^<>]*\?>/gi
  return { inText: own.replace(tag, ''), tags: (own.match(tag) ?? []).join('').replace(/"[^"]*"/g, '') }
}

/** What is wrong with all that stands in a folder now. */
function complaintsAbout(place: string): string[] {
  return (readdirSync(place, { recursive: true }) as string[]).flatMap((name) => {
    const isPlain = name.split(path.sep).every((part) => /^[A-Za-z0-9_][\w.-]{0,149}$/.test(part))
    if (!isPlain) return [`a file is called ${JSON.stringify(name)}`]
    if (!/\.\w+$/.test(name)) return []
    const complaint = complaintAbout(name, readFileSync(path.join(place, name), 'utf8'))
    return complaint === null ? [] : [`${name}: ${complaint}`]
  })
}

/** A lock that holds nobody off, whose every name is hostile. */
const lockOf = (name: string, word: string) =>
  defineLock({
    name,
    title: word,
    client: 'direct',
    async acquire({ redis, key, token }) {
      if ((await redis.get(`${key}${word}`)) !== null) return null
      await redis.set(`${key}${word}`, token + word, 'PX', 1_000)
      return { token: token + word }
    },
    async release({ redis, key }) {
      if ((await redis.del(`${key}${word}`)) === 0) throw new Error(word)
      return true
    },
  })

/** What a run tells, or why there is none. */
async function told(what: () => Promise<Parameters<typeof assertValid>[0]>): Promise<string> {
  try {
    assertValid(await what())
    return ''
  } catch (error) {
    if (error instanceof UsageError || (error as Error).name === 'NotValidError') return (error as Error).message
    throw error
  }
}

let count = 0
/** Runs something that writes into a folder of its own, and looks at all of it. */
async function attacked(what: (output: string) => Promise<Parameters<typeof assertValid>[0]>): Promise<string[]> {
  count += 1
  const place = path.join(folder, `here-${count}`)
  const output = path.join(place, 'out')
  mkdirSync(output, { recursive: true })
  const text = await told(() => what(output))
  const complaints = [...complaintsAbout(output), ...readdirSync(place).filter((name) => name !== 'out')]
  const seen = complaintAbout('terminal', text)
  rmSync(place, { recursive: true, force: true })
  return seen === null ? complaints : [...complaints, `terminal: ${seen}`]
}

it('are text in the reports of hunts, whose files stay in their folder', { timeout: timeoutMs(600_000) }, async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (name, word) => {
      const complaints = await attacked((output) => hunt(lockOf(name, word), { faults: 0, client: 'direct', output }))
      expect(complaints).toEqual([])
    }),
    { numRuns: HUNTS, seed: SEED },
  )
  tell('names: hunts', HUNTS, [])
})

/** Whose pictures have other servers and lines between them. */
const TOPOLOGIES = fc.oneof(
  { weight: 3, arbitrary: fc.constant('single' as const) },
  fc.constantFrom('replicated' as const, 'sentinel' as const, 'cluster' as const),
)

it('are text in the reports of runs, whose files stay in their folder', { timeout: timeoutMs(600_000) }, async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, TOPOLOGIES, async (name, word, kind) => {
      const file = path.join(folder, 'named.yaml')
      writeFileSync(
        file,
        JSON.stringify({
          title: word,
          story: `${word} happens.`,
          teaches: [word],
          workload: { counter: {} },
          faults: [],
          ...(kind === 'single' ? {} : { topology: kind === 'sentinel' ? { kind, name: word } : { kind } }),
        }),
      )
      // A name of nothing but spaces is refused, as in a hunt.
      const complaints = await attacked((output) =>
        run(file, { lock: lockOf(name, word), only: [name], client: 'direct', output }),
      )
      expect(complaints).toEqual([])
    }),
    { numRuns: RUNS, seed: SEED },
  )
  tell('names: runs', RUNS, [])
})
