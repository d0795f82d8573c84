/** The words of pictures, in each language. Names, commands and what they were answered are in none. */
import type { Language } from '../text/language.ts'
import { counted, countText } from '../text/time.ts'
import { OPERATIONS } from '../words/zh/names.ts'
import type { Lane } from '../world/story-data.ts'

type BarKind = Lane['bars'][number]['kind']

interface Tip {
  readonly what: string
  /** As the story has it, and as the picture would write it on the bar. */
  readonly label: string
  readonly words: string
  readonly span: string
  /** Null: it is an instant. */
  readonly lasted: string | null
}

/** What a mark says was done: `acquire refused`, `A: write 3`. */
interface Done {
  /** Empty: of whom the lane is. */
  readonly who: string
  readonly op: string
  readonly rest: string
}

export interface PictureWords {
  /** What a lane is, below its name; and the name of the one that has none. */
  readonly lanes: Readonly<Record<Lane['kind'], string>>
  readonly believes: (owner: string) => string
  readonly holds: (owner: string) => string
  readonly owns: (owner: string) => string
  readonly paused: (lasted: string) => string
  readonly crashed: string
  readonly cutOff: string
  /** The words that stories end labels with: how what Redis had ended, and what came of an operation. */
  readonly ends: Readonly<Record<string, string>>
  /** What marks say of operations. */
  readonly mark: (done: Done) => string | null
  /** What the legend says of each kind of thing. */
  readonly kinds: Readonly<Record<string, string>>
  /** A bar in a word, where there is no room for its label. */
  readonly bars: Readonly<Record<BarKind, string>>
  /** Of both, what says something else where no Redis answers, but a coordination service. */
  readonly service: { readonly kinds: { readonly truth: string }; readonly bars: { readonly truth: string } }
  /** What is said when a pointer rests on a bar. */
  readonly tip: (bar: Tip) => string
  readonly instant: (at: string) => string
  readonly span: (from: string, until: string) => string
  /** What the picture in characters says besides. */
  readonly text: {
    readonly time: string
    readonly holds: string
    readonly token: (owner: string) => string
    readonly paused: string
    readonly lost: string
    readonly bothHold: string
    readonly lasts: (caption: string, lasted: string) => string
    readonly moreLanes: (count: number) => string
  }
}

const en: PictureWords = {
  lanes: { client: 'client', redis: 'Redis', keeper: 'service', resource: 'resource', faults: 'faults' },
  believes: (owner) => `${owner} believes that it holds`,
  holds: (owner) => `${owner} holds`,
  owns: (owner) => `${owner}'s`,
  paused: (lasted) => `paused ${lasted}`,
  crashed: 'crashed',
  cutOff: 'cut off',
  ends: {},
  mark: () => null,
  kinds: {
    belief: 'a client believes that it holds',
    truth: 'Redis has its token',
    copy: 'a server that is not the primary has it',
    state: 'what Redis has, in the colour of who wrote it',
    overlap: 'two beliefs at once',
    effect: 'write accepted',
    refused: 'write refused',
    operation: 'an operation ended',
    message: 'message',
    guilty: 'the message that did it',
    lost: 'lost message',
    pause: 'paused',
    crash: 'crashed',
    partition: 'cut off',
    skew: 'wrong clock',
    fault: 'fault',
    break: 'a long wait, drawn short',
  },
  bars: {
    belief: 'belief',
    truth: 'truth',
    copy: 'copy',
    pause: 'pause',
    crash: 'crash',
    partition: 'partition',
    skew: 'skew',
    fault: 'fault',
  },
  service: { kinds: { truth: 'the service has its node' }, bars: { truth: 'truth' } },
  tip: ({ what, label, span, lasted }) => `${what}: ${label}, ${span}${lasted === null ? '' : `, ${lasted}`}`,
  instant: (at) => `at ${at}`,
  span: (from, until) => `${from} to ${until}`,
  text: {
    time: 'time',
    holds: 'holds',
    token: (owner) => `${owner}'s token`,
    paused: 'paused',
    lost: 'lost',
    bothHold: 'both hold',
    lasts: (caption, lasted) => `${caption} for ${lasted}`.trim(),
    moreLanes: (count) => `… and ${counted(count, 'more lane')} in the report`,
  },
}

