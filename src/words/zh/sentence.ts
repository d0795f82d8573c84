/** What happened, in Simplified Chinese: one plain sentence each, who, what, for how long. */
import type { Statement, Told, ToldOwner } from '../../check/told.ts'
import type { Service } from '../../history/history.ts'
import type { Runs } from '../../history/rules.ts'
import { assertNever } from '../../sim/assert.ts'
import { formatUs } from '../../sim/units.ts'
import { asked } from './asked.ts'
import { allOf, operationWords, placeWords } from './names.ts'

/** What happened, in one sentence. */
export function toldWords(told: Told, service: Service | undefined): string {
  switch (told.kind) {
    case 'both-held':
      return `${told.earlier} 和 ${told.later} 同时持有锁，持续了 ${formatUs(told.forUs)}${told.statement === null ? '' : `：${statementWords(told.statement)}`}`
    case 'wrote-late':
      return `${told.newer} 拿到锁 ${formatUs(told.lateUs)} 之后，${told.client} 仍然写入了 ${told.value}`
    case 'fence-not-higher':
      return `${told.client} 在 ${told.previous} 之后获得锁，拿到的隔离令牌却是 ${told.fence}，不大于 ${told.previousFence}`
    case 'lower-fence-accepted':
      return `存储见过 ${told.highest} 的隔离令牌 ${told.highestFence} 之后，仍接受了 ${told.client} 的隔离令牌 ${told.fence}`
    case 'key-changed':
      return `${told.node === null ? '' : `${told.node} 上的`}键“${told.key}”还属于 ${told.owner} 时，${told.by} ${CHANGED[told.how]}`
    case 'served-as':
      return told.isStranger
        ? `${told.server} 把一个从未登录的陌生人当成 ${told.taken} 来应答`
        : `${told.server} 把 ${told.asker} 当成 ${told.taken} 来应答`
    case 'change-lost':
      return `${told.client} 得知“${told.item}”已${told.op === 'add' ? '加入' : '移出'}购物车，而最终并非如此`
    case 'session-missing':
      return `${told.client} 在登录 ${formatUs(told.afterUs)} 之后找不到会话，而其间并没有退出登录`
    case 'session-again':
      return `${told.client} 让用户退出登录 ${formatUs(told.afterUs)} 之后，会话又出现了`
    case 'change-not-seen':
      return `“${told.item}”保存之后 ${told.client} 才加载会话，却没有看到它`
    case 'served-old':
      return `${told.writer} 已把值改成 ${told.current}，${formatUs(told.sinceUs)} 之后 ${told.reader} 从缓存得到的仍是 ${told.value}`
    case 'made-twice':
      return `${told.earlier} 和 ${told.later} 同时生成缓存的值，持续了 ${formatUs(told.forUs)}`
    case 'ran-twice':
      return `${RUN[told.what](told.tick)}运行了两次：${told.again === told.first ? `${told.again} 在 ${formatUs(told.afterUs)} 之后又运行了一次` : `${told.first} 运行之后 ${formatUs(told.afterUs)}，${told.again} 又运行了一次`}`
    case 'both-ran':
      return told.earlier === told.later
        ? `${told.earlier} 把任务 ${told.job} 同时运行了两遍，持续了 ${formatUs(told.forUs)}`
        : `${told.earlier} 和 ${told.later} 同时运行任务 ${told.job}，持续了 ${formatUs(told.forUs)}`
    case 'held-beside':
      return told.isReader
        ? `${told.writer} 持有写锁的同时，${told.other} 持有读锁，持续了 ${formatUs(told.forUs)}`
        : `${told.writer} 和 ${told.other} 同时持有写锁，持续了 ${formatUs(told.forUs)}`
    case 'read-two':
      return `${told.reader} 持有读锁期间先读到 ${told.first}，后读到 ${told.second}：${told.writer} 在两次读取之间写入了`
    case 'both-led':
      return `${told.earlier} 和 ${told.later} 同时是领导者，持续了 ${formatUs(told.forUs)}`
    case 'same-term':
      return `${told.again} 当选的任期是 ${told.term}，而这个任期已经属于 ${told.first}`
    case 'never-elected':
      return `一切恢复之后的 ${formatUs(told.forUs)} 里没有领导者，尽管 ${told.client} 一直在参选`
    case 'not-elected':
      return `一切恢复之后，只有 ${told.client} 在参选，${formatUs(told.forUs)} 里却没有当选`
    case 'job-not-done':
      return `${told.client} 得知任务 ${told.job} 已经入队，而一切恢复 ${formatUs(told.calmUs)} 之后它仍没有完成`
    case 'too-many-held':
      return `${allOf(told.holders)} 同时持有，持续了 ${formatUs(told.forUs)}：有 ${told.holders.length} 个持有者，最多允许 ${told.limit} 个`
    case 'permits-lost':
      return `一切恢复之后的 ${formatUs(told.forUs)} 里，${told.limit} 个许可${told.had === 0 ? '一个也拿不到' : `只拿得到 ${told.had} 个`}`
    case 'release-failed':
      return `${told.client} 的释放失败了（${told.reason}），而它的锁其实已经释放`
    case 'not-takeable':
      return `一切恢复之后的 ${formatUs(told.forUs)} 里，没有人拿得到这把锁`
    case 'locked-for-ever':
      return `键“${told.key}”没有过期时间，也没有客户端持有它：它被永远锁住了`
    case 'kept-alive':
      return `${told.owner} 的锁本该结束，却比它的租约多留了 ${formatUs(told.longerUs)}`
    case 'orphaned':
      return `${told.owner} ${TOLD[told.told]}，而它自己的令牌让所有客户端在 ${formatUs(told.forUs)} 里都拿不到锁`
    case 'blocked-itself':
      return `${told.owner} 的加锁在 ${formatUs(told.attemptUs)} 之后失败：它没收到响应的那个令牌，让所有客户端在 ${formatUs(told.forUs)} 里都拿不到锁`
    case 'votes-kept':
      return `${allOf(told.owners)} 没人再用的票，在 ${formatUs(told.forUs)} 里占着 ${told.of} 台服务器中的 ${told.nodes} 台：剩下的构不成多数`
    case 'never-returned':
      return `${told.client} 的${operationWords(told.op)}一直没有返回：它等了 ${formatUs(told.waitedUs)}，最后 ${formatUs(told.calmUs)} 里所有故障都已恢复`
    case 'waited-for-minority':
      return `${told.client} 的${operationWords(told.op)}为等 ${allOf(told.silent)} 花了 ${formatUs(told.waitedUs)}，尽管 ${told.of} 台服务器中有 ${told.of - told.silent.length} 台已经应答`
    case 'claimed-longer':
      return `${told.client} 的租约声称比${placeWords(told.place)}中的键多持续 ${formatUs(told.byUs)}：${told.statement === null ? '' : statementWords(told.statement)}`
    case 'told-late':
      return `锁在${asked(service)}中已经没有了 ${formatUs(told.afterUs)}，${told.client} 才得知自己失去了它`
    case 'overtaken':
      return `${told.client} 等了 ${formatUs(told.waitedUs)}，被后来的客户端抢先了 ${told.times} 次`
    case 'votes-split':
      return `${allOf(told.clients)} 连续 ${told.rounds} 轮瓜分 ${told.of} 台服务器的票，${formatUs(told.forUs)} 里谁也没有拿到锁`
    case 'increment-lost':
      return '计数器的一次自增丢了：有两次自增不可能是一先一后发生的'
    case 'not-one-after-the-other':
      return '各个请求看到和得知的内容，不可能是一个接一个发生的结果'
    case 'process-ended':
      return `${told.client} 的进程结束了：${told.message}`
    case 'ran-for-ever':
      return '被测代码一直运行，从不等待任何东西'
    case 'out-of-memory':
      return '被测代码用光了内存'
    default:
      return assertNever(told)
  }
}

