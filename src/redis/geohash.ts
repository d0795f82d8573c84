/**
 * Places on the earth as numbers of 52 bits: the bits of latitude and longitude in turn, so that near places have near
 * numbers. A sorted set with such scores can be searched by place.
 *
 * Models  Redis's own search: the cell that holds the centre, its eight neighbours, and which of them can be left out.
 *
 * Source: geohash.c, geohash_helper.c of Redis 7.0; https://redis.io/docs/latest/commands/geoadd/
 */
import { arcSine, cosine, sine } from './trigonometry.ts'

export const LONGITUDE_MAX = 180
/** Where the Mercator projection ends. */
export const LATITUDE_MAX = 85.05112878
const STEP_MAX = 26
const EARTH_RADIUS_M = 6372797.560856
const MERCATOR_MAX = 20037726.37
const RADIANS_PER_DEGREE = Math.PI / 180

export interface Place {
  readonly longitude: number
  readonly latitude: number
}

/** A cell of the grid that divides both axes into 2^step parts. */
interface Cell {
  readonly x: number
  readonly y: number
  readonly step: number
}

interface Bounds {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** What a search covers; lengths in metres. */
export type Shape =
  | { readonly kind: 'circle'; readonly center: Place; readonly radiusM: number }
  | { readonly kind: 'box'; readonly center: Place; readonly widthM: number; readonly heightM: number }

const WORLD: Bounds = { west: -LONGITUDE_MAX, south: -LATITUDE_MAX, east: LONGITUDE_MAX, north: LATITUDE_MAX }
/** The usual geohash covers the poles too. */
const WHOLE_WORLD: Bounds = { west: -180, south: -90, east: 180, north: 90 }

function cellOf({ longitude, latitude }: Place, step: number, { west, south, east, north }: Bounds): Cell {
  const parts = 2 ** step
  return {
    x: Math.floor(((longitude - west) / (east - west)) * parts),
    y: Math.floor(((latitude - south) / (north - south)) * parts),
    step,
  }
}

/** The bits of a cell: those of y at the even places, those of x at the odd ones. */
function bitsOf({ x, y, step }: Cell): bigint {
  let bits = 0n
  for (let place = step; place >= 0; place--) {
    bits = (bits << 2n) | BigInt(bitAt(x, place) * 2 + bitAt(y, place))
  }
  return bits
}

const bitAt = (value: number, place: number): number => Math.floor(value / 2 ** place) % 2

/** The score of a place in a sorted set. */
export const scoreOf = (place: Place): number => Number(bitsOf(cellOf(place, STEP_MAX, WORLD)))

/** A double as the processor makes it an integer without sign: too large is 0, too small the middle of the range. */
function unsigned64(value: number): bigint {
  if (value >= 2 ** 64) return 0n
  return value > -(2 ** 63) ? BigInt.asUintN(64, BigInt(Math.trunc(value))) : 2n ** 63n
}

/** The place that a score stands for: the middle of its cell. */
export function placeOf(score: number): Place {
  const bits = unsigned64(score)
  const { west, south, east, north } = boundsOf({
    x: everySecondBit(bits >> 1n),
    y: everySecondBit(bits),
    step: STEP_MAX,
  })
  return {
    longitude: Math.min(Math.max((west + east) / 2, -LONGITUDE_MAX), LONGITUDE_MAX),
    latitude: Math.min(Math.max((south + north) / 2, -LATITUDE_MAX), LATITUDE_MAX),
  }
}

function everySecondBit(bits: bigint): number {
  let value = 0
  for (let place = 31n; place >= 0n; place--) value = value * 2 + Number((bits >> (2n * place)) & 1n)
  return value
}

/** The number behind it; numbers of cells have 32 bits. */
const next = (value: number): number => (value + 1) % 2 ** 32

function boundsOf({ x, y, step }: Cell): Bounds {
  const parts = 2 ** step
  const width = WORLD.east - WORLD.west
  const height = WORLD.north - WORLD.south
  return {
    west: WORLD.west + (x / parts) * width,
    east: WORLD.west + (next(x) / parts) * width,
    south: WORLD.south + (y / parts) * height,
    north: WORLD.south + (next(y) / parts) * height,
  }
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'

/** The eleven letters of the usual geohash; for the last one there are no bits left. */
export function geohashText(place: Place): string {
  const bits = bitsOf(cellOf(place, STEP_MAX, WHOLE_WORLD))
  let text = ''
  for (let shift = 47n; shift >= 2n; shift -= 5n) text += ALPHABET[Number((bits >> shift) & 31n)]
  return `${text}0`
}

/** The distance in metres between two places on a sphere. */
export function distanceM(a: Place, b: Place): number {
  const v = sine((b.longitude * RADIANS_PER_DEGREE - a.longitude * RADIANS_PER_DEGREE) / 2)
  if (v === 0) return latitudeDistanceM(a.latitude, b.latitude)
  const latitudeA = a.latitude * RADIANS_PER_DEGREE
  const latitudeB = b.latitude * RADIANS_PER_DEGREE
  const u = sine((latitudeB - latitudeA) / 2)
  const haversine = u * u + cosine(latitudeA) * cosine(latitudeB) * v * v
  return 2 * EARTH_RADIUS_M * arcSine(Math.sqrt(haversine))
}

const latitudeDistanceM = (a: number, b: number): number =>
  EARTH_RADIUS_M * Math.abs(b * RADIANS_PER_DEGREE - a * RADIANS_PER_DEGREE)

/** How far a place is from the middle of the shape; null: it lies outside. */
export function distanceWithin(shape: Shape, place: Place): number | null {
  const { center } = shape
  if (shape.kind === 'circle') {
    const distance = distanceM(center, place)
    return distance > shape.radiusM ? null : distance
  }
  if (latitudeDistanceM(place.latitude, center.latitude) > shape.heightM / 2) return null
  const sideways = distanceM(place, { longitude: center.longitude, latitude: place.latitude })
  return sideways > shape.widthM / 2 ? null : distanceM(center, place)
}

/** Scores from `min` up to, not including, `max`. */
export interface ScoreInterval {
  readonly min: number
  readonly max: number
}

/** The cells to search, in the order in which Redis searches them. */
export function intervalsAround(shape: Shape): readonly ScoreInterval[] {
  const bounds = boundsAround(shape)
  const radiusM =
    shape.kind === 'circle' ? shape.radiusM : Math.sqrt((shape.widthM / 2) ** 2 + (shape.heightM / 2) ** 2)
  const { center } = shape
  let cell = cellOf(center, stepFor(radiusM, center.latitude), WORLD)
  if (cell.step > 1 && isTooSmall(cell, bounds)) cell = cellOf(center, cell.step - 1, WORLD)
  const cells = [cell, ...NEIGHBOURS.filter((side) => isNeeded(side, cell, bounds)).map((side) => moved(cell, side))]
  const intervals: ScoreInterval[] = []
  let last: Cell | null = null
  for (const [index, each] of cells.entries()) {
    // Where a cell is its own neighbour, because the world is only so large, it is not searched twice in a row.
    if (last !== null && bitsOf(last) === bitsOf(each)) continue
    if (index > 0) last = each
    const bits = bitsOf(each)
    const shift = BigInt(2 * (STEP_MAX - each.step))
    intervals.push({ min: Number(bits << shift), max: Number((bits + 1n) << shift) })
  }
  return intervals
}

interface Side {
  readonly dx: -1 | 0 | 1
  readonly dy: -1 | 0 | 1
}

const NORTH: Side = { dx: 0, dy: 1 }
const SOUTH: Side = { dx: 0, dy: -1 }
const EAST: Side = { dx: 1, dy: 0 }
const WEST: Side = { dx: -1, dy: 0 }
const NEIGHBOURS: readonly Side[] = [
  NORTH,
  SOUTH,
  EAST,
  WEST,
  { dx: 1, dy: 1 },
  { dx: -1, dy: 1 },
  { dx: 1, dy: -1 },
  { dx: -1, dy: -1 },
]

/** The neighbour; the world is round, also from pole to pole. */
function moved({ x, y, step }: Cell, { dx, dy }: Side): Cell {
  const parts = 2 ** step
  return {
    x: dx === 0 ? x : (x + dx + parts) % parts,
    y: dy === 0 ? y : (y + dy + parts) % parts,
    step,
  }
}

function stepFor(radiusM: number, latitude: number): number {
  if (radiusM === 0) return STEP_MAX
  let step = 1
  for (let length = radiusM; length < MERCATOR_MAX; length *= 2) step++
  step -= 2
  if (Math.abs(latitude) > 66) step--
  if (Math.abs(latitude) > 80) step--
  return Math.min(Math.max(step, 1), STEP_MAX)
}

const isTooSmall = (cell: Cell, { west, south, east, north }: Bounds): boolean =>
  boundsOf(moved(cell, NORTH)).north < north ||
  boundsOf(moved(cell, SOUTH)).south > south ||
  boundsOf(moved(cell, EAST)).east < east ||
  boundsOf(moved(cell, WEST)).west > west

/** Whether what is searched reaches beyond the cell on that side. */
function isNeeded({ dx, dy }: Side, cell: Cell, bounds: Bounds): boolean {
  if (cell.step < 2) return true
  const { west, south, east, north } = boundsOf(cell)
  if (dy < 0 && south < bounds.south) return false
  if (dy > 0 && north > bounds.north) return false
  if (dx < 0 && west < bounds.west) return false
  return !(dx > 0 && east > bounds.east)
}

function boundsAround(shape: Shape): Bounds {
  const { longitude, latitude } = shape.center
  const height = shape.kind === 'circle' ? shape.radiusM : shape.heightM / 2
  const width = shape.kind === 'circle' ? shape.radiusM : shape.widthM / 2
  const dLatitude = height / EARTH_RADIUS_M / RADIANS_PER_DEGREE
  const widest = latitude < 0 ? latitude - dLatitude : latitude + dLatitude
  const dLongitude = width / EARTH_RADIUS_M / cosine(widest * RADIANS_PER_DEGREE) / RADIANS_PER_DEGREE
  return {
    west: longitude - dLongitude,
    east: longitude + dLongitude,
    south: latitude - dLatitude,
    north: latitude + dLatitude,
  }
}
