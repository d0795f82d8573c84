/** The words of pictures, in each language. Names, commands and what they were answered are in none. */
import type { Language } from '../text/language.ts'

export interface PictureWords {
  /** What the legend says of each kind of thing. */
  readonly kinds: Readonly<Record<string, string>>
}

const en: PictureWords = {
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
}

const zh: PictureWords = {
  kinds: {
    belief: '客户端认为自己持有',
    truth: 'Redis 中有它的令牌',
    copy: '非主节点上有它',
    state: 'Redis 的内容,颜色为写入者',
    overlap: '两个同时认为持有',
    effect: '写入被接受',
    refused: '写入被拒绝',
    operation: '操作结束',
    message: '消息',
    guilty: '造成问题的消息',
    lost: '丢失的消息',
    pause: '暂停',
    crash: '崩溃',
    partition: '断网',
    skew: '时钟错误',
    fault: '故障',
    break: '漫长的等待,已缩短',
  },
}

export const PICTURE_WORDS: Readonly<Record<Language, PictureWords>> = { en, zh }
