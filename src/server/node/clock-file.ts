/**
 * The clock of one virtual-time server: a small file that the server's preload library has mapped.
 *
 * Layout, little-endian as on every machine that Node runs on:
 *   0  int64   wall clock, µs since 1970
 *   8  int64   monotonic clock, µs
 *  16  uint32  generation: when it changes, the server reseeds its random numbers …
 *  20  uint32  … with this seed
 *  24  uint32  not 0: the server cannot fork, so its snapshots fail
 *  28  zeros up to 256 bytes, which the server also reads in place of /dev/urandom
 *
 * Invariants
 * - The monotonic clock moves forward with the wall clock and stands still when that jumps backwards.
 * - The file changes only in `flush`, which runs just before bytes go to the server: the server can never wake up by
 *   itself and see a time that no command has.
 */
import { realFs } from '../../host/door.ts'
import type { ServerClock } from './server-clock.ts'

const SIZE_BYTES = 256
/** Where every server starts, so that its hash seed is the same each time: 2023-11-14T22:13:20Z. */
const START_US = 1_700_000_000_000_000

export class ClockFile implements ServerClock {
  readonly isVirtual = true
  readonly path: string
  readonly #fd: number
  readonly #bytes = new DataView(new ArrayBuffer(28))
  #wallUs = START_US
  #monotonicUs = START_US
  #generation = 0
  #seed = 0
  #refusesForks = false
  #isDirty = true

  constructor(path: string) {
    this.path = path
    this.#fd = realFs.openSync(path, 'w+')
    realFs.ftruncateSync(this.#fd, SIZE_BYTES)
    this.flush()
  }

  get wallUs(): number {
    return this.#wallUs
  }

  get monotonicUs(): number {
    return this.#monotonicUs
  }

  /** The time the server sees from its next command on. */
  set(wallUs: number): void {
    if (wallUs === this.#wallUs) return
    this.#monotonicUs += Math.max(0, wallUs - this.#wallUs)
    this.#wallUs = wallUs
    this.#isDirty = true
  }

  /** The server's random numbers begin anew. */
  reseed(seed: number): void {
    this.#generation += 1
    this.#seed = seed >>> 0
    this.#isDirty = true
  }

  /** Whether the server can start a child process (a snapshot). */
  refuseForks(isRefused: boolean): void {
    this.#refusesForks = isRefused
    this.#isDirty = true
  }

  /** Makes the server see what was set. */
  flush(): void {
    if (!this.#isDirty) return
    this.#isDirty = false
    this.#bytes.setBigInt64(0, BigInt(this.#wallUs), true)
    this.#bytes.setBigInt64(8, BigInt(this.#monotonicUs), true)
    this.#bytes.setUint32(16, this.#generation, true)
    this.#bytes.setUint32(20, this.#seed, true)
    this.#bytes.setUint32(24, this.#refusesForks ? 1 : 0, true)
    realFs.writeSync(this.#fd, this.#bytes, 0, 28, 0)
  }

  close(): void {
    realFs.closeSync(this.#fd)
  }
}
