/**
 * An event of a story as a sentence, in the page's languages: who did what, not the fields of a record.
 */

import type { StoryEvent } from '../../../picture/story-events.ts'
import { phraseIn } from '../../../picture/told-story.ts'
import type { TraceRecord } from '../../../sim/trace.ts'
import type { Language } from '../../../text/language.ts'
import { durationText } from '../../../text/time.ts'
import { operationWords } from '../../../words/zh/names.ts'
import type { DrawnStory } from '../../../world/story-data.ts'

/** Who did it, and what: `A`, `tries to take the lock`. */
export interface EventWords {
  readonly who: string
  readonly what: string
}

/** The words of an event; names and values come from users and are text. */
export function eventWords(event: StoryEvent, story: DrawnStory, language: Language): EventWords {
  if (event.kind === 'record') return recordWords(event.record, story, language)
  const { from, to, label } = story.messages[event.message]!
  const isReply = story.lanes.some(({ name, kind }) => name === from && kind !== 'client')
  if (event.kind === 'loss') {
    return {
      who: from,
      what: language === 'en' ? `${label} – lost on its way to ${to}` : `${label} – 在去 ${to} 的路上丢失`,
    }
  }
  if (isReply)
    return { who: to, what: language === 'en' ? `hears from ${from}: ${label}` : `收到 ${from} 的响应：${label}` }
  return { who: to, what: language === 'en' ? `gets from ${from}: ${label}` : `收到 ${from} 的请求：${label}` }
}

type Said = (fields: readonly unknown[]) => string
type Verbs = Readonly<Record<string, string | Said>>

const nth = (fields: readonly unknown[], index: number): string => plain(fields[index])
const plain = (value: unknown): string => (value === null || value === undefined ? '–' : String(value))
/** The value without the token that begins the fields of an operation. */
const rest = (fields: readonly unknown[]): string => fields.slice(1).map(plain).join(' · ')
const ttl = (fields: readonly unknown[], forEver: string): string =>
  typeof fields[5] === 'number' ? durationText(fields[5]) : forEver

const EN: Verbs = {
  'invoke acquire': 'asks for the lock',
  'ok acquire': 'believes that it holds the lock from here on',
  'fail acquire': 'is refused the lock',
  'info acquire': (fields) => `does not know whether it has the lock: ${rest(fields)}`,
  'invoke release': 'gives the lock back',
  'ok release': (fields) =>
    fields[1] === false ? 'is told that the lock was no longer its own' : 'is told that it released the lock',
  'info release': (fields) => `does not know whether it released the lock: ${rest(fields)}`,
  'invoke extend': 'prolongs its lease',
  'ok extend': (fields) =>
    fields[1] === false ? 'is told that the lock is no longer its own' : 'has prolonged its lease',
  'invoke work': 'begins to work',
  'ok work': 'has done its work',
  'invoke read': 'reads',
  'ok read': (fields) => `has read ${rest(fields)}`,
  'invoke write': (fields) => `writes ${rest(fields)}`,
  'ok write': (fields) => `is told that ${rest(fields)} is written`,
  'fail write': 'is told that its write was refused',
  'belief ended': (fields) => `no longer believes that it holds the lock (${nth(fields, 1)})`,
  'truth granted': (fields) =>
    `${nth(fields, 0)} is now ${nth(fields, 2)}'s: ${nth(fields, 3)}, for ${ttl(fields, 'ever')}`,
  'truth extended': (fields) => `${nth(fields, 0)} of ${nth(fields, 2)} lives for ${ttl(fields, 'ever')} from here on`,
  'truth overwritten': (fields) =>
    `${nth(fields, 1)} overwrites ${nth(fields, 0)}, which was ${nth(fields, 2)}'s: ${nth(fields, 3)}`,
  'truth displaced': (fields) => `${nth(fields, 1)} goes before ${nth(fields, 2)} in ${nth(fields, 0)}`,
  'truth deleted': (fields) => `${nth(fields, 1)} deletes ${nth(fields, 0)}, which was ${nth(fields, 2)}'s`,
  'truth expired': (fields) => `${nth(fields, 0)} of ${nth(fields, 2)} expires`,
  'effect read': (fields) => `${nth(fields, 0)} reads ${nth(fields, 2)}`,
  'effect write': (fields) => `accepts ${nth(fields, 2)} from ${nth(fields, 0)}`,
  'effect run': (fields) => `${nth(fields, 0)} runs ${nth(fields, 2)}`,
  'effect refused': (fields) => `refuses ${nth(fields, 2)} of ${nth(fields, 0)}: its fencing token is old`,
  'fault healed': 'the storm is over: everything heals',
  'note settled': 'what was begun has had its time to end',
  'note ended': (fields) => `ends (${nth(fields, 0)})`,
  'note uncaught': (fields) => `throws what nobody catches: ${nth(fields, 0)}`,
  'note gave up': 'notices that its lease has ended and does not write',
}

/** What no client did; a client is told by its name. */
const BY_ZH: Readonly<Record<string, string>> = {
  restart: '重启',
  eviction: '淘汰',
  flush: '清空',
  failover: '主从切换',
  migration: '槽迁移',
  fault: '故障',
}

