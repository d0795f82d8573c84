/** `lockstorm explain` tells every pitfall, property and fault, and what it says can be run. Through the built binary. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/check/registry.ts'
import { explain } from '../../src/cli/explain.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { FAULTS } from '../../src/fault/registry.ts'
import { label, PITFALLS } from '../../src/pitfall/registry.ts'
import type { Language } from '../../src/text/language.ts'
import { textWidth } from '../../src/text/width.ts'
import { build, lockstorm } from './binary.ts'

beforeAll(build)

const names = new Set([...PITFALLS.map(label), ...CHECKS.map(({ name }) => name), ...FAULTS.map(({ name }) => name)])

/** Without a process for each. */
async function explained(word: string, isJson = false, language: Language = 'en'): Promise<string> {
  const lines: string[] = []
  const terminal = { width: 80, print: (text: string) => lines.push(text) } as unknown as Terminal
  await explain(word, isJson, terminal, language)
  return lines.join('\n')
}

describe('explain', () => {
  it('tells a pitfall: what goes wrong, what shows it, what cures it, who met it', () => {
    const { code, stdout, stderr } = lockstorm(['explain', 'P22'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "P22 A pause between check and use

      The holder checks its lease, is stopped (garbage collection, SIGSTOP, a
      suspended machine) and then writes; no lock can prevent it, only the storage can
      refuse it.

      breaks    stale-write (limit)
      takes     pause
      shown by  set-nx-lua in gc-pause-before-write
      cured by  fenced in the same storm
      run it    lockstorm run gc-pause-before-write --only set-nx-lua --only fenced
      seen in   https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
                http://antirez.com/news/101
      lessons   lockstorm learn pause
      "
    `)
  })

  it('tells a pitfall in Chinese, in columns that are columns', () => {
    const { code, stdout, stderr } = lockstorm(['explain', 'P22', '--lang', 'zh'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "P22 检查与使用之间的停顿

      持有者检查了租约，接着停顿（垃圾回收、SIGSTOP、机器挂起），然后写入；任何锁都防
      不住，只有存储能拒绝这次写入。

      违反        接受了过期的写入 stale-write（极限）
      需要的故障  pause
      展示        set-nx-lua，gc-pause-before-write
      解决办法    fenced，同一场风暴
      运行        lockstorm run gc-pause-before-write --only set-nx-lua --only fenced
      出处        https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
                  http://antirez.com/news/101
      课程        lockstorm learn pause --lang zh
      "
    `)
    const rows = stdout.split('\n').slice(5, -1)
    const starts = rows.map((row) => textWidth(/^(?:\S* {2,})/.exec(row)?.[0] ?? ''))
    expect(new Set(starts)).toEqual(new Set([starts[0]]))
  })

  it('tells every pitfall in Chinese, and why none shows it', async () => {
    for (const pitfall of PITFALLS) {
      const text = await explained(label(pitfall), false, 'zh')
      expect(text).toMatch(new RegExp(`^${label(pitfall)} .*\\n\\n.*\\p{Script=Han}`, 'su'))
      expect(text).not.toMatch(/^(breaks|takes|not shown|shown by|cured by|run it|seen in|lessons)\b/m)
      const [told] = JSON.parse(await explained(label(pitfall), true, 'zh'))
      expect(told).toMatchObject({ title: pitfall.nameZh, mechanism: pitfall.mechanismZh })
      expect(told.notShown).toBe('notShownZh' in pitfall ? pitfall.notShownZh : undefined)
    }
  })

  it('knows two languages', () => {
    const { code, stdout, stderr } = lockstorm(['explain', 'P22', '--lang', 'fr'])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toMatchInlineSnapshot(`
      "--lang: expected en, zh, got "fr"
      "
    `)
  })

  it('tells a property and a fault', async () => {
    expect(await explained('overstated-lease')).toMatchInlineSnapshot(`
      "overstated-lease, a property

      A lease never claims to last longer than the server's key.

      broken     told something untrue
      judged on  lock
      workloads  counter, cache, job, queue, idempotency
      pitfalls   P25 Counted from the wrong moment
                 P48 No margin for drift
                 P75 A deadline on the wall clock"
    `)
    expect(await explained('client-pause')).toMatchInlineSnapshot(`
      "client-pause, a fault

      Makes a Redis node let all commands (or those that write) wait for a while.

      strikes   redis
      in YAML   - client-pause: { process: redis-1, for: 500ms, only: write }"
    `)
  })

  it('tells everything that a word means', async () => {
    const meanings = (await explained('crash')).split('\n').filter((line) => line.startsWith('crash'))
    expect(meanings).toEqual(['crash, a property', 'crash, a fault'])
  })

  it.each([...names])('%s begins with its name, and JSON has it too', async (name) => {
    expect(await explained(name)).toMatch(new RegExp(`^${name}`))
    expect(JSON.parse(await explained(name, true))[0]).toMatchObject({ name })
  })

  it('takes a number as people write it', async () => {
    for (const word of ['p4', '4', 'P04', 'p004']) expect(await explained(word)).toMatch(/^P04 /)
  })

  it('names a command that shows the pitfall and its cure', async () => {
    const output = mkdtempSync(path.join(tmpdir(), 'lockstorm-explain-'))
    const [, command = ''] = /run it +lockstorm (.+)/.exec(await explained('P22')) ?? []
    const { stdout } = lockstorm([...command.split(' '), '--json', '--output', output])
    rmSync(output, { recursive: true })
    const { cells } = JSON.parse(stdout) as {
      readonly cells: readonly { readonly lock: string; readonly verdict: string }[]
    }
    expect(cells.map(({ lock, verdict }) => `${lock}: ${verdict}`)).toEqual(['set-nx-lua: violated', 'fenced: valid'])
  })
})
