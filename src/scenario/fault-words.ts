/** A fault of a storm in words, with its moment: `pause A for 2 s (A before send 3)`. */
import type { Anchor, PlannedFault, Site } from '../fault/fault.ts'
import { describeFault } from '../fault/planned-fault.ts'
import { assertNever } from '../sim/assert.ts'
import { formatUs } from '../sim/units.ts'
import { type InLanguages, inLanguages, type Language } from '../text/language.ts'
import { operationWords } from '../words/zh/names.ts'
import { describeAnchor } from './anchor.ts'

/** The fault in words. */
export const faultWords = (fault: PlannedFault, language: Language = 'en'): string =>
  language === 'en'
    ? `${describeFault(fault)} (${describeAnchor(fault.at, formatUs)})`
    : `${describeFault(fault, 'zh')}（${momentZh(fault.at)}）`

/** The same in each language. */
export const faultInWords = (fault: PlannedFault): InLanguages => inLanguages((language) => faultWords(fault, language))

function momentZh(anchor: Anchor): string {
  switch (anchor.kind) {
    case 'time':
      return formatUs(anchor.atUs)
    case 'event':
      return `${anchor.process} ${nthZh(anchor.count, operationWords(anchor.op))}${anchor.when === 'before' ? '之前' : '之后'}`
    case 'site':
      return `${anchor.process} 第 ${anchor.count} 次${SITES_ZH[anchor.site]}之前`
    default:
      return assertNever(anchor)
  }
}

const nthZh = (count: number, words: string): string => (count === 1 ? words.trimStart() : `第 ${count} 次${words}`)

const SITES_ZH: Readonly<Record<Site, string>> = { send: '发送', reply: '收到响应', exec: '执行', answer: '应答' }
