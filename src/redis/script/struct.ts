/**
 * The `struct` library: numbers and strings to and from bytes laid out as a C struct.
 *
 * Source: http://www.inf.puc-rio.br/~roberto/struct/, lua_struct.c of Redis 7.0
 */
import { toInt64, toUint64 } from './c-integers.ts'
import { NUMBER, VALUE_BYTES } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import { FormatReader } from './struct-format.ts'

/** The functions, in the order in which Redis registers them. */
export function structFunctions(vm: LuaVm): Readonly<Record<string, LuaFunction>> {
  return { pack: pack(vm), unpack: unpack(vm), size: size(vm) }
}

const reversed = (bytes: string): string => [...bytes].reverse().join('')

function pack(vm: LuaVm): LuaFunction {
  return (L) => {
    const reader = new FormatReader(vm, L)
    // As in C, where a nil separates the arguments from the buffer: a missing argument is "nil", not "no value".
    vm.api.lua_pushnil(L)
    let packed = ''
    let argument = 2
    while (reader.next()) {
      packed += '\0'.repeat(reader.padding(packed.length))
      switch (reader.option) {
        case 'b':
        case 'B':
        case 'h':
        case 'H':
        case 'l':
        case 'L':
        case 'T':
        case 'i':
        case 'I':
          packed += integerBytes(vm.checkNumber(L, argument++), reader.sizeBytes, reader.isBigEndian)
          break
        case 'x':
          packed += '\0'
          break
        case 'f':
        case 'd': {
          const bytes = floatBytes(vm, L, argument++, reader.sizeBytes)
          packed += reader.isBigEndian ? reversed(bytes) : bytes
          break
        }
        case 'c':
        case 's': {
          const text = vm.checkString(L, argument++)
          const length = reader.sizeBytes === 0 ? text.length : reader.sizeBytes
          if (text.length < length) vm.argumentError(L, argument, 'string too short')
          packed += text.slice(0, length)
          if (reader.option === 's') packed += '\0'
          break
        }
        default:
          reader.control()
      }
    }
    vm.pushString(L, packed)
    return 1
  }
}

/** The low bytes of a 64 bit integer; a wider integer is filled with zeros, also a negative one. */
function integerBytes(value: number, sizeBytes: number, isBigEndian: boolean): string {
  let bits = value < 0 ? BigInt.asUintN(64, toInt64(value)) : toUint64(value)
  let bytes = ''
  for (let i = 0; i < sizeBytes; i++) {
    bytes += String.fromCharCode(Number(bits & 255n))
    bits >>= 8n
  }
  return isBigEndian ? reversed(bytes) : bytes
}

/** The bytes of a float or a double, little endian; those of a double are taken as they are, NaN's sign included. */
function floatBytes(vm: LuaVm, L: Pointer, n: number, sizeBytes: number): string {
  const value = vm.checkNumber(L, n)
  const at = vm.argument(L, n)
  if (sizeBytes === 8 && vm.typeAt(at) === NUMBER) return vm.bytes(at, VALUE_BYTES / 2)
  const view = new DataView(new ArrayBuffer(8))
  if (sizeBytes === 4) view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  if (sizeBytes === 4 && Number.isNaN(value) && vm.isNegativeAt(at)) view.setUint8(3, 0xff)
  return Array.from({ length: sizeBytes }, (_, i) => String.fromCharCode(view.getUint8(i))).join('')
}

function unpack(vm: LuaVm): LuaFunction {
  const { api } = vm
  const tooManyResults = vm.name('too many results')
  return (L) => {
    const reader = new FormatReader(vm, L)
    const packed = vm.checkString(L, 2)
    const offset = vm.isNoneOrNil(L, 3) ? 1 : Number(toInt64(vm.checkNumber(L, 3)))
    if (offset === 0) vm.argumentError(L, 3, 'offset must be 1 or greater')
    // A negative offset is a huge size_t: no option fits there, and an empty format leaves it as it is.
    let position = offset > 0 ? offset - 1 : Number.POSITIVE_INFINITY
    let count = 0
    const need = (sizeBytes: number): void => {
      if (sizeBytes > packed.length || position > packed.length - sizeBytes)
        vm.argumentError(L, 2, 'data string too short')
    }
    while (reader.next()) {
      position += reader.padding(position)
      let { sizeBytes } = reader
      need(sizeBytes)
      api.luaL_checkstack(L, 2, tooManyResults)
      const bytes = packed.slice(position, position + sizeBytes)
      switch (reader.option) {
        case 'b':
        case 'B':
        case 'h':
        case 'H':
        case 'l':
        case 'L':
        case 'T':
        case 'i':
        case 'I': {
          const isSigned = reader.option >= 'a'
          api.lua_pushnumber(L, integerOf(reader.isBigEndian ? reversed(bytes) : bytes, isSigned))
          count++
          break
        }
        case 'x':
          break
        case 'f':
        case 'd':
          pushFloat(vm, L, reader.isBigEndian ? reversed(bytes) : bytes)
          count++
          break
        case 'c':
          if (sizeBytes === 0) {
            if (count === 0 || api.lua_isnumber(L, -1) === 0) vm.raise(L, "format 'c0' needs a previous size")
            sizeBytes = Number(toUint64(api.lua_tonumber(L, -1)))
            api.lua_settop(L, -2)
            count--
            need(sizeBytes)
          }
          vm.pushString(L, packed.slice(position, position + sizeBytes))
          count++
          break
        case 's': {
          const end = packed.indexOf('\0', position)
          if (end === -1) vm.raise(L, 'unfinished string in data')
          sizeBytes = end - position + 1
          vm.pushString(L, packed.slice(position, end))
          count++
          break
        }
        default:
          reader.control()
      }
      position += sizeBytes
    }
    api.lua_pushnumber(L, offset > 0 ? position + 1 : offset)
    return count + 1
  }
}

/** Little endian bytes as an integer; beyond 8 bytes only the first 8 count, as in a C long. */
function integerOf(bytes: string, isSigned: boolean): number {
  let bits = 0n
  for (let i = bytes.length - 1; i >= 0; i--) bits = BigInt.asUintN(64, (bits << 8n) | BigInt(bytes.charCodeAt(i)))
  if (!isSigned) return Number(bits)
  // A shift by more than 63 takes the count modulo 64, as the processor does.
  const sign = BigInt.asUintN(64, (2n ** 64n - 1n) << BigInt((bytes.length * 8 - 1) & 63))
  if ((bits & sign) !== 0n) bits |= sign
  return Number(BigInt.asIntN(64, bits))
}

/** A double goes into Lua byte by byte, so that NaN keeps its sign. */
function pushFloat(vm: LuaVm, L: Pointer, bytes: string): void {
  const view = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < bytes.length; i++) view.setUint8(i, bytes.charCodeAt(i))
  const value = bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
  vm.api.lua_pushnumber(L, value)
  if (Number.isNaN(value) && view.getUint8(bytes.length - 1) >= 128) vm.i32[(vm.top(L) + 4) >> 2]! |= 1 << 31
}

function size(vm: LuaVm): LuaFunction {
  return (L) => {
    const reader = new FormatReader(vm, L)
    let position = 0
    while (reader.next()) {
      position += reader.padding(position)
      if (reader.option === 's') vm.argumentError(L, 1, "option 's' has no fixed size")
      if (reader.option === 'c' && reader.sizeBytes === 0) vm.argumentError(L, 1, "option 'c0' has no fixed size")
      if (!/[0-9a-zA-Z]/.test(reader.option)) reader.control()
      position += reader.sizeBytes
    }
    vm.api.lua_pushnumber(L, position)
    return 1
  }
}