const MARK_ENDS_ZH: Readonly<Record<string, string>> = { refused: '被拒绝', unknown: '，结果未知' }

const zh: PictureWords = {
  lanes: { client: '客户端', redis: 'Redis', keeper: '协调服务', resource: '资源', faults: '故障' },
  believes: (owner) => `${owner} 认为自己持有`,
  holds: (owner) => `${owner} 持有`,
  owns: (owner) => `${owner} 的`,
  paused: (lasted) => `停顿 ${lasted}`,
  crashed: '崩溃',
  cutOff: '断网',
  ends: {
    expired: '已过期',
    deleted: '已删除',
    overwritten: '已被覆盖',
    displaced: '已被替换',
    lost: '已丢失',
    end: '到结束',
    copy: '副本',
    refused: '被拒绝',
    unknown: '结果未知',
    ended: '结束',
    promoted: '升为主节点',
  },
  mark({ who, op, rest }) {
    const done = op === 'refused' ? '被拒绝' : OPERATIONS[op]
    if (done === undefined) return null
    return `${who === '' ? '' : `${who}：`}${done}${MARK_ENDS_ZH[rest] ?? (rest === '' ? '' : ` ${rest}`)}`
  },
  kinds: {
    belief: '客户端认为自己持有',
    truth: 'Redis 中有它的令牌',
    copy: '非主节点上有它',
    state: 'Redis 的内容，颜色为写入者',
    overlap: '两个同时认为持有',
    effect: '写入被接受',
    refused: '写入被拒绝',
    operation: '操作结束',
    message: '消息',
    guilty: '造成问题的消息',
    lost: '丢失的消息',
    pause: '停顿',
    crash: '崩溃',
    partition: '断网',
    skew: '时钟错误',
    fault: '故障',
    break: '漫长的等待，已缩短',
  },
  bars: {
    belief: '认为持有',
    truth: 'Redis 中有令牌',
    copy: '副本',
    pause: '停顿',
    crash: '崩溃',
    partition: '断网',
    skew: '时钟错误',
    fault: '故障',
  },
  service: { kinds: { truth: '协调服务中有它的节点' }, bars: { truth: '协调服务中有节点' } },
  tip: ({ what, words, span, lasted }) => `${what}：${words}，${span}${lasted === null ? '' : `，持续 ${lasted}`}`,
  instant: (at) => at,
  span: (from, until) => `${from} 至 ${until}`,
  text: {
    time: '时间',
    holds: '持有',
    token: (owner) => `${owner} 的令牌`,
    paused: '停顿',
    lost: '丢失',
    bothHold: '同时持有',
    lasts: (caption, lasted) => `${caption} ${lasted}`.trim(),
    moreLanes: (count) => `…… 报告中还有 ${countText(count)} 条泳道`,
  },
}

export const PICTURE_WORDS: Readonly<Record<Language, PictureWords>> = { en, zh }

/** The words of the picture of a world, by what its servers are. */
export function wordsFor(language: Language, lanes: readonly Pick<Lane, 'kind'>[]): PictureWords {
  const words = PICTURE_WORDS[language]
  if (!lanes.some(({ kind }) => kind === 'keeper')) return words
  const { kinds, bars } = words.service
  return { ...words, kinds: { ...words.kinds, ...kinds }, bars: { ...words.bars, ...bars } }
}

/** Processes have names; the lane of the faults is called what it is. */
export const laneName = ({ name, kind }: Pick<Lane, 'name' | 'kind'>, { lanes }: PictureWords): string =>
  kind === 'faults' ? lanes.faults : name

/** The label of a bar or a mark: its last word in the language, the names before it as they are. */
export function labelIn({ ends }: PictureWords, label: string): string {
  const [, names = '', open = '', end = '', close = ''] = /^(.*?)(\(?)(\w+)(\)?)$/.exec(label) ?? []
  const told = ends[end]
  return told === undefined ? label : `${names}${open}${told}${close}`
}

/** The label of a mark: the operation in the language, whose it was and its value as they are. */
export function markIn(words: PictureWords, label: string): string {
  const [, who = '', op = '', rest = ''] = /^(?:(\S+): )?(\w+)(?: (.*))?$/.exec(label) ?? []
  return words.mark({ who, op, rest }) ?? labelIn(words, label)
}
