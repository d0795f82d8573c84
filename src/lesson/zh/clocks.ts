/** The lesson about clocks, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const clocks: LessonText = {
  title: '时钟',
  question: '持有者用自己的时钟计算租约。应该用哪一种时钟？',
  storm:
    'A 这次的工作比平时多花 400 ms，是租约的两倍。工作期间它的时钟被往回拨了一小时：可能是 NTP，可能是虚拟机，也可能是人。B 在等这把锁。',
  predict: '在 {at} 这一刻，谁认为自己持有锁？',
  choices: ['没有人', '只有 A', '只有 B', 'A 和 B 都认为'],
  happened:
    'Redis 数够了 200 ms，让键过期，B 拿到了锁。而 A 看看自己的时钟，租约似乎还剩一个小时：从 {from} 起两者同时持有锁，持续了 {lasted}。最后 A 还是写入了，尽管写之前问过时钟。',
  why: 'Date.now() 回答的是“现在几点”，这个答案随时可能被改动，改多少都有可能。租约是一段时长，而计算时长需要一个没有人会去拨的时钟。这里要两件事同时发生才出问题：工作太久，加上时钟回拨；单独哪一件都无害。正因如此，这样的锁可以平安运行好几年。',
  cure: '用单调时钟计时：在 Node 里是 performance.now()。它不知道现在几点，但知道过去了多久。这样 A 会及时放弃。',
  goal: '利用这把锁的缺陷（bug），让两个客户端同时持有锁。',
  notModelled: [
    '机器休眠时停走的时钟：有些单调时钟不计入休眠时间。',
    '这里 Redis 自己的时钟是准的。如果它跳变，租约会提前结束，那就只有隔离令牌能防住：lockstorm run redis-clock-step-forward。',
  ],
}
