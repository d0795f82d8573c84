/** Why it happened, in Simplified Chinese: one or two sentences for each cause. */
import type { Cause, During, Forgetting, UntimelyEnd, Votes } from '../../check/cause.ts'
import { majorityOf } from '../../history/backing.ts'
import type { Service } from '../../history/history.ts'
import type { Circumstance } from '../../history/running.ts'
import { assertNever } from '../../sim/assert.ts'
import { formatUs } from '../../sim/units.ts'
import { asked, askedFirst, askedLast } from './asked.ts'
import { placeWords } from './names.ts'

/** Why it happened. */
export function causeWords(cause: Cause, service: Service | undefined): string {
  switch (cause.kind) {
    case 'never-granted':
      return cause.votes === null
        ? `${askedFirst(service)}里从来没有 ${cause.client} 的令牌：它的加锁没有占用这把锁。`
        : `${cause.votes.of} 台服务器中有 ${cause.votes.had} 台有 ${cause.client} 的令牌，而多数是 ${majorityOf(cause.votes.of)} 台：它的加锁没有占用这把锁。`
    case 'taken-away':
      return takenAway(cause) + restWords(cause.votes)
    case 'redis-lost-it':
      return `${endsWords(cause.ends, cause.client)}。${restWords(cause.votes)}`
    case 'granted-too-late':
      return `${cause.client} 在租约到期 ${formatUs(cause.lateUs)} 之后才得知自己拿到了锁：锁没有检查${cause.isQuorum ? '投票' : '响应'}花了多久。`
    case 'lease-overstated':
      return `${cause.client} 的租约声称比${placeWords(cause.place)}中的键多持续 ${formatUs(cause.byUs)}。`
    case 'client-clock-moved':
      return `${cause.client} 用${clockWords(cause.clock)}计算租约，而这个时钟被拨动了；${placeWords(cause.place).trim()}中的键已经结束。`
    case 'loss-not-noticed':
      return `${cause.client} 的 ${formatUs(cause.leaseUs)} 租约${duringWords(cause.during, cause.client)}到期了；${cause.client} 在运行，却没有拿租约和时钟比较。`
    case 'lease-ended':
      return `${cause.client} 的 ${formatUs(cause.leaseUs)} 租约${duringWords(cause.during, cause.client)}到期了，而 ${cause.client} 并不知道。`
    case 'work-outlives-lease':
      return `${cause.client} 的工作比它的 ${formatUs(cause.leaseUs)} 租约更久，又没有续租${cause.didAsk ? '' : `；${cause.client} 没有问过租约就继续做`}。没有任何故障耽搁 ${cause.client}。`
    case 'granted-while-held':
      return `${cause.later} 得知自己拿到了锁，而${cause.isQuorum ? '多数服务器' : asked(service)}里仍是 ${cause.holder} 的令牌。`
    case 'fence-not-drawn-with-grant':
      return '取隔离令牌和加锁不在同一步完成，或者计数器丢失了。'
    case 'fence-not-checked':
      return '存储不检查隔离令牌。'
    case 'token-not-compared':
      return `${cause.by} 的命令没有把键里的令牌与自己的比较。`
    case 'not-takeable':
      return '已经没有客户端认为自己持有它，所有故障都已结束，它的租约也已过去了两倍的时间。'
    case 'no-expiry':
      return cause.hasEnded
        ? `${cause.owner} 在占用键之后、设置过期时间之前终止了。`
        : `${cause.owner} 占用了键，却从未给它设置过期时间。`
    case 'prolonged-by-waiters':
      return `${cause.helpers.length === 1 ? cause.helpers[0] : `${cause.helpers[0]} 和另外 ${cause.helpers.length - 1} 个客户端`} 在等待它的同时延长了它。`
    case 'attempt-misread':
      return '命令执行了，调用者却得到“没拿到”：要么响应被误读，要么响应丢失后命令重发，遇到了自己的令牌。'
    case 'attempt-not-taken-back':
      return `这次加锁对调用者来说失败了，在${asked(service)}里却成功了，而锁没有把它还回去。`
    case 'votes-not-taken-back':
      return '这次加锁失败了，而锁没有把它的票收回。'
    case 'script-forgotten':
      return '它用 EVALSHA 释放，服务器忘记脚本之后也不再发送脚本本身。'
    case 'release-refused':
      return `${askedFirst(service)}拒绝了它：${cause.reply}`
    case 'release-without-effect':
      return '释放报告成功，键却没有删除。'
    case 'release-gave-up':
      return `释放没有问${asked(service)}键是谁的就放弃了，或者用了另一个令牌去问。`
    case 'own-token-blocks':
      return '命令执行了，响应却丢了；之后每次尝试都遇到自己的令牌，并把它当成别的客户端的。'
    case 'votes-kept':
      return cause.reasons.map((reason) => causeWords(reason, service)).join('')
    case 'never-settled':
      return cause.isEveryCall
        ? '这个 Promise 既没有兑现也没有拒绝，其他的也都一样：它在等模拟器管不到的东西，例如文件、真实的套接字或工作线程，或者什么也没等。'
        : '这个 Promise 既没有兑现也没有拒绝。'
    case 'minority-awaited':
      return '对没有应答的服务器要设一个远小于租约的超时；有多数就够了。'
    case 'signal-late':
      return `其中有 ${formatUs(cause.runningUs)} 它在运行，也连得上${askedLast(service)}；一个租约是 ${formatUs(cause.leaseUs)}。`
    case 'no-drift-margin':
      return `服务器的时钟在租约期间快了 ${formatUs(cause.aheadUs)}，这属于漂移，而租约没有为它留出余量。`
    case 'counted-on-wrong-clock':
      return `它按 ${cause.client} 的${cause.clock === null ? '时钟' : clockWords(cause.clock)}计算，而这个时钟被拨动了，或者它比服务器更晚开始计时。`
    case 'taken-again-late':
      return `释放开始 ${formatUs(cause.afterUs)} 之后，同一客户端的另一条命令到达${askedLast(service)}，又占用了锁。`
    case 'one-too-many-let-in':
      return `${cause.later} 进来时，另有 ${cause.limit} 个客户端持有它。`
    case 'second-answer-taken-for-failure':
      return `响应丢了，命令重发，却已没有可释放的：释放完成 ${formatUs(cause.afterUs)} 之后，这被当成了失败。`
    case 'no-queue':
      return `最多允许 ${cause.bypassesMax} 次。这把锁没有保持客户端到来的先后顺序。`
    case 'retried-in-step':
      return '没有任何故障：每个客户端都归还已有的票，又和其他客户端隔同样的时间再次请求。下一轮之前随机等一会儿就能解决。'
    case 'uncaught':
      return `没有代码捕获它（${cause.origin}）。`
    case 'exit-called':
      return '代码调用了 process.exit。'
    case 'turn-never-ends':
      return '它的事件循环有一轮没有结束：在真实的进程里，别的什么都不会再运行。'
    case 'memory-used-up':
      return '运行这次模拟的工作线程因内存上限而终止。'
    case 'same-value-read':
      return '两个持有者读到同一个值，又都写入了加一的结果。'
    case 'let-in-beside':
      return `${cause.holder} 持有它，租约也没有到期，${cause.later} 却进来了。`
    case 'lead-not-kept':
      return `${cause.client} 一直在运行，也连得上${askedLast(service)}：选举没有保住它的领导权，或者被另一个候选者夺走了。`
    case 'elected-too-late':
      return `${cause.client} 在租约到期之后才得知自己当选：选举没有检查响应花了多久。`
    case 'deposed-unnoticed':
      return `其中有 ${formatUs(cause.runningUs)} ${cause.client} 在运行：它自己的时钟表明租约已经结束，而选举没有去看。`
    case 'lead-forgotten':
      return cause.how === 'clock ahead'
        ? `${cause.node} 的时钟走快了：${cause.client} 的租约提前结束，而 ${cause.client} 无从得知。`
        : `${cause.node} 忘记了 ${cause.client} 是领导者（${FORGETTING[cause.how]}）。`
    case 'term-not-drawn':
      return '取任期和当选不在同一步完成。'
    case 'term-forgotten':
      return `${cause.node} 忘记了上一个任期（${FORGETTING[cause.how]}）。`
    case 'none-elected':
      return '所有故障都已结束，没有别的客户端参选，上一个租约也已过去了两倍的时间。'
    case 'campaign-given-up':
      return '所有故障都已结束，此后开始参选的客户端当选了：这一个不再请求，或者请求得太少。'
    case 'claim-not-kept':
      return `${cause.client} 一直在运行，也连得上${askedLast(service)}：队列没有保住它对任务的占有。`
    case 'claim-too-late':
      return `${cause.client} 拿到任务时，它对任务的占有已经结束：队列没有检查响应花了多久。`
    case 'claim-ended':
      return `${cause.client} 对任务的 ${formatUs(cause.leaseUs)} 占有${duringWords(cause.during, cause.client)}结束了，而 ${cause.client} 并不知道。`
    case 'claim-forgotten':
      return cause.how === 'clock ahead'
        ? `${cause.node} 的时钟向前跳了：${cause.client} 对任务的占有提前结束，而 ${cause.client} 无从得知。`
        : `${cause.node} 忘记了 ${cause.client} 对任务的占有（${FORGETTING[cause.how]}）。`
    case 'job-gone':
      return cause.worker === null
        ? `它的入队得到了确认，${askedFirst(service)}什么也没忘记，却没有任何工作者拿到过它。`
        : `${cause.worker} 拿走它之后终止了：队列没有把它交给别的工作者。`
    case 'job-forgotten':
      return `${cause.node} 忘记了它（${FORGETTING[cause.how]}）。`
    case 'done-not-kept':
      return `${cause.first} 已经把它运行完，没有出任何问题，队列却又发放了一次。`
    case 'run-not-recorded':
      return `${cause.first} 运行过它，却没有留下记录：在记录之前它就终止了，或者失败了。`
    case 'lock-forgets':
      return `${cause.again} 来的时候，${cause.first} 已经做完，锁是空闲的。锁不会记住在它之下做过什么。`
    case 'filled-by-nobody':
      return '值改变之后，没有客户端再填入那个旧值。'
    case 'writer-without-lock':
      return `${cause.filler} 在改变之前读到它，在改变之后才填入。${cause.writer} 不加锁，所以没有锁能防住：给填入加上隔离。`
    case 'filled-while-both-held':
      return `${cause.filler} 填入它、${cause.writer} 改变它的时候，两者都持有锁。`
    case 'session-id-kept':
      return `陌生人在 ${cause.user} 登录之前埋下了自己的 cookie，而登录沿用了那个会话的 ID。`
    case 'session-shared':
      return '两者共用一个会话。'
    case 'older-copy-stored':
      return '另一个请求在这次修改之前加载了会话，之后又把自己那份副本整个保存了回去。'
    case 'session-let-go':
      return `${cause.node} 丢掉了这个会话（${FORGETTING[cause.how]}），别处也没有。`
    case 'session-gone':
      return '会话既没有被销毁，也没有闲置到过期。'
    case 'logout-forgotten':
      return cause.how === 'restart'
        ? `${cause.node} 用磁盘上的内容重新启动，那些内容早于退出登录。`
        : `现在的主库没有收到过这次退出登录，${cause.node} 忘记了它（${FORGETTING[cause.how]}）。`
    case 'stored-after-logout':
      return cause.writer === null
        ? '会话销毁之后，又有人把它保存了回去。'
        : `${cause.writer} 在退出登录之前加载了它，之后又保存了回去。`
    case 'older-copy-read':
      return '这次加载读到的副本比那次确认更旧。'
    case 'no-order-explains-it':
      return '已确认的修改无论按什么顺序排列，都解释不了所有的回答。'
    default:
      return assertNever(cause)
  }
}

