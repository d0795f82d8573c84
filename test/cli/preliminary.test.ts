/** The story that is told while the search goes on, on a terminal of the test's own. */
import { expect, it } from 'vitest'
import { Preliminary } from '../../src/cli/preliminary.ts'

function screen(isProgressTerminal: boolean, progressHeight = 24) {
  const drawn: string[] = []
  return {
    drawn,
    preliminary: new Preliminary({ isProgressTerminal, progressHeight, draw: (text) => drawn.push(text) }),
  }
}

it('takes the place of the one before, and is taken away with all its lines', () => {
  const { drawn, preliminary } = screen(true)
  preliminary.tell('one\ntwo')
  preliminary.tell('three')
  preliminary.clear()
  preliminary.clear()
  expect(drawn).toEqual(['one\ntwo\n', '\x1b[2A\x1b[J', 'three\n', '\x1b[1A\x1b[J'])
})

it('leaves what stands above something else', () => {
  const { drawn, preliminary } = screen(true)
  preliminary.tell('one')
  preliminary.keep()
  preliminary.clear()
  preliminary.tell('two')
  expect(drawn).toEqual(['one\n', 'two\n'])
})

it('is no higher than the terminal, so that all of it can be taken away', () => {
  const { drawn, preliminary } = screen(true, 4)
  preliminary.tell('one\ntwo\nthree\nfour')
  preliminary.clear()
  expect(drawn).toEqual(['one\ntwo\n', '\x1b[2A\x1b[J'])
})

it('is told on terminals alone', () => {
  const { drawn, preliminary } = screen(false)
  preliminary.tell('one')
  preliminary.clear()
  expect(drawn).toEqual([])
})
