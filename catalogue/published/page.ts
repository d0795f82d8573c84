/**
 * `docs/published.md`, made of the table of published packages.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { checkOf } from '../../src/check/registry.ts'
import type { PropertyName } from '../../src/check/verdict.ts'
import { type Bug, PUBLISHED, type Published } from './entries.ts'

/** The page. */
export const publishedPage = (): string => `${[HEAD, table(), ...PUBLISHED.map(section)].join('\n\n')}\n`

const HEAD = `<!-- Made by catalogue/published/page.ts of catalogue/published/entries.ts. Do not edit:
     npx vitest run test/catalogue/published.test.ts -u -->
# Published packages

Lock packages as they are in the registry, each hunted through a file of a few lines in
[\`catalogue/published/locks/\`](../catalogue/published/locks), in every storm of one fault, with two clients. A **bug** is what the
package could prevent; the line of its source that is the reason is named, and the same storm shows the same on a real
redis-server. A *limit* is what no lock with a lease can prevent by itself: the protected resource has to check a fencing token.

To hunt one: \`npm ci\` in \`catalogue/published\`, then the command of its section in the root of a clone.`

const table = (): string =>
  [
    '| package | version | bugs | limits |',
    '|---|---|---|---|',
    ...PUBLISHED.map(
      (entry) =>
        `| [${entry.package}](#${anchor(entry)}) | ${versionOf(entry)} | ${entry.bugs.map(({ cause }) => cause).join(', ') || 'none'} | ${Object.keys(entry.limits).join(', ') || 'none'} |`,
    ),
  ].join('\n')

/** As GitHub makes anchors of headings. */
const anchor = (entry: Published): string => entry.package.toLowerCase().replace(/[^a-z0-9_-]/g, '')

function versionOf(entry: Published): string {
  const { dependencies } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  const version = dependencies[entry.package]
  if (version === undefined) throw new Error(`catalogue/published/package.json does not name ${entry.package}`)
  return version
}

function section(entry: Published): string {
  const { name, title, flags, flagsWhy, bugs, limits, remark } = entry
  const command = ['npx lockstorm hunt', `catalogue/published/locks/${name}.ts`, '--faults 1 --clients 2', ...flags]
  const found = [
    ...bugs.map(bugLine),
    ...Object.entries(limits).map(([cause, properties]) => `- *limit*, ${cause}: ${headings(properties)}`),
  ]
  return [
    `## ${entry.package}`,
    `${title}, version ${versionOf(entry)}${flagsWhy === undefined ? '' : ` (flags: ${flagsWhy})`}`,
    `\`\`\`sh\n${command.join(' ')}\n\`\`\``,
    found.length === 0 ? 'Nothing was found.' : found.join('\n'),
    ...(remark === '' ? [] : [remark]),
    ...replays(entry),
  ].join('\n\n')
}

/** What shows the bugs of a package that is not hunted in the test. */
function replays({ name, storms }: Published): readonly string[] {
  if (storms === undefined) return []
  const lines = [...new Set(Object.values(storms))].map(
    (token) => `npx lockstorm replay ${token} --lock catalogue/published/locks/${name}.ts`,
  )
  return [`\`\`\`sh\n${lines.join('\n')}\n\`\`\``]
}

const bugLine = ({ cause, properties, at: [file, line, code], why }: Bug): string =>
  `- **bug**, ${cause}: ${headings(properties)}. ${why} \`${file}:${line}\` \`${code}\``

const headings = (properties: readonly PropertyName[]): string =>
  properties.map((property) => checkOf(property).heading).join(', ')
