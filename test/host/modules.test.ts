/** The modules of a simulated process: the same files say the same in Node and here, and no two processes share one. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { machineOf } from '../../src/host/machine.ts'
import { Modules } from '../../src/host/modules/modules.ts'
import { shareModule } from '../../src/host/modules/shared.ts'
import { ParseError } from '../../src/host/modules/source.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'

installHost()

let folder: string
function write(name: string, text: string): void {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}
const fresh = (): Modules => new Modules(globalThis)
const load = (modules: Modules, name: string) =>
  modules.load(path.join(folder, name), path.join(folder, 'package.json')) as Record<string, unknown>
const imported = async (name: string, modules = fresh()) =>
  (await modules.import(path.join(folder, name))) as Record<string, unknown>

beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'lockstorm-')))
  write('counter.cjs', 'let n = 0\nexports.next = () => ++n\nexports.shared = require("./deep.cjs")')
  write('deep.cjs', 'exports.state = []\nexports.data = require("./data.json")\nexports.path = require("node:path")')
  write('data.json', '{ "list": [1] }')
  write('one.cjs', 'exports.early = 1\nexports.other = require("./two.cjs").seen\nexports.late = 2')
  write('two.cjs', 'exports.seen = { ...require("./one.cjs") }')
  write(
    'self.cjs',
    '#!/usr/bin/env node\nmodule.exports = [__filename, __dirname, module.id, this === exports, require.resolve("./two.cjs")]',
  )
  write('throws.cjs', 'globalThis.lockstormTries = (globalThis.lockstormTries ?? 0) + 1\nthrow new Error("no")')
  write('module.mjs', 'export const x = 1')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the modules of a process', () => {
  it('have one instance each, and share none with another process', () => {
    const [one, two] = [fresh(), fresh()]
    const [first, again, other] = [load(one, 'counter.cjs'), load(one, 'counter.cjs'), load(two, 'counter.cjs')]
    expect(again).toBe(first)
    const next = first.next as () => number
    expect([next(), next(), (other.next as () => number)()]).toEqual([1, 2, 1])
    expect(load(one, 'deep.cjs')).toBe(first.shared)
    expect(other.shared).not.toBe(first.shared)
    expect((other.shared as { data: object }).data).not.toBe((first.shared as { data: object }).data)
    expect((other.shared as { data: object }).data).toEqual({ list: [1] })
  })

  it("have Node's own modules, which the world has made virtual", () => {
    expect((load(fresh(), 'deep.cjs').path as typeof path).join).toBe(path.join)
    expect(fresh().load('node:path', folder)).toBe(path)
  })

  it('give a circle what has been exported so far, as Node does', () => {
    expect(load(fresh(), 'one.cjs')).toEqual({ early: 1, other: { early: 1 }, late: 2 })
  })

  it('give a module its names', () => {
    const file = path.join(folder, 'self.cjs')
    expect(load(fresh(), 'self.cjs')).toEqual([file, folder, file, true, path.join(folder, 'two.cjs')])
  })

  it('evaluate again what threw, if it is CommonJS', async () => {
    const modules = fresh()
    expect(() => load(modules, 'throws.cjs')).toThrow('no')
    expect(() => load(modules, 'throws.cjs')).toThrow('no')
    expect((globalThis as { lockstormTries?: number }).lockstormTries).toBe(2)
    write('throws.mjs', 'globalThis.lockstormTries += 10\nthrow new Error("never")')
    await expect(async () => imported('throws.mjs', modules)).rejects.toThrow('never')
    await expect(async () => imported('throws.mjs', modules)).rejects.toThrow('never')
    expect((globalThis as { lockstormTries?: number }).lockstormTries).toBe(12)
  })

  it('say what they cannot load, and load an ES module where CommonJS asks for it', () => {
    expect(() => fresh().load('no-such-package', path.join(folder, 'package.json'))).toThrow(
      /^load\("no-such-package"\): it is not installed, or offers no CommonJS \(looked for from .+\)\n {2}fix: npm install no-such-package$/,
    )
    expect(load(fresh(), 'module.mjs').x).toBe(1)
  })
})

/** Each prints one JSON text as `answer`. The same files in Node must say the same. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'live bindings and circles': {
    'main.mjs':
      "import { a, count, up } from './a.mjs'\nimport * as all from './b.mjs'\nup()\nup()\nexport const answer = [a, count, all.seen(), Object.keys(all)]",
    'a.mjs':
      "import { late } from './b.mjs'\nexport const a = 'a'\nexport var count\nexport function up() { count = (count ?? 10) + 1 }\nexport const seesLate = () => late",
    'b.mjs':
      "import { seesLate, up } from './a.mjs'\nup()\nexport const late = 'late'\nexport const seen = () => seesLate()",
  },
  'default exports of each kind': {
    'main.mjs':
      "import fn from './fn.mjs'\nimport Cls, { tag } from './cls.mjs'\nimport cjs, { named } from './cjs.cjs'\nimport { createRequire } from 'node:module'\nimport data from './data.cjs'\nexport const answer = [fn(), new Cls().x, tag, cjs.named, named, createRequire(import.meta.url)('./cjs.cjs') === cjs, data.list]",
    'fn.mjs': 'export default function () { return 1 }',
    'cls.mjs': "export default class { x = 2 }\nexport const tag = 'tag'",
    'cjs.cjs': "exports.named = 'named'",
    'data.cjs': 'module.exports = require("./data.json")',
    'data.json': '{ "list": [1, 2] }',
  },
  're-exports': {
    'main.mjs':
      "import * as all from './all.mjs'\nexport const answer = [Object.keys(all).sort(), all.two, all.part.three, all.default]",
    'all.mjs':
      "export * from './x.mjs'\nexport { two, default } from './y.mjs'\nexport * as part from './z.mjs'\nexport { one as uno } from './x.mjs'",
    'x.mjs': 'export const one = 1\nexport default 0',
    'y.mjs': "export const two = 2\nexport default 'of y'",
    'z.mjs': 'export const three = 3',
  },
  'barrels of packages': {
    'main.mjs':
      "import { A, b, c, B } from 'pure'\nimport * as late from 'pure/late.js'\nimport * as star from 'pure/star.js'\nimport { kept } from 'impure'\nimport named from 'pure'\nexport const answer = [A.a, B.b(), b(), c, Object.keys(A), late.L.later, Object.keys(star).sort(), kept, globalThis.evaluatedByImpure, named.whole]",
    'node_modules/pure/package.json':
      '{ "name": "pure", "type": "module", "sideEffects": [], "exports": { ".": "./index.js", "./*": "./*" } }',
    'node_modules/pure/index.js':
      "/** What is in it. import x from './no-such.js' */\nexport * as A from './a.js'\n// And more.\nexport { b, default as c } from './b.js'\nexport * as B from './b.js'\nimport * as whole from './whole.js'\nexport { whole as default }",
    'node_modules/pure/a.js': "import { b } from './index.js'\nexport const a = 'a'\nexport const viaIndex = () => b()",
    'node_modules/pure/b.js':
      "import { A } from './index.js'\nexport const b = () => 'b of ' + A.a\nexport default 'c'",
    'node_modules/pure/whole.js': "export const whole = 'whole'",
    'node_modules/pure/late.js': "export * as L from './awaits.js'",
    'node_modules/pure/awaits.js': "export const later = await Promise.resolve('later')",
    'node_modules/pure/star.js': "export * from './a.js'\nexport * from './b.js'",
    'node_modules/impure/package.json': '{ "name": "impure", "type": "module", "exports": "./index.js" }',
    'node_modules/impure/index.js': "export { kept } from './kept.js'\nexport * as other from './other.js'",
    'node_modules/impure/kept.js': "export const kept = 'kept'",
    'node_modules/impure/other.js': 'globalThis.evaluatedByImpure = true',
  },
  'a compiled CommonJS package, as an ES module of Node sees it': {
    'main.mjs':
      "import pkg, { Thing } from './compiled.cjs'\nexport const answer = [typeof pkg, typeof pkg.default, Thing, Object.keys(pkg)]",
    'compiled.cjs':
      "Object.defineProperty(exports, '__esModule', { value: true });\nexports.Thing = 'thing';\nexports.default = class {}",
  },
  'top-level await, and who waits for it': {
    'main.mjs':
      "import './log.mjs'\nimport { value } from './slow.mjs'\nimport { log } from './log.mjs'\nlog.push('main')\nexport const answer = [value, log, (await import('./slow.mjs')).value]",
    'slow.mjs':
      "import { log } from './log.mjs'\nimport { deep } from './deep.mjs'\nlog.push('slow begins')\nawait Promise.resolve()\nlog.push('slow ends')\nexport const value = deep + 1",
    'deep.mjs':
      "import { log } from './log.mjs'\nlog.push('deep')\nexport const deep = await Promise.resolve(41)\nfor await (const x of [1]) log.push(x)",
    'log.mjs': 'export const log = []',
  },
  'import.meta, dynamic imports and names': {
    'main.mjs':
      "import path from 'node:path'\nimport { fileURLToPath } from 'node:url'\nconst __filename = fileURLToPath(import.meta.url)\nconst lazy = await import('./lazy.mjs')\nconst missing = await import('./nowhere.mjs').catch((error) => error.code)\nconst cjs = await import('./cjs.cjs')\nexport const answer = [path.basename(__filename), path.basename(import.meta.dirname) !== '', import.meta.resolve('./lazy.mjs') === new URL('./lazy.mjs', import.meta.url).href, lazy.default, missing === 'ERR_MODULE_NOT_FOUND' || missing === 'MODULE_NOT_FOUND', cjs.default.x, typeof this]",
    'lazy.mjs': "export default 'lazy'",
    'cjs.cjs': 'module.exports = { x: 1 }',
  },
  'conditions and names of packages': {
    'main.mjs':
      "import { how } from 'dual'\nimport { sub } from 'dual/sub'\nimport own from '#own'\nimport { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\nexport const answer = [how, sub, own, require('dual').how, require('old')()]",
    'package.json': '{ "name": "here", "imports": { "#own": "./own.mjs" } }',
    'own.mjs': "export default 'own'",
    'node_modules/dual/package.json':
      '{ "name": "dual", "exports": { ".": { "browser": "./b.js", "node": { "import": "./i.mjs", "require": "./r.cjs" } }, "./sub": { "import": "./s.mjs" } } }',
    'node_modules/dual/i.mjs': "export const how = 'imported'",
    'node_modules/dual/r.cjs': "exports.how = 'required'",
    'node_modules/dual/s.mjs': "export const sub = 'sub'",
    'node_modules/old/package.json': '{ "name": "old", "main": "lib" }',
    'node_modules/old/lib/index.js':
      "module.exports = function old() { return typeof this === 'undefined' ? 'strict' : 'sloppy' }",
  },
  'CommonJS that imports an ES module when it needs it': {
    'main.mjs':
      "import { createRequire } from 'node:module'\nexport const answer = await createRequire(import.meta.url)('./user.cjs')()",
    'user.cjs': "module.exports = async function () { return [(await import('./es.mjs')).x, this === undefined] }",
    'es.mjs': 'export const x = 7',
  },
  'modules that throw': {
    'main.mjs':
      "const tries = []\nfor (let i = 0; i < 2; i += 1) await import('./bad.mjs').catch((error) => tries.push(error.message))\nexport const answer = [tries, globalThis.badCount]",
    'bad.mjs': "globalThis.badCount = (globalThis.badCount ?? 0) + 1\nthrow new Error('bad')",
  },
}

