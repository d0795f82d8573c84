/**
 * Makes `docs/ioredis-mock.md`: every story of `ioredis-mock-probes.ts` is told to a real redis-server on virtual time and
 * to ioredis-mock, and the lines that they answer differently become the page.
 *
 * Status and bulk replies of one text count as equal: a driver gives both as the same string.
 */
import type { Reply } from '../../src/redis/reply.ts'
import { encodeRequest } from '../../src/redis/resp/encode-request.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { ReplyParser } from '../../src/redis/resp/reply-parser.ts'
import type { RedisServer, ServerConnection, ServerProvider } from '../../src/server/server.ts'
import { PROBES, type ProbeGroup } from './ioredis-mock-probes.ts'

const START_US = 1_800_000_000_000_000

/** What a line brought: by client, readable. */
type Answers = readonly string[]

/** Ticks and microtasks: ioredis-mock answers out of promises. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Tells one story to an empty node; the answers to each line. */
export async function tellStory(provider: ServerProvider, lines: readonly string[]): Promise<readonly Answers[]> {
  const node = provider.node('redis-1', { seed: 'page', nowUs: START_US })
  try {
    const heard = new Map<string, string>()
    const connections = new Map<string, ServerConnection>()
    let nowUs = START_US
    const answers: Answers[] = []
    for (const line of lines) {
      const time = /^\+(\d+)$/.exec(line)
      if (time !== null) nowUs = await pass(node, nowUs, Number(time[1]) * 1000)
      else {
        const [, name = 'A', text = ''] = /^(?:([A-Z]): )?(.*)$/s.exec(line) as RegExpExecArray
        const connection = connections.get(name) ?? open(node, name, heard)
        connections.set(name, connection)
        connection.receive(encodeRequest(splitInline(text) as string[]))
      }
      await drained()
      answers.push([...heard].sort().flatMap(([name, bytes]) => repliesIn(bytes).map((reply) => `${name} ${reply}`)))
      heard.clear()
    }
    return answers
  } finally {
    node.stop()
  }
}

function open(node: RedisServer, name: string, heard: Map<string, string>): ServerConnection {
  return node.connect({ onBytes: (bytes) => heard.set(name, (heard.get(name) ?? '') + bytes) })
}

/** Lets time pass, and stops where somebody waits for it. */
async function pass(node: RedisServer, fromUs: number, us: number): Promise<number> {
  const untilUs = fromUs + us
  for (let atMs = node.wakeAtMs(); atMs !== null && atMs * 1000 <= untilUs; atMs = node.wakeAtMs()) {
    node.setClock(atMs * 1000)
    node.wake()
    await drained()
  }
  node.setClock(untilUs)
  node.wake()
  return untilUs
}

function repliesIn(bytes: string): string[] {
  const parser = new ReplyParser()
  parser.push(bytes)
  const replies: string[] = []
  for (let next = parser.next(); next !== null; next = parser.next()) replies.push(readable(next.reply))
  return replies
}

/** A reply as redis-cli prints it, on one line. */
function readable(reply: Reply): string {
  if (reply === null) return '(nil)'
  if (typeof reply === 'string') return JSON.stringify(reply)
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply)
  if (!('kind' in reply)) return `[${reply.map(readable).join(', ')}]`
  if (reply.kind === 'error') return `(error) ${reply.text}`
  if (reply.kind === 'status') return JSON.stringify(reply.text)
  return reply.kind === 'nullArray' ? '(nil)' : JSON.stringify(reply)
}

interface Difference {
  /** What was said before in the same story, for one cannot understand it otherwise. */
  readonly before: readonly string[]
  readonly line: string
  readonly real: Answers
  readonly mock: Answers
}

async function differences(
  { stories }: ProbeGroup,
  real: ServerProvider,
  mock: ServerProvider,
): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for (const lines of stories) {
    const [theirs, mocked] = [await tellStory(real, lines), await tellStory(mock, lines)]
    for (const [index, line] of lines.entries()) {
      const [one, other] = [theirs[index] ?? [], mocked[index] ?? []]
      if (one.join('\n') !== other.join('\n')) {
        found.push({ before: lines.slice(0, index), line, real: one, mock: other })
      }
    }
  }
  return found
}

/** The whole page. */
export async function ioredisMockPage(real: ServerProvider, mock: ServerProvider): Promise<string> {
  const sections: string[] = []
  let lineCount = 0
  let differenceCount = 0
  for (const group of PROBES) {
    const lines = group.stories.flat().filter((line) => !line.startsWith('+')).length
    const found = await differences(group, real, mock)
    lineCount += lines
    differenceCount += found.length
    sections.push(section(group, lines, found))
  }
  return `${introduction(real, mock, lineCount, differenceCount)}\n${sections.join('\n')}`
}

const introduction = (real: ServerProvider, mock: ServerProvider, lines: number, differing: number): string =>
  `# Where ioredis-mock differs from Redis

<!-- Generated: npx vitest run test/server/ioredis-mock-page.test.ts -u -->

The same commands were sent to ${real.description.split(',')[0]} and to ${mock.description} (\`--redis mock\`, RESP2), each story
to an empty server: ${lines} commands, of which ${differing} were answered differently. A lock that passes its tests on the mock has
been tested against these answers.

Not counted: status and bulk replies of one text, which a driver gives as the same string. Where the mock resolves with an
object of its Lua engine, which is no reply, the page says so.

\`A\` and \`B\` are clients; \`+500\` lets 500 ms pass; "nothing" means that no reply came. A blocked client answers later, in
the line in which it is served. Once one answer of a story differs, those below it may follow from that.
`

function section({ title }: ProbeGroup, lines: number, found: readonly Difference[]): string {
  const heading = `## ${title}\n\n`
  if (found.length === 0) return `${heading}${lines} commands, all answered as Redis does.\n`
  const rows = found.map(
    ({ before, line, real, mock }) => `| ${commands([...before, line])} | ${said(real)} | ${said(mock)} |`,
  )
  return `${heading}${found.length} of ${lines} commands.\n\n| after … the last command | Redis | ioredis-mock |\n|---|---|---|\n${rows.join('\n')}\n`
}

/** The story so far; its last command, which is the one that differs, is bold. */
function commands(lines: readonly string[]): string {
  const all = lines.map(code)
  return [...all.slice(0, -1), `**${all.at(-1)}**`].join('<br>')
}

const said = (answers: Answers): string => (answers.length === 0 ? 'nothing' : answers.map(shortCode).join('<br>'))

const ANSWER_LENGTH_MAX = 160

/** Stacks and the like are cut. */
const shortCode = (text: string): string =>
  code(text.length <= ANSWER_LENGTH_MAX ? text : `${text.slice(0, ANSWER_LENGTH_MAX)}…`)

/** Fit for a cell of a table, backticks and bars included. */
const code = (text: string): string => {
  const safe = text.replaceAll('|', '\\|')
  return safe.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``
}
