/** The lesson about interleaving, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const interleaving: LessonText = {
  title: '交错执行',
  question: 'Redis 一次只执行一条命令。那么只要不出任何故障，由两条命令组成的锁就是安全的吗？',
  storm: 'A 和 B 在同一时刻开始。没有任何故障：消息不丢，进程不停。',
  predict: '在 {at} 这一刻，谁认为自己持有锁？',
  choices: ['没有人', '只有 A', '只有 B', 'A 和 B 都认为'],
  happened:
    '两个客户端都在对方加锁之前查询，因此都得知锁是空闲的，于是都加了锁。从 {from} 起，两者同时持有锁，持续了 {lasted}。双方都把计数器写成 1：两次自增丢了一次。',
  why: 'Redis 单独执行每一条命令，但在同一个客户端的两条命令之间，它会执行别人的命令。GET 的回答在它作出的那一刻是对的，等到 SET 到达时就未必了。测试里看不出来，因为这个空隙只有零点几毫秒；生产环境里会出现，因为它从早到晚都在跑。',
  cure: '把“查看”和“占用”合成一条命令：NX 只在键不存在时才写入，并告诉你写没写成。',
  goal: '让两个客户端同时持有锁。',
  notModelled: ['客户端内部的多线程：这里每个客户端和 Node 一样，同一时间只做一件事。'],
}