const CHANGED: Readonly<Record<Extract<Told, { kind: 'key-changed' }>['how'], string>> = {
  deleted: '删除了它',
  extended: '改了它的过期时间',
  overwritten: '覆盖了它',
  displaced: '插到了队首之前',
}

const RUN: Readonly<Record<Runs, (number: number) => string>> = {
  tick: (number) => `第 ${number} 次定时任务`,
  item: (number) => `第 ${number} 项`,
  request: (number) => `请求 ${number} `,
  task: (number) => `队列中的任务 ${number} `,
}

const TOLD: Readonly<Record<ToldOwner, string>> = {
  'not had': '得知自己没有拿到锁',
  'held by another': '得知锁在别的客户端手里',
  'an error': '只收到一个错误',
  noscript: '收到 NOSCRIPT',
  'release refused': '得知自己的释放有误',
  released: '得知锁已经释放',
  'not its own': '得知锁已不是自己的',
}

/** What a lease said of itself that was not true. */
function statementWords(statement: Statement): string {
  const { client, name } = statement
  const its = statement.isQuorum ? '多数票' : '键'
  switch (statement.kind) {
    case 'is held':
      return `${client} 的 ${name} 在 ${formatUs(statement.atUs)} 时仍然为真${sinceWords(statement.sinceUs, its)}`
    case 'no signal': {
      const until = statement.signalledUs === null ? '' : `；到 ${formatUs(statement.signalledUs)} 才通知`
      return `${client} 的 ${name} 到 ${formatUs(statement.atUs)} 时还没有通知失去锁${sinceWords(statement.sinceUs, its)}${until}`
    }
    case 'end':
      return `${client} 的 ${name} 给出的是 ${formatUs(statement.statedUs)}${statement.endedUs === null ? '' : `，而它的${its}在 ${formatUs(statement.endedUs)} 就没有了`}`
    default:
      return assertNever(statement)
  }
}

const sinceWords = (sinceUs: number | null, its: string): string =>
  sinceUs === null ? '' : `，此时它的${its}已经没有了 ${formatUs(sinceUs)}`