/** What a file answers when a simulated process imports it, as JSON, and how many modules it evaluated. */
async function importInWorld(file: string): Promise<{ readonly answer: unknown; readonly moduleCount: number }> {
  const world = new World('modules')
  const process = world.addProcess('A')
  let text = ''
  world.onUncaught = (_process, error) => {
    text = JSON.stringify(error instanceof Error ? error.stack : error)
  }
  world.schedule(0, process, 'timer', async () => {
    const { answer } = (await machineOf(process).modules.import(file)) as { answer: unknown }
    text = JSON.stringify(answer)
  })
  await inMacrotask(() => runLoop(world))
  return { answer: JSON.parse(text), moduleCount: world.moduleCount }
}

describe('the same files say the same in Node and here', () => {
  it.each(Object.keys(PROGRAMS))('%s', async (title) => {
    const root = title.replaceAll(/\W+/g, '-')
    for (const [name, text] of Object.entries(PROGRAMS[title] as Record<string, string>)) write(`${root}/${name}`, text)
    const main = path.join(folder, root, 'main.mjs')
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `console.log(JSON.stringify((await import(${JSON.stringify(main)})).answer))`],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    const { answer, moduleCount } = await importInWorld(main)
    expect(answer).toEqual(JSON.parse(stdout))
    // In the first world it was not known yet which modules await.
    expect(await importInWorld(main)).toEqual({ answer, moduleCount })
    expect(moduleCount).toBeGreaterThan(0)
    expect(Object.keys(globalThis)).not.toContain('badCount')
  })
})

