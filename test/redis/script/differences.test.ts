/**
 * Where the engine knowingly answers something else than redis-server 7.0.15. An entry leaves this list when both agree.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Both } from './probes.ts'

/** Scripts that end the real server: it reads the text of an error table that has none (SIGSEGV in luaCallFunction). */
const CRASHES_REDIS = ['error({})', 'error({err = {}})', 'error({code = 5})']

interface Difference {
  readonly script: string
  readonly ours: string
  readonly reason: string
}

const DIFFERENCES: readonly Difference[] = [
  { script: 'return #tostring({})', ours: ':15\r\n', reason: 'an address of 32 bits has fewer digits' },
  { script: 'return #string.dump(function() end)', ours: ':73\r\n', reason: 'bytecode has the sizes of 32 bits' },
  { script: 'return 0x', ours: ':0\r\n', reason: 'the strtoul of musl takes 0x without digits for 0' },
  {
    script: "return string.format('%.17g', math.tan(1024))",
    ours: '$20\r\n-0.16056393283879802\r\n',
    reason: 'the tan of musl and that of glibc differ in the last digit',
  },
  { script: "return tonumber('0x')", ours: ':0\r\n', reason: 'the same' },
]

describe('known differences', () => {
  let both: Both
  beforeAll(async () => {
    both = await Both.start()
  })
  afterAll(() => both.stop())

  it.each(DIFFERENCES)('$script: $reason', async ({ script, ours }) => {
    const { memory, reality } = await both.run(['EVAL', script, '0'])
    expect(memory).toBe(ours)
    expect(reality).not.toBe(ours)
  })

  it.each(CRASHES_REDIS)('%s has an answer', (script) => {
    expect(both.memoryOnly(['EVAL', script, '0'])).toMatch(
      /^-ERR unknown error script: [0-9a-f]{40}, on @user_script:1\.\r\n$/,
    )
  })

  it('cuts replies nested deeper than a thousand arrays, Redis deeper than eight thousand', async () => {
    const script = 'local t = {} for i = 1, 1500 do t = {t} end return t'
    const { memory, reality } = await both.run(['EVAL', script, '0'])
    expect(reality).toBe(`${'*1\r\n'.repeat(1500)}*0\r\n`)
    expect(memory).toBe(`${'*1\r\n'.repeat(1000)}-ERR reached lua stack limit\r\n`)
  })
})
