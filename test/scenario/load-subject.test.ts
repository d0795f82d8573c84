/** A user's lock file: what counts as a lock, and what is said when it is none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineLock } from '../../src/lock/lock.ts'
import { checkNames } from '../../src/scenario/exported-subjects.ts'
import { loadSubjects } from '../../src/scenario/node/load-subject.ts'
import { defineSessionStore } from '../../src/session/session-store.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { lockSubject } from '../../src/subject/subject.ts'

const api = { defineLock, defineSessionStore }
const METHODS = 'async acquire() { return null }, async release() { return true }'

let folder: string
beforeAll(() => {
  // Far from any node_modules: 'lockstorm' cannot be found beside the file.
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-subject-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

async function names(name: string, text: string): Promise<string[]> {
  return (await loadSubjects(write(name, text), api)).map((subject) => `${subject.kind} ${subject.name}`)
}

/** What is thrown, with the temporary folder taken out. */
async function complaint(name: string, text: string): Promise<string> {
  try {
    await loadSubjects(write(name, text), api)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).message.replaceAll(`${folder}${path.sep}`, '')
  }
  throw new Error('nothing was thrown')
}

describe('a lock file', () => {
  it('needs as many nodes as a world can have', async () => {
    expect(await complaint('nodes.ts', `export default { name: 'x', nodes: 12, ${METHODS} }`)).toMatchInlineSnapshot(`
      "nodes.ts, default export: expected nodes to be a whole number from 1 to 9, got 12
        fix: nodes: 3 for a lock that needs a majority of three"
    `)
  })

  it('may be TypeScript, import its neighbours and lockstorm, which is not installed there', async () => {
    write('name.ts', "export const NAME: string = 'with a neighbour'\n")
    expect(
      await names(
        'good.ts',
        `import { defineLock, type LockContext } from 'lockstorm'
import { NAME } from './name.ts'
export default defineLock({
  name: NAME,
  async acquire({ redis, key, token }: LockContext) { return (await redis.set(key, token, 'NX')) === 'OK' ? {} : null },
  async release() { return true },
})`,
      ),
    ).toEqual(['lock with a neighbour'])
  })

  it.each([
    ['esm.js', `export default { name: 'esm', ${METHODS} }`],
    ['esm.mjs', `import { defineLock } from 'lockstorm'\nexport default defineLock({ name: 'esm', ${METHODS} })`],
    ['late.ts', `const name: string = await Promise.resolve('esm')\nexport default { name, ${METHODS} }`],
    ['cjs.cjs', `module.exports = { name: 'esm', ${METHODS} }`],
    ['cjs.js', `module.exports = { name: 'esm', ${METHODS} }`],
    ['cjs-named.js', `exports.lock = { name: 'esm', ${METHODS} }`],
  ])('may be written in any module system: %s', async (name, text) => {
    expect(await names(name, text)).toEqual(['lock esm'])
  })

  it('may be CommonJS where its package says that it is not', async () => {
    write('package-of-modules/package.json', '{ "type": "module" }')
    expect(await names('package-of-modules/cjs.js', `module.exports = { name: 'cjs', ${METHODS} }`)).toEqual([
      'lock cjs',
    ])
  })

  it('finds the default of a CommonJS package that an ESM package has loaded before', async () => {
    write('node_modules/old/package.json', '{ "name": "old", "main": "index.js" }')
    write('node_modules/old/index.js', 'module.exports = function old() {}; module.exports.Part = class {}')
    write('node_modules/new/package.json', '{ "name": "new", "type": "module", "exports": "./index.js" }')
    write('node_modules/new/index.js', "import { Part } from 'old'\nexport class New extends Part {}")
    const user = `import { New } from 'new'
import old from 'old'
export default { name: typeof old + ' ' + typeof New, ${METHODS} }
`
    expect(await names('user.ts', user)).toEqual(['lock function function'])
  })

  it('gives its default export alone, or else all its named locks and stores', async () => {
    const two = `export const one = { name: 'one', ${METHODS} }
export const store = { name: 'store', async load() { return null }, async save() { return true }, async destroy() {} }
export const helper = (x: number) => x
export const settings = { name: 'no lock' }
`
    expect(await names('named.ts', two)).toEqual(['lock one', 'session store'])
    const app =
      "export const app = { name: 'shop', start: () => ({ request: async () => ({ status: 200, setCookie: [] }) }) }"
    expect(await names('app.ts', app)).toEqual(['session shop'])
    expect(await names('both.ts', `${two}export default { name: 'main', ${METHODS} }`)).toEqual(['lock main'])
  })
})

