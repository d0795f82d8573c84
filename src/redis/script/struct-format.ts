/**
 * The format string of `struct.pack`, `struct.unpack` and `struct.size`.
 *
 * `<` little endian, `>` big endian, `!n` alignment, `x` padding, `b B h H l L T i In` integers (1, 1, 2, 2, 8, 8, 8, 4 or n
 * bytes), `f d` floats, `cn` n characters (`c0`: all, or as many as the number before says), `s` zero-terminated string.
 *
 * Source: lua_struct.c of Redis 7.0
 */
import type { LuaVm } from './lua-vm.ts'
import type { Pointer } from './lua-wasm.ts'

const INT_MAX = 2147483647
const INTEGER_BYTES_MAX = 32
const NATIVE_ALIGNMENT = 8

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9'

/** The options of a format one after another; raises the errors of a wrong format when it comes to them. */
export class FormatReader {
  isBigEndian = false
  option = ''
  /** Of the current option; 0 for control options, `s` and `c0`. */
  sizeBytes = 0
  #alignment = 1
  #at = 0
  readonly #format: string
  readonly #vm: LuaVm
  readonly #L: Pointer

  constructor(vm: LuaVm, L: Pointer) {
    this.#vm = vm
    this.#L = L
    const format = vm.checkString(L, 1)
    const end = format.indexOf('\0')
    this.#format = end === -1 ? format : format.slice(0, end)
  }

  next(): boolean {
    if (this.#at >= this.#format.length) return false
    this.option = this.#format[this.#at++]!
    this.sizeBytes = this.#size()
    return true
  }

  #size(): number {
    switch (this.option) {
      case 'B':
      case 'b':
      case 'x':
        return 1
      case 'H':
      case 'h':
        return 2
      case 'f':
        return 4
      case 'L':
      case 'l':
      case 'T':
      case 'd':
        return 8
      case 'c':
        return this.#number(1)
      case 'i':
      case 'I': {
        const size = this.#number(4)
        if (size > INTEGER_BYTES_MAX)
          this.#vm.raise(this.#L, `integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`)
        return size
      }
      default:
        return 0
    }
  }

  #number(fallback: number): number {
    if (!isDigit(this.#format[this.#at])) return fallback
    let value = 0
    do {
      value = value * 10 + Number(this.#format[this.#at++])
      if (value > INT_MAX) this.#vm.raise(this.#L, 'integral size overflow')
    } while (isDigit(this.#format[this.#at]))
    return value
  }

  /** How many bytes of padding the current option needs at this position. */
  padding(position: number): number {
    const { sizeBytes, option } = this
    if (sizeBytes === 0 || option === 'c') return 0
    const size = Math.min(sizeBytes, this.#alignment)
    return (size - (position & (size - 1))) & (size - 1)
  }

  /** The current option is none that stands for data. */
  control(): void {
    switch (this.option) {
      case ' ':
        return
      case '>':
        this.isBigEndian = true
        return
      case '<':
        this.isBigEndian = false
        return
      case '!': {
        const alignment = this.#number(NATIVE_ALIGNMENT)
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0)
          this.#vm.raise(this.#L, `alignment ${alignment} is not a power of 2`)
        this.#alignment = alignment
        return
      }
      default:
        this.#vm.argumentError(this.#L, 1, `invalid format option '${this.option}'`)
    }
  }
}