describe('a barrel of a package that has no side effects', () => {
  const evaluated = (): readonly string[] => (globalThis as { lockstormEvaluated?: string[] }).lockstormEvaluated ?? []
  const says = (name: string): string => `(globalThis.lockstormEvaluated ??= []).push('${name}')\n`
  beforeAll(() => {
    const at = 'lazy/node_modules/lazy'
    write(
      `${at}/package.json`,
      '{ "name": "lazy", "type": "module", "sideEffects": false, "exports": { "./*": "./*" } }',
    )
    write(
      `${at}/index.js`,
      "export * as One from './one.js'\nexport * as Two from './two.js'\nexport { four } from './three.js'",
    )
    for (const name of ['one', 'two']) write(`${at}/${name}.js`, `${says(name)}export const name = '${name}'`)
    write(`${at}/three.js`, `${says('three')}throw new Error('three is broken')`)
    write(`${at}/only-star.js`, "export * from './two.js'")
    write(`${at}/late.js`, "export * as One from './one.js'\nexport * as Late from './awaits.js'")
    write(`${at}/awaits.js`, `${says('awaits')}await 0\nexport const late = 1`)
    for (const [name, what] of [
      [
        'main',
        "import { One, Two, four } from 'lazy/index.js'\nexport const one = () => One\nexport const two = () => Two\nexport const broken = () => four",
      ],
      ['star', "import * as all from 'lazy/only-star.js'\nexport const answer = Object.keys(all)"],
      ['late', "import { One } from 'lazy/late.js'\nexport const answer = One.name"],
    ])
      write(`lazy/${name}.js`, what as string)
    write('lazy/package.json', '{ "name": "mine", "type": "module", "sideEffects": false }')
    write('lazy/own.js', "export * as One from './own-one.js'")
    write('lazy/own-one.js', `${says('own')}export const x = 1`)
  })
  beforeEach(() => {
    delete (globalThis as { lockstormEvaluated?: string[] }).lockstormEvaluated
  })

  it('evaluates a module when it is asked for, once in each process', async () => {
    const [here, there] = [fresh(), fresh()]
    const main = (await imported('lazy/main.js', here)) as { one(): { name: string }; two(): { name: string } }
    expect(evaluated()).toEqual([])
    expect([main.two().name, main.one().name, main.two()]).toEqual(['two', 'one', main.two()])
    expect(evaluated()).toEqual(['two', 'one'])
    const other = (await imported('lazy/main.js', there)) as typeof main
    expect(other.two().name).toBe('two')
    expect(other.two()).not.toBe(main.two())
    expect(evaluated()).toEqual(['two', 'one', 'two'])
  })

  it('throws what a module throws each time that it is asked for, with the line in the file', async () => {
    const main = (await imported('lazy/main.js')) as { broken(): unknown }
    for (const _ of ['once', 'again']) {
      let thrown: unknown
      try {
        main.broken()
      } catch (error) {
        thrown = error
      }
      expect((thrown as Error).message).toBe('three is broken')
      expect((thrown as Error).stack).toContain(`${path.join('lazy', 'three.js')}:2:`)
      expect((thrown as Error).stack).toContain(`${path.join('lazy', 'index.js')}:3:`)
    }
    expect(evaluated()).toEqual(['three'])
  })

  it("is evaluated at once where its names are another module's, where something below it awaits, and where it is the user's own", async () => {
    expect((await imported('lazy/star.js')).answer).toEqual(['name'])
    expect(evaluated()).toEqual(['two'])
    expect((await imported('lazy/late.js')).answer).toBe('one')
    expect(evaluated()).toEqual(['two', 'one', 'awaits'])
    await imported('lazy/own.js')
    expect(evaluated()).toEqual(['two', 'one', 'awaits', 'own'])
  })
})