const byZh = (fields: readonly unknown[]): string => BY_ZH[nth(fields, 1)] ?? `${nth(fields, 1)} `

/** Why a client no longer believes that it holds. */
const BELIEF_ENDS_ZH: Readonly<Record<string, string>> = {
  'stated end': '到了租约声明的结束时间',
  'not held': '租约说自己已不再持有',
  lost: '得知锁已丢失',
  signalled: '收到了锁已丢失的信号',
  released: '已释放',
}

const ZH: Verbs = {
  'invoke acquire': '请求锁',
  'ok acquire': '从此认为自己持有锁',
  'fail acquire': '没有得到锁',
  'info acquire': (fields) => `不知道自己是否得到锁：${rest(fields)}`,
  'invoke release': '归还锁',
  'ok release': (fields) => (fields[1] === false ? '被告知锁已不是自己的' : '被告知锁已释放'),
  'info release': (fields) => `不知道锁是否已释放：${rest(fields)}`,
  'invoke extend': '续租',
  'ok extend': (fields) => (fields[1] === false ? '被告知锁已不是自己的' : '续租成功'),
  'invoke work': '开始工作',
  'ok work': '工作完成',
  'invoke read': '读取',
  'ok read': (fields) => `读到 ${rest(fields)}`,
  'invoke write': (fields) => `写入 ${rest(fields)}`,
  'ok write': (fields) => `被告知 ${rest(fields)} 已写入`,
  'fail write': '被告知写入被拒绝',
  'belief ended': (fields) => `不再认为自己持有锁（${BELIEF_ENDS_ZH[nth(fields, 1)] ?? nth(fields, 1)}）`,
  'truth granted': (fields) => `${nth(fields, 0)} 归 ${nth(fields, 2)}：${nth(fields, 3)}，时长 ${ttl(fields, '永久')}`,
  'truth extended': (fields) => `${nth(fields, 2)} 的 ${nth(fields, 0)} 从此再活 ${ttl(fields, '永久')}`,
  'truth overwritten': (fields) => `${byZh(fields)}覆盖了 ${nth(fields, 2)} 的 ${nth(fields, 0)}：${nth(fields, 3)}`,
  'truth displaced': (fields) => `${byZh(fields)}在 ${nth(fields, 0)} 中排到 ${nth(fields, 2)} 之前`,
  'truth deleted': (fields) => `${byZh(fields)}删除了 ${nth(fields, 2)} 的 ${nth(fields, 0)}`,
  'truth expired': (fields) => `${nth(fields, 2)} 的 ${nth(fields, 0)} 过期`,
  'effect read': (fields) => `${nth(fields, 0)} 读到 ${nth(fields, 2)}`,
  'effect write': (fields) => `接受 ${nth(fields, 0)} 写入的 ${nth(fields, 2)}`,
  'effect run': (fields) => `${nth(fields, 0)} 运行 ${nth(fields, 2)}`,
  'effect refused': (fields) => `拒绝 ${nth(fields, 0)} 的 ${nth(fields, 2)}：令牌已旧`,
  'fault healed': '故障结束，一切恢复',
  'note settled': '已开始的都有了结束的时间',
  'note ended': (fields) => `结束（${nth(fields, 0)}）`,
  'note uncaught': (fields) => `抛出无人捕获的错误：${nth(fields, 0)}`,
  'note gave up': '发现租约已过期，不再写入',
  'note promoted': '升为主节点',
  'note demoted': (fields) => `降为 ${nth(fields, 0)} 的副本`,
  'note switch-master': (fields) => `让客户端连接 ${nth(fields, 0)}`,
  'note no effect': (fields) => `故障没有效果：${nth(fields, 1)}`,
  'note loaded': (fields) => `重新启动，载入磁盘上的数据（${fields.map(plain).join(' · ')}）`,
}

const VERBS: Readonly<Record<Language, Verbs>> = { en: EN, zh: ZH }

const GENERIC: Readonly<Record<Language, Readonly<Record<string, (op: string) => string>>>> = {
  en: {
    invoke: (op) => `begins to ${op}`,
    ok: (op) => `${op}: done`,
    fail: (op) => `${op}: refused`,
    info: (op) => `${op}: nobody knows whether it was done`,
  },
  zh: {
    invoke: (op) => `开始${operationWords(op)}`.trimEnd(),
    ok: (op) => `${operationWords(op).trim()}：完成`,
    fail: (op) => `${operationWords(op).trim()}：被拒绝`,
    info: (op) => `${operationWords(op).trim()}：不知是否完成`,
  },
}

function recordWords({ process, type, op, value }: TraceRecord, story: DrawnStory, language: Language): EventWords {
  const fields: readonly unknown[] = Array.isArray(value) ? value : [value]
  const said = VERBS[language][`${type} ${op}`]
  if (said !== undefined) return { who: process, what: typeof said === 'string' ? said : said(fields) }
  // A fault tells itself in words.
  if (type === 'fault') return { who: process, what: phraseIn(story, nth(fields, 0), language) }
  const verb = GENERIC[language][type]?.(op) ?? op
  const details = rest(fields)
  return { who: process, what: details === '' ? verb : `${verb} (${details})` }
}
