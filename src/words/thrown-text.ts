/** What the code under test threw, in a line: `release failed 3 times, first in A: Connection is closed.` */
import type { Thrown } from '../history/thrown.ts'
import type { Language } from '../text/language.ts'
import { operationWords } from './zh/names.ts'

/** The line; what was thrown is in the words of who threw it. */
export const thrownText = (thrown: Thrown, language: Language = 'en'): string => WORDS[language](thrown)

const WORDS: Readonly<Record<Language, (thrown: Thrown) => string>> = {
  en({ client, operation, text, times }) {
    const often = times === 1 ? '' : ` ${times} times, first in ${client}`
    if (operation === null) {
      return times === 1
        ? `${client} threw what no code of its own caught: ${text}`
        : `thrown${often}, and caught by no code of its own: ${text}`
    }
    return times === 1 ? `${client}'s ${operation} failed: ${text}` : `${operation} failed${often}: ${text}`
  },
  zh({ client, operation, text, times }) {
    const often = times === 1 ? '' : ` ${times} 次，最先在 ${client}`
    if (operation === null) {
      return times === 1
        ? `${client} 抛出错误，自己的代码没有捕获：${text}`
        : `抛出错误${often}，自己的代码都没有捕获：${text}`
    }
    const done = operationWords(operation)
    return times === 1 ? `${client} 的${done}失败：${text}` : `${done.trimStart()}失败${often}：${text}`
  },
}
