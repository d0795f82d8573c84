/** Reading what a user names: files that are folders, without end, or too long, and lines wherever they are cut. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { linesOf, readNamed } from '../../src/scenario/node/named-file.ts'
import { UsageError } from '../../src/sim/usage-error.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-named-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(text: string): string {
  const file = path.join(folder, 'file')
  writeFileSync(file, text)
  return file
}

async function linesIn(text: string, options?: Parameters<typeof linesOf>[1]): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of linesOf(fileOf(text), options)) lines.push(line)
  return lines
}

describe('a named file', () => {
  it('is read whole, up to the limit', () => {
    const file = fileOf('ä'.repeat(300_000))
    expect(readNamed(file)).toBe('ä'.repeat(300_000))
    expect(readNamed(file, 600_000)).toHaveLength(300_000)
    expect(() => readNamed(file, 599_999)).toThrow('expected at most 599999 bytes')
  })

  it('is refused in words', () => {
    expect(() => readNamed(folder)).toThrow(UsageError)
    expect(() => readNamed(folder)).toThrow('it cannot be read: it is a folder')
    expect(() => readNamed(path.join(folder, 'none'))).toThrow('there is no such file')
  })

  it.skipIf(!existsSync('/dev/zero'))('need not end', () => {
    expect(() => readNamed('/dev/zero', 1_000_000)).toThrow('expected at most 1000000 bytes')
  })
})

describe('the lines of a named file', () => {
  it('are those of readline, wherever chunks end', async () => {
    const line = 'x'.repeat(100_000)
    expect(await linesIn(`a\r\n\n${line}\n${line}\n${line}\r\n${line}`)).toEqual(['a', '', line, line, line, line])
    expect(await linesIn('a\n')).toEqual(['a'])
    expect(await linesIn('')).toEqual([])
  })

  it('are whole ones where only those count', async () => {
    expect(await linesIn('a\nb', { isWhole: true })).toEqual(['a'])
  })

  it('are refused when one never ends, and where there is no file', async () => {
    await expect(linesIn(`a\n${'x'.repeat(2 ** 26 + 1)}`)).rejects.toThrow(/file:2: expected a line of at most/)
    const folderLines = async () => {
      for await (const _ of linesOf(folder)) expect.unreachable()
    }
    await expect(folderLines()).rejects.toThrow('it cannot be read: it is a folder')
  })
})
