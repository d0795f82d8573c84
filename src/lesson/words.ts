/** What all lessons say alike, in each language. */
import type { Language } from '../text/language.ts'

export interface LessonWords {
  readonly lessons: string
  readonly introduction: string
  readonly code: string
  readonly storm: string
  readonly predict: string
  /** Between a word and what it is about. */
  readonly colon: string
  readonly answer: string
  readonly right: string
  readonly wrong: string
  readonly happened: string
  readonly finding: string
  readonly why: string
  readonly cure: string
  readonly cured: string
  readonly adversary: string
  /** Before the faults that may be used, the moments at which they may strike, and the command. */
  readonly tools: string
  readonly moments: string
  readonly attempt: string
  readonly notModelled: string
  readonly sources: string
  readonly pitfalls: string
  readonly next: string
  /** How many faults: `{count}`. */
  readonly fault: readonly [none: string, one: string, many: string]
  /** `{yours}` faults; `{fewest}` is the least, `{tried}` storms were tried for it. */
  readonly brokeFewest: string
  readonly brokeMore: string
  readonly notBroken: string
  /** `{fault}`: its moment never came. */
  readonly notStruck: string
  readonly solution: string
}

export const WORDS: Readonly<Record<Language, LessonWords>> = {
  en: {
    lessons: 'Lessons',
    introduction:
      'Twelve lessons about locks and sessions on Redis, three to six minutes each. Each shows about fifteen lines of code, asks what a storm will do to it, runs both, says why, and cures it; then you are the adversary. On these pages the runs have been done; `lockstorm learn` does them before your eyes.',
    code: 'The code',
    storm: 'The storm',
    predict: 'Predict',
    colon: ': ',
    answer: 'Answer',
    right: 'Right.',
    wrong: 'Not quite.',
    happened: 'What happened',
    finding: 'lockstorm says',
    why: 'Why',
    cure: 'The cure',
    cured: 'In the same storm:',
    adversary: 'Be the adversary',
    tools: 'You may use:',
    moments: 'The messages without any fault, at which a fault may strike:',
    attempt: 'Try it; each --break is one fault:',
    notModelled: 'What is not modelled',
    sources: 'Sources',
    pitfalls: 'Pitfalls',
    next: 'Next',
    fault: ['no fault', '1 fault', '{count} faults'],
    brokeFewest: 'Broken with {yours}, and it cannot be done with fewer: {tried} storms were tried.',
    brokeMore: 'Broken with {yours}. It can be done with {fewest}; {tried} storms were tried.',
    notBroken: 'Not broken: that is not what happened in your storm.',
    notStruck: 'Its moment never came: {fault}',
    solution: 'How few it takes',
  },
  zh: {
    lessons: '课程',
    introduction:
      '十二课，讲 Redis 上的锁和会话，每课三到六分钟。每课给出十五行左右的代码，先请你猜一场风暴会把它怎样，然后真正运行，解释原因，给出解决办法；最后由你来当对手。这里的运行结果是事先跑好的；`lockstorm learn` 会当场运行。',
    code: '代码',
    storm: '风暴',
    predict: '先猜一猜',
    colon: '：',
    answer: '答案',
    right: '猜对了。',
    wrong: '不太对。',
    happened: '发生了什么',
    finding: 'lockstorm 的结论',
    why: '为什么',
    cure: '解决办法',
    cured: '在同一场风暴中：',
    adversary: '你来当对手',
    tools: '可以使用的故障：',
    moments: '没有故障时的消息，故障可以在这些时刻发生：',
    attempt: '试一试，每个 --break 是一个故障：',
    notModelled: '没有模拟的部分',
    sources: '参考资料',
    pitfalls: '相关陷阱',
    next: '下一课',
    fault: ['0 个故障', '1 个故障', '{count} 个故障'],
    brokeFewest: '攻破了，用了 {yours}，而且不可能更少：一共试了 {tried} 场风暴。',
    brokeMore: '攻破了，用了 {yours}。其实 {fewest}就够了；一共试了 {tried} 场风暴。',
    notBroken: '没有攻破：你的风暴里没有发生目标所说的事。',
    notStruck: '它的时刻没有到来：{fault}',
    solution: '最少需要几个故障',
  },
}

/** `2 faults`. */
export function faultWords(count: number, { fault }: Pick<LessonWords, 'fault'>): string {
  return filled(fault[Math.min(count, 2) as 0 | 1 | 2], { count: String(count) })
}

/** A text with its slots filled; what has no value stays as it is. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (slot, name: string) => values[name] ?? slot)
