/** Packages with a module cache of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModuleGraph } from '../../../src/sim/node/module-graph.ts'

let folder: string
const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text)
const load = (graph: ModuleGraph, name: string) => graph.load(path.join(folder, name)) as Record<string, unknown>

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-'))
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

describe('a module graph', () => {
  it('has one instance of each module, and shares none with another graph', () => {
    const [one, two] = [new ModuleGraph(), new ModuleGraph()]
    const [first, again, other] = [load(one, 'counter.cjs'), load(one, 'counter.cjs'), load(two, 'counter.cjs')]
    expect(again).toBe(first)
    const next = first.next as () => number
    expect([next(), next(), (other.next as () => number)()]).toEqual([1, 2, 1])
    expect(load(one, 'deep.cjs')).toBe(first.shared)
    expect(other.shared).not.toBe(first.shared)
    expect((other.shared as { data: object }).data).not.toBe((first.shared as { data: object }).data)
    expect((other.shared as { data: object }).data).toEqual({ list: [1] })
  })

  it("has Node's own modules, which the world has made virtual", () => {
    expect((load(new ModuleGraph(), 'deep.cjs').path as typeof path).join).toBe(path.join)
    expect(new ModuleGraph().load('node:path')).toBe(path)
  })

  it('gives a circle what has been exported so far, as Node does', () => {
    expect(load(new ModuleGraph(), 'one.cjs')).toEqual({ early: 1, other: { early: 1 }, late: 2 })
  })

  it('gives a module its names', () => {
    const file = path.join(folder, 'self.cjs')
    expect(new ModuleGraph().load(file)).toEqual([file, folder, file, true, path.join(folder, 'two.cjs')])
  })

  it('evaluates again what threw', () => {
    const graph = new ModuleGraph()
    expect(() => load(graph, 'throws.cjs')).toThrow('no')
    expect(() => load(graph, 'throws.cjs')).toThrow('no')
    expect((globalThis as { lockstormTries?: number }).lockstormTries).toBe(2)
  })

  it('says what it cannot load', () => {
    expect(() => new ModuleGraph().load('no-such-package')).toThrow(
      /^load\("no-such-package"\): it is not installed, or offers no CommonJS \(looked for from .+\)\n {2}fix: npm install no-such-package$/,
    )
    expect(() => load(new ModuleGraph(), 'module.mjs')).toThrow(/it is no CommonJS$/)
  })
})
