/**
 * What is wrong, one thing at a time, as the surfaces of other tools show it: annotations, code quality, SARIF, the text for agents.
 */
import type { ViolationKind, Weight } from '../../check/verdict.ts'
import { hashTrace } from '../../sim/trace.ts'
import type { CellWord } from '../../text/status-word.ts'

/** One thing that is wrong. */
export interface Problem {
  /** `my-lock`, or `my-lock in gc-pause`. */
  readonly subject: string
  /** The file of the code under test; null: it is built in. */
  readonly file: string | null
  /** The line of it that sent the command; null: not known. */
  readonly line: number | null
  /** `mutual-exclusion`; `verdict` where no property is to blame. */
  readonly rule: string
  /** `mutual exclusion violated` */
  readonly heading: string
  readonly kind: ViolationKind
  readonly weight: Weight
  /** What tells the cause from that of another problem. */
  readonly cause: string
  readonly sentence: string
  readonly why: string
  /** The faults of its storm, each in words. */
  readonly storm: readonly string[]
  /** What cures it, each as advice. */
  readonly cures: readonly string[]
  /** The command that shows it again; empty: there is none. */
  readonly replay: string
  /** Why it fails nothing; null: it fails. */
  readonly accepted: string | null
}

/** A report as a list of problems, the worst first. */
export interface Problems {
  readonly problems: readonly Problem[]
  /** What was done and found, in one sentence. */
  readonly statement: string
  readonly word: CellWord
}

/** The same for the same problem in every run, whatever its figures and its storm are. */
export const fingerprintOf = ({ subject, rule, kind, cause }: Problem): string => {
  const value = [subject, rule, kind, cause]
  return hashTrace([{ atUs: 0, seq: 0, process: '', type: 'note', op: 'problem', value }])
}

/** Those that fail. */
export const failing = ({ problems }: Problems): readonly Problem[] =>
  problems.filter(({ accepted }) => accepted === null)

/** `A's lease ended while A was paused.` with what cures it. */
export const adviceOf = ({ why, cures }: Problem): string =>
  cures.length === 0 ? why : `${why} Cured by: ${cures.join('; ')}.`

/** A file as other tools name it: from the root of the project on. */
export const portablePath = (file: string): string => file.replaceAll('\\', '/').replace(/^\.\//, '')
