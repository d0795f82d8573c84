/**
 * Judging what was recorded elsewhere: histories of lockstorm, what users of a lock believed, what a resource accepted. Each input is
 * optional, and says what it can.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { judge } from '../check/judge.ts'
import type { Verdict } from '../check/verdict.ts'
import { History } from '../history/history.ts'
import { judgeBelief } from '../recorded/belief.ts'
import { judgeEffect } from '../recorded/effect.ts'
import type { Recording } from '../recorded/line.ts'
import { openServerRecording } from '../recorded/open-server.ts'
import { judgeOperations } from '../recorded/operations.ts'
import type { ServerRecording } from '../recorded/sent.ts'
import { judgeServers } from '../recorded/server.ts'
import { Together } from '../recorded/together.ts'
import type { Shown } from '../recorded/told.ts'
import type { ToldReport } from '../report/judged.ts'
import { linesOf, readNamed } from '../scenario/node/named-file.ts'
import { noSuchFile } from '../scenario/node/no-such-file.ts'
import { UsageError } from '../sim/usage-error.ts'
import { sentenceOf } from '../words/sentence.ts'
import type { Outcome } from './outcome.ts'
import type { Settings } from './settings.ts'

/** What `judge --json` prints. */
export interface JudgedReport extends ToldReport {
  readonly schema: 'lockstorm/judged@1'
  readonly histories: readonly { readonly file: string; readonly verdict: Verdict['status'] }[]
  readonly shown: readonly (Omit<Shown, 'property'> & { readonly property: string })[]
}

export interface Judged {
  readonly outcome: Outcome
  readonly report: JudgedReport
}

/**
 * Judges files.
 * @param histories of lockstorm: `histories/*.ndjson` of a report
 * @throws UsageError when there is nothing to judge, or a line is wrong
 */
export async function judgeRecorded(histories: readonly string[], settings: Settings): Promise<Judged> {
  const { server, belief, effect, jepsen, clockError, unknownOk } = settings
  if (histories.length + server.length + belief.length + effect.length + jepsen.length === 0) {
    throw new UsageError(
      'judge',
      'there is nothing to judge',
      'name histories, or files with --server, --belief, --effect or --jepsen',
    )
  }
  const clockErrorMs = clockError / 1_000
  const judged = histories.map(judgedHistory)
  const believed = belief.length === 0 ? null : await judgeBelief(belief.map(recordingOf), clockErrorMs, hashed)
  const effected = effect.length === 0 ? null : await judgeEffect(effect.map(recordingOf), hashed)
  const together = new Together({ believed, effected }, { hash: hashed, errorMs: clockErrorMs })
  const served =
    server.length === 0
      ? null
      : await judgeServers(
          server.map(serverRecordingOf),
          { keys: settings.keys, isOneEach: settings.oneConnection, hash: hashed, errorMs: clockErrorMs },
          believed === null && effected === null ? null : (token, backing) => together.add(token, backing),
        )
  const compared = served === null ? { shown: [], notes: [] } : together.judge()
  const operated = jepsen.map((file) => judgedOperations(file, settings.initial))
  const operations = operated.reduce((sum, each) => sum + each.operations, 0)
  const shown = [
    ...judged.flatMap((each) => each.shown),
    ...(served?.shown ?? []),
    ...(believed?.shown ?? []),
    ...(effected?.shown ?? []),
    ...compared.shown,
    ...operated.flatMap((each) => each.shown),
  ]
  const statuses = new Set<JudgedReport['status']>([
    ...judged.map(({ verdict }) => verdict),
    ...shown.map(({ status }) => status),
    ...operated.map((each) => (each.operations === 0 ? ('vacuous' as const) : ('valid' as const))),
    ...(served === null ? [] : [served.grants === 0 ? ('vacuous' as const) : ('valid' as const)]),
    ...(believed === null ? [] : [believed.holds === 0 ? ('vacuous' as const) : ('valid' as const)]),
    ...(effected === null ? [] : [effected.writes === 0 ? ('vacuous' as const) : ('valid' as const)]),
  ])
  const status = (['violated', 'unknown', 'vacuous', 'valid'] as const).find((each) => statuses.has(each)) ?? 'vacuous'
  const inconclusive: Outcome = unknownOk ? 'fine' : 'inconclusive'
  return {
    outcome: status === 'violated' ? 'failed' : status === 'valid' ? 'fine' : inconclusive,
    report: {
      schema: 'lockstorm/judged@1',
      status,
      clockErrorMs,
      histories: judged.map(({ file, verdict }) => ({ file, verdict })),
      belief: believed === null ? null : { locks: believed.locks, holds: believed.holds },
      effect: effected === null ? null : { resources: effected.resources, writes: effected.writes },
      server:
        served === null
          ? null
          : { servers: served.servers, commands: served.commands, locks: served.locks, grants: served.grants },
      jepsen: jepsen.length === 0 ? null : { histories: jepsen.length, operations },
      notes: [...(served?.notes ?? []), ...compared.notes],
      moreCount: served?.moreCount ?? 0,
      shown,
    },
  }
}

function judgedHistory(file: string) {
  const { verdict } = judge(History.parse(readNamed(file), file))
  const violations = verdict.status === 'violated' ? verdict.violations : []
  return {
    file,
    verdict: verdict.status,
    shown: violations.map((violation) => ({
      property: violation.property as string,
      status: 'violated' as const,
      sentence: sentenceOf(violation),
      places: [file],
    })),
  }
}

function judgedOperations(file: string, initial: string | null) {
  return judgeOperations(file, readNamed(file), initial)
}

function serverRecordingOf(file: string): ServerRecording {
  if (!existsSync(file)) throw noSuchFile(file)
  return openServerRecording(file)
}

/** A file, line after line: it may be larger than the memory. */
function recordingOf(file: string): Recording {
  if (!existsSync(file)) throw noSuchFile(file)
  return { place: file, lines: linesOf(file) }
}

/** Tokens are secrets of the application: they are compared and told by their hash. */
const hashed = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 16)
