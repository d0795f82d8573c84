/** The lesson about renewal, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const renewal: LessonText = {
  title: '续租',
  question: '看门狗会一直续租，直到工作完成。那么工作想做多久都可以吗？',
  storm:
    'A 要工作 500 ms，租约只有 200 ms，由定时器每过三分之一续租一次。第二次续租的响应随连接一起丢了，不过 Redis 马上又可以连上。B 在等这把锁。',
  predict: '在 {at} 这一刻，谁认为自己持有锁？',
  choices: ['没有人', '只有 A', '只有 B', 'A 和 B 都认为'],
  happened:
    '续租抛出异常，定时器的链条就此中断。Redis 其实执行了这次续租，但它是最后一次，只管 200 ms。之后 B 拿到了锁，从 {from} 起两者同时持有锁，持续了 {lasted}：A 若无其事地继续工作。',
  why: '续租和别的命令一样会失败。看门狗有两项职责：还有时间时再试一次；没有时间了就通知持有者。这只看门狗一样都没做，持有者也没有去问。从外部看，这和任何客户端都保不住的租约没有区别，所以 lockstorm 报告为极限（limit）；而下面的解决办法说明，这把锁本来可以做到。',
  cure: '用固定间隔续租，一次失败之后还有下一次；并且维护一个截止时间，只有 Redis 回答成功才往后移，从发出请求之前开始算。持有者每走一步之前都先问它。',
  goal: '让两个客户端同时持有锁。',
  notModelled: ['连同定时器一起停住的持有者：续租防不住停顿，见“停顿”一课。'],
}
