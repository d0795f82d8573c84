/**
 * Arguments and replies that the commands for places share: coordinates, units, distances.
 *
 * Source: geo.c of Redis 7.0; util.c (`fixedpoint_d2string`)
 */
import { floatArgument } from './arguments.ts'
import { cText, type ErrorReply, errorOf } from './errors.ts'
import { LATITUDE_MAX, LONGITUDE_MAX, type Place } from './geohash.ts'
import { formatLongDouble, longDoubleOf } from './long-double.ts'
import type { Reply } from './reply.ts'

const BAD_UNIT = errorOf('ERR unsupported unit provided. please use M, KM, FT, MI')
const NEGATIVE_RADIUS = errorOf('ERR radius cannot be negative')
const NEGATIVE_SIDE = errorOf('ERR height or width cannot be negative')

const METRES: ReadonlyMap<string, number> = new Map([
  ['m', 1],
  ['km', 1000],
  ['ft', 0.3048],
  ['mi', 1609.34],
])

/** Longitude and latitude. */
export function parsePlace(x: string, y: string): Place | ErrorReply {
  const longitude = floatArgument(x)
  if (typeof longitude !== 'number') return longitude
  const latitude = floatArgument(y)
  if (typeof latitude !== 'number') return latitude
  if (Math.abs(longitude) > LONGITUDE_MAX || Math.abs(latitude) > LATITUDE_MAX) {
    return errorOf(`ERR invalid longitude,latitude pair ${sixDecimals(longitude)},${sixDecimals(latitude)}`)
  }
  return { longitude, latitude }
}

function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`
}

/** How many metres a unit has. */
export const parseUnit = (text: string): number | ErrorReply => METRES.get(cText(text).toLowerCase()) ?? BAD_UNIT

/** A length in a unit. */
export interface Radius {
  readonly length: number
  readonly metres: number
}

export function parseRadius(text: string, unit: string): Radius | ErrorReply {
  const length = floatArgument(text, 'need numeric radius')
  if (typeof length !== 'number') return length
  if (length < 0) return NEGATIVE_RADIUS
  const metres = parseUnit(unit)
  return typeof metres === 'number' ? { length, metres } : metres
}

/** The sides of a box in a unit. */
export interface Box {
  readonly width: number
  readonly height: number
  readonly metres: number
}

export function parseBox(widthText: string, heightText: string, unit: string): Box | ErrorReply {
  const width = floatArgument(widthText, 'need numeric width')
  if (typeof width !== 'number') return width
  const height = floatArgument(heightText, 'need numeric height')
  if (typeof height !== 'number') return height
  if (width < 0 || height < 0) return NEGATIVE_SIDE
  const metres = parseUnit(unit)
  return typeof metres === 'number' ? { width, height, metres } : metres
}

/** Four decimals, halves to even; a distance too large for 64 bits is the smallest integer, as the processor makes it. */
export function distanceText(distance: number): string {
  const scaled = distance * 10_000
  const whole = Math.abs(scaled) < 2 ** 63 ? roundHalfEven(scaled) : -(2n ** 63n)
  const digits = String(whole < 0n ? -whole : whole).padStart(5, '0')
  return `${whole < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`
}

function roundHalfEven(value: number): bigint {
  const down = Math.floor(value)
  const rest = value - down
  return BigInt(rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down)
}

/** Longitude and latitude in full. */
export const placeReply = ({ longitude, latitude }: Place): Reply =>
  [longitude, latitude].map((value): Reply => ({ kind: 'double', text: formatLongDouble(longDoubleOf(value)) }))
