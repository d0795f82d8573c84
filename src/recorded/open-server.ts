/** What a server recorded, by what its file begins with: MONITOR, an append-only file, or the folder of one in parts. */
import { firstBytes, manifestOf, readAof, readManifest, refuseSnapshot } from './aof.ts'
import { readMonitor, wholeLines } from './monitor-line.ts'
import type { ServerRecording } from './sent.ts'

/**
 * Opens it.
 * @throws UsageError when it is of another kind
 */
export function openServerRecording(file: string): ServerRecording {
  const manifest = manifestOf(file)
  if (manifest !== null) return readManifest(manifest)
  refuseSnapshot(file)
  if (/^(\*\d|#TS:)/.test(firstBytes(file))) {
    return { name: file, kind: 'aof', isComplete: false, events: readAof(file, { database: 0 }) }
  }
  return {
    name: file,
    kind: 'monitor',
    isComplete: false,
    events: readMonitor({ place: file, lines: wholeLines(file) }),
  }
}
