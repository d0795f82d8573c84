/**
 * A world on a page: its space-time diagram, and the table of its events below.
 */
import type { SpaceTime } from '../../picture/space-time.ts'
import type { Focus } from '../../picture/story-window.ts'
import { escapeHtml } from '../../text/escape.ts'
import { thrownText } from '../../words/thrown-text.ts'
import type { Story } from '../../world/story-data.ts'
import { eventTable } from './event-table.ts'
import { figure } from './figure.ts'

export interface DrawnWorld {
  readonly story: Story
  readonly picture: SpaceTime
  /** What the picture is about; null: no violation happened in it. */
  readonly focus: Focus | null
  /** Unique in the page. */
  readonly id: string
  readonly title: string
  /** What happened, in a sentence without its full stop. */
  readonly sentence: string
  readonly recordsMax: number
  /** The file with all events, relative to the page; null: there is none. */
  readonly file: string | null
}

/** The markup of both. */
export function drawnWorld({ story, picture, focus, id, title, sentence, recordsMax, file }: DrawnWorld): string {
  return (
    figure(picture, story, {
      id,
      title: `Space-time diagram: ${title}`,
      description: `${sentence}. The table of events says the same in words.`,
      focusX: focus === null ? null : picture.x(focus.atUs),
    }) +
    thrownList(story) +
    eventTable(story, focus, { recordsMax, picture, file })
  )
}

/** What the code under test threw. */
function thrownList({ thrown }: Story): string {
  if (thrown.length === 0) return ''
  const items = thrown.map((each) => `<li>${escapeHtml(thrownText(each))}</li>`)
  return `<h4>What the code threw</h4><ul class="thrown">${items.join('')}</ul>`
}
