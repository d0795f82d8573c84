/**
 * `crypto`'s randomness, drawn from the stream of the simulated process whose turn is running.
 */
import crypto from 'node:crypto'
import type { SimProcess } from '../sim/process.ts'
import { fillRandom } from '../sim/virtual-globals.ts'
import { dispatch } from './dispatch.ts'

type BytesCallback = (error: Error | null, bytes: Buffer) => void
type Fillable = NodeJS.ArrayBufferView | ArrayBuffer

/** Replaces whatever draws random bytes. */
export function installRandomness(): void {
  const { randomBytes, randomInt, randomFillSync } = crypto
  dispatch(crypto, 'randomBytes', (process: SimProcess, size: number, callback?: BytesCallback) => {
    // What the real one refuses, it refuses in its own words; here and below.
    if (!(typeof size === 'number' && size >= 0 && size < 2 ** 31)) return randomBytes(size, callback as BytesCallback)
    const result = Buffer.from(process.random.bytes(Math.trunc(size)).buffer)
    if (callback === undefined) return result
    process.setImmediate(() => callback(null, result))
    return undefined
  })
  const fill = (process: SimProcess, target: Fillable, offset = 0, size?: number): void => {
    // Offset and size count elements of a typed array, and bytes of everything else.
    const unit = 'BYTES_PER_ELEMENT' in target ? target.BYTES_PER_ELEMENT : 1
    const from = Math.trunc(offset * unit)
    const count = size === undefined ? target.byteLength - from : Math.trunc(size * unit)
    if (!(from >= 0 && count >= 0 && from + count <= target.byteLength)) randomFillSync(target as Buffer, offset, size)
    const isView = ArrayBuffer.isView(target)
    const buffer = isView ? target.buffer : target
    fillRandom(
      { buffer, byteOffset: (isView ? target.byteOffset : 0) + from, byteLength: count },
      process.random.bytes(count),
    )
  }
  dispatch(crypto, 'randomFillSync', (process: SimProcess, target: Fillable, offset?: number, size?: number) => {
    fill(process, target, offset, size)
    return target
  })
  dispatch(crypto, 'randomFill', (process: SimProcess, target: Fillable, ...rest: unknown[]) => {
    const callback = rest.pop() as (error: null, target: Fillable) => void
    fill(process, target, rest[0] as number | undefined, rest[1] as number | undefined)
    process.setImmediate(() => callback(null, target))
  })
  // `crypto.getRandomValues` calls the global `crypto` object, which is virtual already.
  dispatch(crypto, 'randomUUID', (process: SimProcess) => process.random.uuid())
  dispatch(crypto, 'randomInt', (process: SimProcess, ...args: unknown[]) => {
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as (error: null, n: number) => void) : null
    const [min, max] = args.length === 1 ? [0, args[0] as number] : (args as [number, number])
    const range = max - min
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && range > 0 && range < 2 ** 48))
      return randomInt(min, max)
    // 48 bits, because one draw has 32.
    const bits = process.random.below(2 ** 16) * 2 ** 32 + process.random.below(2 ** 32)
    const result = min + Math.floor((bits / 2 ** 48) * range)
    if (callback === null) return result
    process.setImmediate(() => callback(null, result))
    return undefined
  })
}
