/**
 * Why a world or a cell has no verdict, or nothing was tested in it, in Simplified Chinese; reports have the English, with its figures.
 * What a server said for itself stays as it is.
 */
import { NOT_CONTENDED } from '../../check/judge.ts'
import { SOMETIMES } from '../../check/sometimes.ts'
import { FACTS } from './facts.ts'
import { operationWords } from './names.ts'

type Told = (...parts: readonly string[]) => string

/** The English, and what is told of its parts. */
const REASONS: readonly (readonly [english: RegExp, told: Told])[] = [
  [/^the world ran (\d+) events$/, (count) => `一次运行处理的事件达到了上限（${count} 个）`],
  [/^the history reached (\d+) records$/, (count) => `历史的记录达到了上限（${count} 条）`],
  [/^virtual time reached ([\d.]+) s$/, (seconds) => `虚拟时间达到了上限（${seconds} s）`],
  [
    /^whether operations could have happened one after the other was not found out in ([\d,]+) steps$/,
    (count) => `${count} 步之内没有查清这些操作能否是一个接一个发生的`,
  ],
  [/^stopped after (\d+) of (\d+) worlds$/, (done, all) => `${all} 次运行只做了 ${done} 次就停下了`],
  [/^a fault had no effect: (.*)$/, (why) => `有故障没有效果：${why}`],
  [
    new RegExp(`^it never happened that ${SOMETIMES.done}: no (.+) ended well(;.*)?$`),
    (operations = '', gaveUp) => {
      const none = operations.split(' and no ').map((op) => operationWords(op))
      return `从未出现过：${FACTS.done}（没有一次${none.join('或')}成功${gaveUp === undefined ? '' : '；持有者因为租约已经结束而放弃'}）`
    },
  ],
]

/** The reason in Chinese; one that is not known, as it is. */
export function reasonZh(reason: string): string {
  if (reason === NOT_CONTENDED) return `从未出现过：${FACTS.contended}；${FACTS.expired}`
  for (const [english, told] of REASONS) {
    const found = english.exec(reason)
    if (found !== null) return told(...found.slice(1))
  }
  return reason
}
