/**
 * The web applications of `examples/`, as their owners would hunt them: each folder is copied, installed from npm together with the
 * packed lockstorm, and the command of its README run there. What the README says comes out must come out.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import { build } from '../cli/binary.ts'
import { leaveOut } from '../left-out.ts'
import { EXAMPLES, installed, packed, runIn, TEST_RUNNERS } from './installed.ts'

const names = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && !TEST_RUNNERS.includes(entry.name) ? entry.name : [],
)

let folder: string
let tarball: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-examples-'))
  tarball = packed(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a README promises. */
interface Promised {
  readonly command: string
  readonly exitCode: number
  /** Property and kind of each finding, sorted. */
  readonly found: readonly string[]
}

/** Its first command of lockstorm, `Exit code 1`, and the rows `| `property` | bug | …` of its table. */
function promisedBy(readme: string): Promised {
  const [, command] = /^npx (lockstorm hunt .*?)\s*(?:#.*)?$/m.exec(readme) ?? []
  const [, exitCode] = /\bexit code (\d+)/i.exec(readme) ?? []
  if (command === undefined || exitCode === undefined) throw new Error(`no command, or no exit code, in: ${readme}`)
  const rows = readme.matchAll(/^\| `([\w-]+)` \| (bug|limit) \|/gm)
  return { command, exitCode: Number(exitCode), found: [...rows].map(([, name, kind]) => `${name} ${kind}`).sort() }
}

/** The findings of a hunt, and what was seen only together with them. */
const foundBy = ({ violations }: HuntReport): readonly string[] => [
  ...new Set(
    violations
      .flatMap((violation) => [violation, ...violation.consequences])
      .map(({ property, kind }) => `${property} ${kind}`)
      .sort(),
  ),
]

describe('the example of a web application on', () => {
  it.for(names)('%s is what its README says', { timeout: 300_000 }, (name, context) => {
    const { here, error } = installed(folder, name, tarball)
    if (error !== null) return leaveOut(context, 'the npm registry', error)

    const { command, exitCode, found } = promisedBy(readFileSync(path.join(here, 'README.md'), 'utf8'))
    const hunted = runIn(here, `npx ${command} --json`)
    if (hunted.stdout === '') throw new Error(`exit ${hunted.status}: ${hunted.stderr}`)
    const report = JSON.parse(hunted.stdout) as HuntReport
    expect({ exitCode: hunted.status, found: foundBy(report) }).toEqual({ exitCode, found })
    expect(report.unknown).toEqual({})
    expect(report.sometimes.contended).toBeGreaterThan(0)
  })

  it('each framework is there', () => {
    expect(names).toEqual(['express', 'fastify', 'hono', 'koa', 'next'])
  })
})
