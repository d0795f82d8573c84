/** What to do about a violation, in Simplified Chinese, in the imperative. */
import type { Advice } from '../advice.ts'

const FENCE = '每次授予锁时取一个递增的数字，写入时一并带上，让存储拒绝更小的数字'

export const ADVICE: Readonly<Record<Advice, string>> = {
  'take atomically': '用一步完成加锁，只有键空闲时才成功：SET key token NX PX ttl',
  compare: '用一个脚本完成“比较令牌并删除”，让客户端只能删除自己的键',
  fence: FENCE,
  'renew and fence': `工作期间持续续租；并且${FENCE}`,
  'monotonic clock': '用单调时钟（performance.now）计算租约，不要用墙上时钟（Date.now）',
  'drift margin': '从发出请求之前开始计算租约，并为时钟漂移留出余量',
  'draw fence with grant': '用同一个脚本完成加锁和取隔离令牌',
  'check fence': '让存储把隔离令牌与它见过的最大值比较，比较和写入要在同一步完成',
  'expire with set': '用写入键的那条命令同时设置过期时间：SET key token NX PX ttl',
  'read back': '出错之后把键读回来：如果里面是自己的令牌，锁就是自己的',
  'take back': '加锁失败或结果未知时，在每台服务器上用“比较并删除”把它还回去',
  'send script': '遇到 NOSCRIPT 时改为发送脚本本身（EVAL），而不是它的哈希',
  'store changes': '只保存改动，不要保存整个副本；或者只有版本自加载以来没有变过时才保存副本',
  'new session id': '每次登录都给会话换一个新的 ID',
  'store if there': '只有会话仍然存在时才保存（SET XX），并且在一个请求可能持续的时间里记住已经退出的会话',
}
