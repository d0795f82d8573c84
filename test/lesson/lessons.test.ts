/**
 * Every lesson is true: its code breaks as it says, its cure comes through the same storm, its answer is what happened, and it takes as
 * many faults as it says. The pages in `docs/lessons/` are made of these runs.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { lessonNamed, runLesson, tryToBreak } from '../../src/engine/learn.ts'
import { FAULTS } from '../../src/fault/registry.ts'
import { loadLesson } from '../../src/lesson/node/load-lesson.ts'
import { LESSONS } from '../../src/lesson/registry.ts'
import { label, PITFALLS } from '../../src/pitfall/registry.ts'
import { lessonFiles } from '../../src/report/lesson/html.ts'
import type { LessonReport } from '../../src/report/lesson/lesson-report.ts'
import { indexName, lessonMarkdown, lessonsMarkdown, pageName } from '../../src/report/lesson/markdown.ts'
import { LANGUAGES } from '../../src/text/language.ts'
import { embeddedIn } from '../report/page-data.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** What happens in each: the right answer, in the words of the lesson, and how few faults bring it about. */
const EXPECTED: readonly (readonly [name: string, answer: string, fewest: number])[] = [
  ['interleaving', 'A and B', 0],
  ['expiry', 'never', 1],
  ['owner', 'B and C', 1],
  ['pause', 'B’s, then A’s', 1],
  ['fencing', 'it refuses it', 1],
  ['clocks', 'A and B', 2],
  ['lost-reply', 'nobody', 1],
  ['resend', 'A is told that another client has it', 1],
  ['renewal', 'A and B', 1],
  ['quorum', 'A and B', 2],
  ['failover', 'A and B', 1],
  ['sessions', 'the session: the user is logged in again', 1],
]
const names = EXPECTED.map(([name]) => name)

const reports = new Map<string, LessonReport>()
beforeAll(async () => {
  for (const lesson of LESSONS) reports.set(lesson.name, await runLesson(lesson))
}, 60_000)
const reportOf = (name: string): LessonReport => reports.get(name) as LessonReport

describe('the course', () => {
  it('has its lessons in their order, and a folder for each', () => {
    expect(LESSONS.map(({ name }) => name)).toEqual(names)
    expect(readdirSync(path.join(ROOT, 'lessons')).sort()).toEqual([...names].sort())
  })
})

describe('a lesson', () => {
  it.each(EXPECTED)('%s breaks as it says, and its cure comes through', (name, answer) => {
    const { lesson, broken, cured, answer: index } = reportOf(name)
    expect(broken.violation).toMatchObject(lesson.shows)
    expect(cured.status).toBe('valid')
    expect(lesson.text.en.choices[index]).toBe(answer)
  })

  it.each(EXPECTED)(
    '%s takes as many faults as it says, and its own storm is one of the smallest',
    async (name, _answer, fewest) => {
      const lesson = lessonNamed(name)
      const { faults = [] } = parse(reportOf(name).stormText) as { readonly faults?: readonly unknown[] }
      const attempt = await tryToBreak(
        lesson,
        faults.map((fault) => stringify(fault, { collectionStyle: 'flow' })),
      )
      expect(attempt).toMatchObject({ isBroken: true, notStruck: [], fewest: { count: fewest } })
      expect(lesson.adversary.fewest).toBe(fewest)
      expect(faults).toHaveLength(fewest)
    },
  )

  it.each(names)('%s names what there is', async (name) => {
    const { adversary, pitfalls, sources } = lessonNamed(name)
    expect(FAULTS.map((fault) => fault.name)).toEqual(expect.arrayContaining([...adversary.tools]))
    const { storm } = await loadLesson(lessonNamed(name))
    expect(pitfalls.length).toBeGreaterThan(0)
    const known = PITFALLS.filter(({ number }) => pitfalls.includes(number)).map(label)
    expect(known).toEqual(expect.arrayContaining([...storm.teaches]))
    expect(known).toHaveLength(pitfalls.length)
    for (const { address } of sources) expect(address).toMatch(/^https?:\/\/\S+$/)
  })

  it.each(names)('%s says the same in every language, with every slot filled', (name) => {
    const { lesson } = reportOf(name)
    for (const language of LANGUAGES) {
      const { choices, notModelled, ...texts } = lesson.text[language]
      expect(choices).toHaveLength(lesson.text.en.choices.length)
      expect(notModelled).toHaveLength(lesson.text.en.notModelled.length)
      // A figure of the run stands in every language or in none.
      for (const [field, text] of Object.entries(texts)) {
        const slots = (template: string) => new Set(template.match(/\{\w+\}/g))
        expect(slots(text), `${language} ${field}`).toEqual(slots(lesson.text.en[field as keyof typeof texts]))
      }
      const prose = lessonMarkdown(reportOf(name), language).replace(/```[\s\S]*?```/g, '')
      expect(prose).not.toMatch(/\{\w+\}/)
    }
  })
})

describe('pages', () => {
  it.each(LANGUAGES)('in %s lead to each other, and tell the story after the question', (language) => {
    const files = new Map(lessonFiles([...reports.values()], language))
    expect([...files.keys()]).toEqual(['index.html', ...names.map((name) => `${name}.html`)])
    for (const [file, text] of files) {
      expect(text).toContain(`<html lang="${language === 'zh' ? 'zh-Hans' : 'en'}">`)
      const { data, worlds } = embeddedIn(text)
      const cards = data.sections.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === 'cards' ? part.cards : [])),
      )
      const links = [...data.links, ...cards].map(({ address }) => address)
      expect(links.length, file).toBeGreaterThan(0)
      expect([...files.keys()], file).toEqual(expect.arrayContaining(links))
      if (file === 'index.html') continue
      const { lesson, answer } = reportOf(file.replace('.html', ''))
      expect(data.question?.choices).toEqual(lesson.text[language].choices)
      expect(data.question?.answer).toBe(answer)
      expect(JSON.stringify(data.question?.before)).toContain(JSON.stringify(reportOf(lesson.name).lockText.trimEnd()))
      expect([data.stories[0]?.world, data.stories[0]?.cured?.world, worlds.length]).toEqual([0, 1, 2])
    }
  })
})

describe('docs/lessons', () => {
  it('are the committed pages', async () => {
    const folder = path.join(ROOT, 'docs/lessons')
    const pages = new Map<string, string>()
    for (const language of LANGUAGES) {
      pages.set(indexName(language), lessonsMarkdown(language))
      for (const name of names) pages.set(pageName(name, language), lessonMarkdown(reportOf(name), language))
    }
    for (const [file, text] of pages) await expect(text).toMatchFileSnapshot(path.join(folder, file))
    expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort())
  })
})
