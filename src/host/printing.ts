/**
 * What code under test prints in its worlds: lines with the virtual time and the client, or only their number. A driver that
 * tells of errors which its user does not listen to is counted by itself.
 */
import { running } from '../sim/world.ts'

/** Hears what simulated processes print; null: it goes where the host's output goes. */
export const printing: { hear: ((line: string, isNoise: boolean) => void) | null } = { hear: null }

const NOISE = /Unhandled error event|^ {4}at |^\[ioredis\]/

/** Whether a piece of output was that of a simulated process, and has been heard. */
export function hearPrinted(piece: unknown): boolean {
  const { hear } = printing
  const { process } = running
  if (hear === null || process === null) return false
  const text = typeof piece === 'string' ? piece : Buffer.from(piece as Uint8Array).toString('utf8')
  const isNoise = NOISE.test(text)
  const place = `${(process.localNowUs / 1000).toFixed(3)} ms ${process.name}`
  if (isNoise) hear(`${place}  ${text.trimEnd()}`, true)
  else for (const line of text.trimEnd().split('\n')) hear(`${place}  ${line}`, false)
  return true
}
