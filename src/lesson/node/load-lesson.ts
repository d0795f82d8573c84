/** The files of a lesson: its code as text and as what is run, its storm. */
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { LockDefinition } from '../../lock/lock.ts'
import { parseScenario } from '../../scenario/load.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { SessionStoreDefinition } from '../../session/session-store.ts'
import { lockSubject, type Subject, sessionSubject } from '../../subject/subject.ts'
import type { Lesson } from '../lesson.ts'

/** Where the lessons' files are, from `src/` and from `dist/` alike. */
const FOLDER = fileURLToPath(new URL('../../../lessons/', import.meta.url))

/** Code that a lesson shows: its text, and the same as a subject. */
export interface LessonCode {
  readonly text: string
  readonly subject: Subject
}

export interface LessonFiles {
  readonly lock: LessonCode
  readonly cured: LessonCode
  /** The text of the storm's file. */
  readonly stormText: string
  readonly storm: Scenario
}

/** Reads them; what runs worlds must be installed before, for it sees to the clocks that the code asks. */
export async function loadLesson({ name }: Lesson): Promise<LessonFiles> {
  const stormText = read(name, 'storm.yaml')
  return {
    lock: await codeOf(name, 'lock.js'),
    cured: await codeOf(name, 'cured.js'),
    stormText,
    storm: parseScenario(stormText, `lessons/${name}/storm.yaml`),
  }
}

const pathOf = (name: string, file: string): string => `${FOLDER}${name}/${file}`
const read = (name: string, file: string): string => readFileSync(pathOf(name, file), 'utf8')

async function codeOf(name: string, file: string): Promise<LessonCode> {
  const module = (await import(pathToFileURL(pathOf(name, file)).href)) as {
    readonly default: LockDefinition | SessionStoreDefinition
  }
  const definition = module.default
  const subject = 'load' in definition ? sessionSubject(definition) : lockSubject(definition)
  return { text: read(name, file), subject }
}
