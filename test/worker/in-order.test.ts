import { expect, it } from 'vitest'
import { inOrder } from '../../src/worker/in-order.ts'

const FOUR = [0, 1, 2, 3]

/** Things that end when they are told to. */
class Things {
  readonly begun: number[] = []
  readonly #ends: (() => void)[] = []

  begin = (index: number): Promise<string> => {
    this.begun.push(index)
    return new Promise((resolve) => {
      this.#ends[index] = () => resolve(`thing ${index}`)
    })
  }

  end(index: number): void {
    this.#ends[index]!()
  }
}

it('gives what came of each in its order, whichever was done first', async () => {
  const things = new Things()
  const taken: string[] = []
  const all = (async () => {
    for await (const outcome of inOrder({ items: FOUR, atOnce: 2, begin: things.begin })) taken.push(outcome)
  })()
  await Promise.resolve()
  expect(things.begun).toEqual([0, 1])
  things.end(1)
  await new Promise(setImmediate)
  expect(taken).toEqual([])
  things.end(0)
  await new Promise(setImmediate)
  expect({ taken, begun: things.begun }).toEqual({ taken: ['thing 0', 'thing 1'], begun: [0, 1, 2, 3] })
  things.end(3)
  things.end(2)
  await all
  expect(taken).toEqual(['thing 0', 'thing 1', 'thing 2', 'thing 3'])
})

it('begins nothing more when it is interrupted, and ends when what was begun has ended', async () => {
  const things = new Things()
  let interrupt = (): void => {}
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve
  })
  const taken: string[] = []
  let isOver = false
  const all = (async () => {
    for await (const outcome of inOrder({ items: FOUR, atOnce: 2, begin: things.begin, interrupted }))
      taken.push(outcome)
    isOver = true
  })()
  await new Promise(setImmediate)
  interrupt()
  await new Promise(setImmediate)
  expect({ taken, isOver }).toEqual({ taken: [], isOver: false })
  things.end(0)
  things.end(1)
  await all
  expect(things.begun).toEqual([0, 1])
})

it('takes items when there is room, until it is over, and gives what was begun', async () => {
  let taken = 0
  function* endless(): Iterable<number> {
    for (let item = 0; ; item += 1) {
      taken += 1
      yield item
    }
  }
  const outcomes: number[] = []
  const belt = { items: endless(), atOnce: 2, begin: async (item: number) => item, isOver: () => outcomes.length >= 3 }
  for await (const outcome of inOrder(belt)) outcomes.push(outcome)
  // When the third was taken, one more was under way.
  expect({ outcomes, taken }).toEqual({ outcomes: [0, 1, 2, 3], taken: 4 })
})

it('abandons what was begun when it is left, and waits for nothing else', async () => {
  const things = new Things()
  let abandoned = 0
  const abandon = async (): Promise<void> => {
    abandoned += 1
  }
  const all = (async () => {
    for await (const _ of inOrder({ items: FOUR, atOnce: 3, begin: things.begin, abandon })) break
  })()
  things.end(0)
  await all
  expect({ abandoned, begun: things.begun }).toEqual({ abandoned: 1, begun: [0, 1, 2] })
})

it('fails with the first failure in order', async () => {
  const begin = async (index: number): Promise<number> => {
    if (index > 0) throw new Error(`thing ${index}`)
    return index
  }
  const taken: number[] = []
  const all = async (): Promise<void> => {
    for await (const outcome of inOrder({ items: [0, 1, 2, 3, 4], atOnce: 3, begin })) taken.push(outcome)
  }
  await expect(all()).rejects.toThrow('thing 1')
  expect(taken).toEqual([0])
})
