/** The pitfalls that stories of a page name, each with the lesson about it. */
import { LESSONS } from '../../lesson/registry.ts'
import { label, PITFALLS } from '../../pitfall/registry.ts'
import type { PageData, PagePitfall, PageStory } from './page-data.ts'

/** By their numbers. */
export function pitfallsOf(stories: readonly PageStory[]): PageData['pitfalls'] {
  const named = new Set(stories.flatMap(({ pitfalls }) => pitfalls))
  return Object.fromEntries(
    PITFALLS.filter((pitfall) => named.has(label(pitfall))).map((pitfall) => [
      label(pitfall),
      {
        name: { en: pitfall.name, zh: pitfall.nameZh },
        mechanism: { en: pitfall.mechanism, zh: pitfall.mechanismZh },
        lesson: lessonAbout(pitfall.number),
      },
    ]),
  )
}

function lessonAbout(pitfall: number): PagePitfall['lesson'] {
  const lesson = LESSONS.find(({ pitfalls }) => pitfalls.includes(pitfall))
  if (lesson === undefined) return null
  const { name, text } = lesson
  return { name, titles: { en: text.en.title, zh: text.zh.title } }
}
