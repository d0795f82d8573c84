/**
 * What code under test reads of its host while somebody listens: the files, each with what was in them. Two runs of one world
 * that differ may differ because one of these did.
 */
import { createHash } from 'node:crypto'
import type fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { running } from '../sim/world.ts'
import { asOurselves } from './door.ts'

/** One answer of the host. */
export interface Reading {
  /** What was asked: `fs.readFileSync("/etc/hosts")`. */
  readonly asked: string
  /** In short: the same for the same answer. */
  readonly answer: string
}

/** More are read by a program that is not looking for what differs. */
const READINGS_MAX = 10_000
const SHOWN_MAX = 40

const NAMES = [
  'readFileSync',
  'readdirSync',
  'statSync',
  'lstatSync',
  'fstatSync',
  'existsSync',
  'realpathSync',
] as const

let heard: Reading[] | null = null

const files = new Set<string>()

/** The files that simulated processes have read in this thread, beside those of their modules. */
export const filesRead = (): readonly string[] => [...files].sort()

/** Runs something, and tells what was read meanwhile. */
export function hearReadings<T>(run: () => T): { readonly result: T; readonly readings: readonly Reading[] } {
  const readings: Reading[] = []
  heard = readings
  try {
    return { result: run(), readings }
  } finally {
    heard = null
  }
}

/** Makes it heard what simulated processes read; everything else that reads files stands on these. */
export function installReadings(target: typeof fs): void {
  for (const name of NAMES) {
    const real = target[name] as (...args: unknown[]) => unknown
    const replacement = function (this: unknown, ...args: unknown[]): unknown {
      if (running.process === null) return real.apply(this, args)
      if (name === 'readFileSync' && (typeof args[0] === 'string' || args[0] instanceof URL)) files.add(pathOf(args[0]))
      if (heard === null) return real.apply(this, args)
      const asked = `fs.${name}(${JSON.stringify(String(args[0]))})`
      try {
        const result = real.apply(this, args)
        note(asked, shortly(result))
        return result
      } catch (error) {
        note(asked, (error as NodeJS.ErrnoException).code ?? String(error))
        throw error
      }
    }
    Object.assign(replacement, real)
    Object.defineProperty(target, name, { value: replacement, writable: true, configurable: true, enumerable: true })
  }
}

const pathOf = (file: string | URL): string => (typeof file === 'string' ? path.resolve(file) : fileURLToPath(file))

function note(asked: string, answer: string): void {
  if (heard !== null && heard.length < READINGS_MAX) heard.push({ asked, answer })
}

function shortly(result: unknown): string {
  if (Buffer.isBuffer(result) || typeof result === 'string') {
    const digest = asOurselves(() => createHash('sha256').update(result).digest('hex').slice(0, 8))
    const text = result.toString().slice(0, SHOWN_MAX)
    return `${result.length} bytes, ${JSON.stringify(text)}… (${digest})`
  }
  const { size, mtimeMs } = (result ?? {}) as { readonly size?: number; readonly mtimeMs?: number }
  if (size !== undefined) return `${size} bytes, changed at ${new Date(mtimeMs ?? 0).toISOString()}`
  return JSON.stringify(result) ?? String(result)
}

/** The first answer that differs, in words; null: none does. */
export function firstDifference(first: readonly Reading[], second: readonly Reading[]): string | null {
  const length = Math.max(first.length, second.length)
  for (let index = 0; index < length; index += 1) {
    const [one, two] = [first[index], second[index]]
    if (one?.asked !== two?.asked) return null
    if (one === undefined || two === undefined || one.answer === two.answer) continue
    return `${one.asked}\n  first run   ${one.answer}\n  second run  ${two.answer}`
  }
  return null
}