function takenAway({ client, by, how }: Extract<Cause, { kind: 'taken-away' }>): string {
  switch (how) {
    case 'overwritten':
      return `${client} 的键还有效时，${by} 把它覆盖了。`
    case 'displaced':
      return `${by} 插到了 ${client} 前面。`
    case 'deleted':
      return by === client
        ? `${client} 的键还有效时，它自己的一条命令把键删除了。`
        : `${client} 的键还有效时，${by} 把它删除了。`
    default:
      return assertNever(how)
  }
}

/** Of a quorum lock: how many nodes were left. */
const restWords = (votes: Votes | null): string =>
  votes === null ? '' : `${votes.of} 台服务器中只剩 ${votes.had} 台还有它的令牌。`

/** Of a clock that ran ahead no client can know. */
const endsWords = (ends: readonly UntimelyEnd[], client: string): string =>
  ends.map((end) => endWords(end, client)).join('；') +
  (ends.some(({ how }) => how === 'clock ahead') ? `，而 ${client} 无从得知` : '')

function endWords(end: UntimelyEnd, client: string): string {
  switch (end.how) {
    case 'eviction':
      return `${end.node} 为了节省内存淘汰了 ${client} 的键`
    case 'flush':
      return `${end.node} 上的 FLUSHALL 清掉了 ${client} 的键`
    case 'restart':
      return `${end.node} 重启之后忘记了 ${client} 的键`
    case 'failover':
      return `主从切换丢掉了 ${client} 的键：${end.node} 确认过的内容，现在的主库上没有，或者不再有`
    case 'clock ahead':
      return `${end.node} 的时钟走快了：键的 ${formatUs(end.ttlUs)} 只活了 ${formatUs(end.livedUs)}`
    default:
      return assertNever(end)
  }
}

const FORGETTING: Readonly<Record<Forgetting | 'clock ahead', string>> = {
  restart: '重启',
  eviction: '淘汰',
  flush: '清空',
  failover: '主从切换',
  'clock ahead': '时钟走快',
}

const CLOCKS: Readonly<Record<string, string>> = { wall: '墙上时钟', monotonic: '单调时钟' }

const clockWords = (clock: string): string => CLOCKS[clock] ?? ` ${clock} 时钟`

const CIRCUMSTANCES: Readonly<Record<Circumstance, string>> = {
  paused: '停顿',
  working: '工作',
  'cut off': '断网',
  'message under way': '的一条消息在途',
}

const WHEN: Readonly<Record<During['when'], string>> = { while: '期间', after: '之后', before: '之前' }

const duringWords = ({ when, circumstance }: During, client: string): string =>
  circumstance === null ? `在 ${client} 完成之前` : `在 ${client} ${CIRCUMSTANCES[circumstance]}${WHEN[when]}`