describe('a lock file that is wrong', () => {
  it('says what a web application lacks', async () => {
    expect(await complaint('nameless-app.ts', 'export default { start() {} }')).toBe(
      "nameless-app.ts: the default export is no web application yet: its name is missing\n  fix: add name: 'my-application'",
    )
  })

  it.each([
    ['syntax.ts', 'export const a = {\n  b: 1,,\n}\n'],
    ['syntax.js', 'export const a = {\n  b: 1,,\n}\n'],
    ['throws.ts', "export const a = 1\nthrow new Error('boom')\n"],
    ['throws-later.ts', "const check = () => {\n  throw new Error('deep')\n}\n\ncheck()\n"],
    ['throws-nothing.ts', 'throw undefined\n'],
    ['no-package.ts', "import { Queue } from 'no-such-package'\nexport default Queue\n"],
    ['no-neighbour.ts', "import { x } from './no-such-file.ts'\nexport default x\n"],
    ['empty.ts', ''],
    ['nothing.ts', 'export const answer = 42\n'],
    ['number.ts', 'export default 42\n'],
    ['function.ts', 'export default () => ({})\n'],
    ['no-release.ts', "export default { name: 'x', async acquire() { return null } }\n"],
    ['no-acquire.ts', "export const lock = { name: 'x', acquire: true, async release() { return true } }\n"],
    ['no-name.ts', `export default { ${METHODS} }\n`],
    ['blank-name.ts', `export default { name: ' ', ${METHODS} }\n`],
    ['number-name.ts', `export default { name: 7, ${METHODS} }\n`],
    ['no-client.ts', `export default { name: 'x', client: 'redis', ${METHODS} }\n`],
    ['half-store.ts', "export default { name: 'x', async load() { return null } }\n"],
    ['twins.ts', `export const a = { name: 'x', ${METHODS} }\nexport const b = { name: 'x', ${METHODS} }\n`],
    ['define.ts', "import { defineLock } from 'lockstorm'\nexport default defineLock({ name: 'x' } as never)\n"],
    ['unknown-import.ts', "import { defineLok } from 'lockstorm'\nexport default defineLok({})\n"],
    ['lock.txt', 'hello'],
    ['lock.json', '{}'],
  ])('is told what to mend: %s', async (name, text) => {
    expect(await complaint(name, text)).toMatchSnapshot()
  })

  it('is told which of its imports throws, and which variable of the environment is missing', async () => {
    write('lib/redis.ts', "if (!process.env.STORE_REDIS_URL) {\n  throw new Error('STORE_REDIS_URL is not set')\n}\n")
    expect(await complaint('needs.ts', "import './lib/redis.ts'\nexport default 1\n")).toMatch(
      /lib\/redis\.ts:2: it throws when it is loaded: STORE_REDIS_URL is not set\n {2}fix: set it for the hunt: STORE_REDIS_URL=redis:\/\/localhost:6379 npx lockstorm …/,
    )
  })

  it('is told when it is not there, or is a folder', async () => {
    const near = path.join(path.dirname(write('spelling.ts', '')), 'speling.ts')
    await expect(loadSubjects(near, api)).rejects.toThrow('there is no such file (did you mean "spelling.ts"?)')
    await expect(loadSubjects('no/such/lock.ts', api)).rejects.toThrow('no/such/lock.ts: there is no such file')
    await expect(loadSubjects(folder, api)).rejects.toThrow('it is a folder\n  fix: name the lock file itself')
  })

  it('is blamed at the line of its neighbour when that does not parse', async () => {
    write('broken-neighbour.ts', 'export const = 1\n')
    expect(await complaint('fine.ts', "import './broken-neighbour.ts'\n")).toMatchInlineSnapshot(
      `"broken-neighbour.ts:1:13: it does not parse: Unexpected token"`,
    )
  })
})

describe('names', () => {
  const subject = lockSubject({ name: 'x', acquire: async () => null, release: async () => true })

  it('are each there once', () => {
    checkNames([{ subject, from: 'a.ts' }])
    expect(() =>
      checkNames([
        { subject, from: 'lockstorm' },
        { subject, from: 'a.ts' },
      ]),
    ).toThrow('a.ts: the name "x" is there also in lockstorm\n  fix: give one of them another name')
  })
})
