/** A story with what its labels and records say in a language. */
import type { Language } from '../text/language.ts'
import type { DrawnStory, Lane } from '../world/story-data.ts'

/** The English text in the language, if the story knows it in that; else as it is. */
export const phraseIn = ({ phrases = [] }: Pick<DrawnStory, 'phrases'>, text: string, language: Language): string =>
  phrases.find(({ en }) => en === text)?.[language] ?? text

/** The story with the labels of its bars and marks in the language. */
export function storyIn(story: DrawnStory, language: Language): DrawnStory {
  if (language === 'en' || story.phrases === undefined) return story
  const labelled = <Item extends { readonly label: string }>(item: Item): Item => ({
    ...item,
    label: phraseIn(story, item.label, language),
  })
  const lanes = story.lanes.map(
    (lane): Lane => ({ ...lane, bars: lane.bars.map(labelled), marks: lane.marks.map(labelled) }),
  )
  return { ...story, lanes }
}
