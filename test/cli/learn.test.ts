/** `lockstorm learn`: the list, a lesson, a storm of the reader's, the question on a terminal. Through the built binary. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { learn } from '../../src/cli/learn.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { build, lockstorm, shell } from './binary.ts'

beforeAll(build)

/** Without a process for each. */
async function told(
  lesson: string,
  faults: readonly string[] | undefined,
  flags = {},
): Promise<{ code: number; stdout: string }> {
  let stdout = ''
  const terminal = { width: 80, print: (text: string) => (stdout += text) } as unknown as Terminal
  const environment = { NO_COLOR: '1' }
  const code = await learn({
    words: [lesson],
    flags: { break: faults, ...flags },
    environment,
    terminal,
    commandLine: '',
  })
  return { code, stdout }
}

describe('learn', () => {
  it('lists the lessons in their order, in both languages', () => {
    const { code, stdout, stderr } = lockstorm(['learn'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(12)
    const lessons = JSON.parse(lockstorm(['learn', '--json', '--lang', 'zh']).stdout) as {
      name: string
      title: string
    }[]
    expect(lessons[0]).toMatchObject({ name: 'interleaving', title: '交错执行' })
    expect(lockstorm(['learn'], { env: { LOCKSTORM_LANG: 'zh' } }).stdout).toContain('Redis 一次只执行一条命令')
  })

  it('tells a lesson from its question to its sources, without asking where there is no terminal', () => {
    const { code, stdout, stderr } = lockstorm(['learn', 'interleaving'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const headings = [...stdout.matchAll(/^── (.+)$/gm)].map(([, heading]) => heading)
    expect(headings).toMatchInlineSnapshot(`
      [
        "The code",
        "The storm",
        "Predict",
        "What happened",
        "Why",
        "The cure",
        "Be the adversary",
        "What is not modelled",
        "Pitfalls",
        "Sources",
      ]
    `)
    expect(stdout).toContain('\nAnswer: 4 A and B\n')
  })

  it('tells the same as JSON', () => {
    const lesson = JSON.parse(lockstorm(['learn', 'clocks', '--json']).stdout)
    expect(lesson).toMatchObject({
      name: 'clocks',
      shows: { property: 'mutual-exclusion', kind: 'bug' },
      answer: 3,
      broken: { status: 'violated' },
      cured: { status: 'valid' },
    })
    expect(lesson.lockText).toContain('Date.now()')
  })

  it('measures a storm of the reader by the fewest faults', async () => {
    const slow = 'slow-work: { process: A, by: 1s }, at: 0s'
    const back = 'clock-step: { process: A, by: -1h }, at: A after read'
    const broken = await told('clocks', [slow, back])
    expect(broken.code).toBe(0)
    expect(broken.stdout).toMatch(/✓ Broken with 2 faults, and it cannot be done with fewer: \d+ storms were tried\.$/)
    const clumsy = await told('clocks', [slow, back, slow.replace('A', 'B')])
    expect(clumsy.stdout).toMatch(/✓ Broken with 3 faults. It can be done with 2 faults; \d+ storms were tried\.$/)
    const harmless = await told('clocks', [back])
    expect(harmless.code).toBe(1)
    expect(harmless.stdout).toContain('✗ Not broken')
    const late = await told('clocks', [back.replace('read', 'read 9')], { lang: 'zh' })
    expect(late.stdout).toContain('它的时刻没有到来：{ clock-step: { process: A, by: -3600s }, at: A after read 9 }')
    const none = await told('interleaving', ['none'], { json: true })
    expect(JSON.parse(none.stdout)).toMatchObject({ isBroken: true, fewest: { count: 0 } })
  })

  it('writes pages', async () => {
    const html = mkdtempSync(path.join(tmpdir(), 'lockstorm-learn-'))
    const { stdout } = await told('expiry', undefined, { html })
    expect(stdout).toBe(path.join(html, 'index.html'))
    expect(readdirSync(html).sort()).toEqual(['expiry.html', 'index.html'])
    rmSync(html, { recursive: true })
  })

  it('asks on a terminal, and says whether the answer is right', () => {
    // util-linux's script gives it a terminal.
    const ask = (keys: string) =>
      shell(`printf '${keys}' | script -qec "$LOCKSTORM learn interleaving --no-color" /dev/null`)
    expect(ask('7\\n4\\n').stdout).toMatch(/1-4\? [\s\S]*1-4\? [\s\S]*✓ Right\./)
    expect(ask('1\\n').stdout).toMatch(/✗ Not quite\. Answer: 4 A and B/)
    expect(ask('\\n').stdout).toMatch(/\r?\nAnswer: 4 A and B/)
  })
})