describe('TypeScript', () => {
  it('has its types taken out, finds its neighbours as a compiler does, and keeps its lines', async () => {
    write('ts/tsconfig.json', '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"] } } }')
    write('ts/src/lib/redis.ts', 'export const redis: string = "redis"\nexport type Redis = string')
    write('ts/src/index.ts', "export { redis } from './lib/redis.js'")
    write(
      'ts/main.ts',
      `import { redis, type Redis } from '@/lib/redis'
import * as all from './src'
import data from './data.json' with { type: 'json' }
import fs = require('node:fs')
enum Color { Red = 'red' }
namespace Space { export const inside = 1 }
const dec = () => (_target: unknown, _name: string): void => {}
class Box { @dec() value!: number; constructor(readonly size: number, private hidden = 1) {} }
export const meta = import.meta
export const line = (): string => new Error('x').stack?.split('\\n')[1] ?? ''
export const answer = [redis satisfies Redis, all.redis, data.n, typeof fs.readFileSync, Color.Red, Space.inside, new Box(3)]`,
    )
    write('ts/data.json', '{ "n": 5 }')
    const { answer, line, meta } = await imported('ts/main.ts')
    expect(answer).toEqual(['redis', 'redis', 5, 'function', 'red', 1, { size: 3, hidden: 1 }])
    expect((line as () => string)()).toContain(`${path.join(folder, 'ts/main.ts')}:10:`)
    expect((meta as { url: string }).url).toMatch(/^file:.*main\.ts$/)
  })

  it('gets the default that a compiled package means, as a compiler has it', async () => {
    write('interop/node_modules/compiled/package.json', '{ "name": "compiled" }')
    write(
      'interop/node_modules/compiled/index.js',
      "'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\nexports.default = 'meant';\nexports.other = 1",
    )
    write('interop/main.ts', "import x, { other } from 'compiled'\nexport const answer = [x, other]")
    expect((await imported('interop/main.ts')).answer).toEqual(['meant', 1])
  })

  it('is blamed at the line and column that do not parse', async () => {
    write('broken.ts', 'export const a = 1\nexport const = 2\n')
    const error = await imported('broken.ts').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ParseError)
    expect(error).toMatchObject({
      file: path.join(folder, 'broken.ts'),
      line: 2,
      column: 13,
      message: 'Unexpected token',
    })
  })
})

describe('what all processes share', () => {
  it('is what was given by name, and the Redis clients', async () => {
    const api = { defineLock: () => 'defined' }
    shareModule('some-api', api)
    write('shares.ts', "import { defineLock } from 'some-api'\nexport const answer = defineLock()")
    expect((await imported('shares.ts')).answer).toBe('defined')
    const here = path.resolve(import.meta.dirname, 'modules.test.ts')
    for (const name of ['ioredis', 'iovalkey', 'redis']) {
      expect(fresh().load(name, here), name).toBe(fresh().load(name, here))
    }
    expect(fresh().load('redlock-4', here)).not.toBe(fresh().load('redlock-4', here))
  })
})
