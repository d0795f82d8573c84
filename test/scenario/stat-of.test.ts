/** What is at a path that a user names. */
import { expect, it } from 'vitest'
import { statOf } from '../../src/scenario/node/stat-of.ts'

it('is a folder, a file, or nothing, however long the word is', () => {
  expect(statOf(import.meta.dirname)?.isDirectory()).toBe(true)
  expect(statOf(import.meta.filename)?.isFile()).toBe(true)
  expect(statOf(`${import.meta.filename}/under-a-file`)).toBeUndefined()
  expect(statOf('a'.repeat(5_000))).toBeUndefined()
})
