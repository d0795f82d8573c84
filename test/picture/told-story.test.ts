/** A world that was run, told in Chinese: what its storm did is in the picture and in the list of events, and no English is left of it. */
import { describe, expect, it } from 'vitest'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { markIn, PICTURE_WORDS } from '../../src/picture/picture-words.ts'
import { spaceTime } from '../../src/picture/space-time.ts'
import { storyEvents } from '../../src/picture/story-events.ts'
import { timeline } from '../../src/picture/timeline.ts'
import { eventWords } from '../../src/report/page/client/event-words.ts'
import { packStory, unpackStory } from '../../src/report/page/packed.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { escapeHtml } from '../../src/text/escape.ts'
import { LANGUAGES, type Language } from '../../src/text/language.ts'
import { textWidth } from '../../src/text/width.ts'
import { tellWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { counterPlan, fault } from '../check/worlds.ts'

const story = await inMacrotask(() =>
  tellWorld(
    counterPlan({
      clients: 2,
      ttlMs: 100,
      headStartUs: 5_000,
      faults: [
        fault('clock-step', { process: 'redis-1', by: '50ms' }, '1ms'),
        fault('pause', { process: 'A', for: '200ms' }, 'A before work'),
      ],
    }),
    lockSubject(setNxLua),
    nodeEnvironment('direct', memoryProvider()),
  ),
)

const pictureIn = (language: Language): string => spaceTime(story, [], { arrowsMax: 40, language }).body
const eventsIn = (language: Language): readonly string[] =>
  storyEvents(story).map((event) => eventWords(event, story, language).what)

describe('a story', () => {
  it('knows its faults in both languages, and a page that embeds it, too', () => {
    expect(story.phrases?.map(({ en }) => en)).toEqual(["redis-1's clock steps forward 50 ms", 'pause A for 200 ms'])
    expect(unpackStory(packStory(story)).phrases).toEqual(story.phrases)
  })

  it.each(LANGUAGES)('says in the picture and in the list of events what its storm did: %s', (language) => {
    const phrases = story.phrases ?? []
    const isIn = (text: string): readonly boolean[] =>
      phrases.flatMap(({ en, zh }) => [text.includes(escapeHtml(en)), text.includes(zh)])
    const told = phrases.flatMap(() => LANGUAGES.map((one) => one === language))
    expect(isIn(pictureIn(language))).toEqual(told)
    expect(isIn(eventsIn(language).map(escapeHtml).join('\n'))).toEqual(told)
  })

  it('names operations in the language of the picture, with their values', () => {
    const labels = (language: Language) =>
      [...pictureIn(language).matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text)
    expect(labels('en')).toEqual(expect.arrayContaining(['acquire', 'A: write 1']))
    expect(labels('zh')).toEqual(expect.arrayContaining(['加锁', 'A：写入 1']))
    expect(labels('zh').filter((label) => /^[A-Z]: |acquire|release|work/.test(label ?? ''))).toEqual([])
    expect(markIn(PICTURE_WORDS.zh, 'extend unknown')).toBe('续租，结果未知')
    expect(markIn(PICTURE_WORDS.zh, 'B: refused 7')).toBe('B：被拒绝 7')
    expect(markIn(PICTURE_WORDS.zh, 'my-own refused')).toBe('my-own 被拒绝')
  })

  it('has Chinese captions in the picture in characters, whose columns stay columns', () => {
    const lines = timeline(story, null, { language: 'zh' })
    expect(lines.filter((line) => textWidth(line) > 80)).toEqual([])
    const text = lines.join('\n')
    expect(text).toMatch(/时间/)
    expect(text).toMatch(/├─ 持有 [─┤·]/)
    expect(text).toMatch(/停顿 200 ms/)
    expect(text).toContain(story.phrases![0]!.zh)
    // Names of commands, processes and operations alone are as they are in English.
    expect(text).not.toMatch(/holds|time|paused|token|expired|deleted|clock/)
  })
})
