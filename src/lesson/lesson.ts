/**
 * What a lesson is: one idea about locks or sessions, shown by code that breaks in a storm, and by code that does not.
 *
 *   lessons/<name>/lock.js      what the reader is shown, and what is run
 *   lessons/<name>/cured.js     the same without the mistake: it comes through the same storm
 *   lessons/<name>/storm.yaml   a scenario: who works how, and what goes wrong
 *
 * Everything that a text says about the run is either a field here, which a test compares with the run, or a slot such as `{lasted}`
 * that is filled in from the run.
 */
import type { PropertyName, ViolationKind } from '../check/verdict.ts'
import type { Language } from '../text/language.ts'
import type { JudgedWorld } from '../world/judged-world.ts'

export interface Lesson {
  /** Its folder in `lessons/`, and what `lockstorm learn` calls it. */
  readonly name: string
  /** What the run shows: the worst violation. */
  readonly shows: { readonly property: PropertyName; readonly kind: ViolationKind }
  /** The moment that the question to the reader is about, µs since the world began; missing: it is about the end. */
  readonly askedAtUs?: number
  /** Which of the choices is right, by what happened. */
  readonly answerIn: (world: JudgedWorld) => number
  readonly adversary: {
    /** The kinds of faults that the reader may use. */
    readonly tools: readonly string[]
    /** A Redis may forget what it acknowledged. */
    readonly isLossy?: true
    /** The least number of faults that breaks the lock as the lesson shows it: what trying all of them finds. */
    readonly fewest: number
  }
  /** Numbers of pitfalls. */
  readonly pitfalls: readonly number[]
  readonly sources: readonly Source[]
  readonly text: Readonly<Record<Language, LessonText>>
}

export interface Source {
  readonly title: string
  readonly address: string
}

/**
 * The words of a lesson in one language. Slots: `{at}` the moment of the question, `{from}` and `{until}` when the violation began and
 * ended, `{lasted}` how long it lasted, `{first}` and `{second}` whom it is about, the earlier holder first.
 */
export interface LessonText {
  readonly title: string
  /** What the lesson is about, as a question that it answers. */
  readonly question: string
  /** What goes wrong in the storm. */
  readonly storm: string
  /** What the reader is asked before the run, and what there is to choose from. */
  readonly predict: string
  readonly choices: readonly string[]
  readonly happened: string
  readonly why: string
  readonly cure: string
  /** What the reader is to bring about with as few faults as possible. */
  readonly goal: string
  readonly notModelled: readonly string[]
}
