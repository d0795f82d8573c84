/**
 * The site: everything that can be looked at without installing lockstorm, as files of one folder that any web host can serve. All of
 * it but the playground opens from the disk, too.
 *
 *   index.html · studio/ · lessons/ · lessons/zh/ · scoreboard.html · pitfalls.html · sample/
 *
 * The playground, a bundle of the build, and the sample report, which the command line writes, are put beside these files by
 * `build/site.js`.
 *
 * Invariants
 * - Every link leads to a file of the folder, to a source of a lesson or of a pitfall, or to nothing outside of it.
 */
import '../../src/world/node/environment.ts'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { lessonNamed, runLesson } from '../../src/engine/learn.ts'
import { LESSONS } from '../../src/lesson/registry.ts'
import { PITFALLS } from '../../src/pitfall/registry.ts'
import type { ReportFile } from '../../src/report/folder.ts'
import { lessonFiles, lessonPage } from '../../src/report/lesson/html.ts'
import type { LessonReport } from '../../src/report/lesson/lesson-report.ts'
import { EMPTY_PAGE, type PageLink } from '../../src/report/page/page-data.ts'
import { storyPage } from '../../src/report/page/story-page.ts'
import { LANGUAGES, type Language } from '../../src/text/language.ts'
import { ENGINE_VERSION } from '../../src/world/engine-version.ts'
import { pitfallsPage } from '../pitfalls/html.ts'
import { ENTRIES } from '../scoreboard/entries.ts'
import { scoreboardPage } from '../scoreboard/html.ts'
import { type Hunted, planOf, type Told, tell } from '../scoreboard/hunting.ts'

/** The lesson whose story the first page tells. */
const FIRST_STORY = 'pause'

/** The files that are made of runs, each by its path in the site. */
export async function* siteFiles(): AsyncGenerator<ReportFile> {
  const lessons: LessonReport[] = []
  for (const { name } of LESSONS) lessons.push(await runLesson(lessonNamed(name)))
  yield ['index.html', indexHtml(lessons.find(({ lesson }) => lesson.name === FIRST_STORY)!)]
  for (const language of LANGUAGES) {
    for (const [file, text] of lessonFiles(lessons, language, aroundLessons(language))) {
      yield [`${LESSON_FOLDERS[language]}/${file}`, text]
    }
  }
  yield ['pitfalls.html', storyPage(await pitfallsPage([HOME]))]
  yield ['scoreboard.html', storyPage(await scoreboard())]
}

const HOME: PageLink = { title: 'lockstorm', address: 'index.html' }

const LESSON_FOLDERS: Readonly<Record<Language, string>> = { en: 'lessons', zh: 'lessons/zh' }

const aroundLessons = (language: Language): readonly PageLink[] =>
  language === 'en'
    ? [
        { title: 'lockstorm', address: '../index.html' },
        { title: '中文', address: 'zh/index.html' },
      ]
    : [
        { title: 'lockstorm', address: '../../index.html' },
        { title: 'English', address: '../index.html' },
      ]

/** The first page: one story, whole, and the ways on. */
function indexHtml(lesson: LessonReport): string {
  const { data, worlds } = lessonPage(lesson, 'en')
  const [story] = data.stories
  return storyPage({
    data: {
      ...EMPTY_PAGE,
      kind: 'index',
      engine: ENGINE_VERSION,
      title: 'lockstorm',
      lead: 'Runs lock and session code that talks to Redis inside a simulated world, and shows the smallest story in which it breaks. This is one: step through it with `j` and `k`. Below it, the cure in the same storm.',
      stories: story === undefined ? [] : [story],
      sections: [
        {
          title: 'Go on',
          parts: [
            {
              kind: 'cards',
              cards: [
                {
                  title: 'Playground',
                  address: 'studio/index.html',
                  text: 'Break a lock yourself: drag a message, a pause, a clock, and see the verdict change. Edit the code; it runs in the page.',
                },
                {
                  title: 'Lessons',
                  address: 'lessons/index.html',
                  text: `${LESSONS.length} lessons of three to six minutes: fifteen lines of code, a storm, a question, what happened, why, and the cure.`,
                },
                {
                  title: '课程',
                  address: 'lessons/zh/index.html',
                  text: '同样的十二课，中文版。',
                },
                {
                  title: 'Pitfalls',
                  address: 'pitfalls.html',
                  text: `${PITFALLS.length} ways in which locks and sessions break, with the people who met them, as stories to step through.`,
                },
                {
                  title: 'Scoreboard',
                  address: 'scoreboard.html',
                  text: `What one fault does to ${ENTRIES.length} locks and stores, published ones among them.`,
                },
                {
                  title: 'Sample report',
                  address: 'sample/index.html',
                  text: 'What `lockstorm run` writes: every lock in a few scenarios, each broken one with its story.',
                },
              ],
            },
          ],
        },
        {
          title: 'On your own code',
          parts: [
            { kind: 'command', text: 'npx lockstorm hunt ./my-lock.ts' },
            { kind: 'command', text: 'npx lockstorm run' },
          ],
        },
      ],
      footer: 'Nothing on these pages is fetched from anywhere.',
    },
    worlds,
  })
}

const FOUND = path.join(import.meta.dirname, '../scoreboard/found.json')

async function scoreboard() {
  const hunts = JSON.parse(readFileSync(FOUND, 'utf8')) as readonly Hunted[]
  const stories = new Map<string, Told>()
  for (const { subject, findings } of hunts) {
    const entry = ENTRIES.find((other) => other.subject.name === subject)
    for (const { token } of findings) if (entry !== undefined) stories.set(token, await tell(entry, planOf(token)))
  }
  return scoreboardPage(hunts, { en: 'a real redis-server', zh: '真正的 redis-server ' }, stories, [HOME])
}
