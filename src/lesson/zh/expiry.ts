/** The lesson about expiry, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const expiry: LessonText = {
  title: '过期时间',
  question: '持有者可能在持锁期间挂掉。设了过期时间，锁就一定会被释放吗？',
  storm: 'A 加锁后进程挂了：可能是发布重启，可能被 kill，也可能内存耗尽。B 在等这把锁。',
  predict: 'B 什么时候能拿到锁？',
  choices: ['A 一挂就能拿到', '200 ms 的租约到期后', '永远拿不到'],
  happened:
    'A 挂在 SETNX 之后、PEXPIRE 发出之前。这个键既没有过期时间，也没有持有者。B 一直问到模拟结束也没拿到，后来的每个客户端也都一样。',
  why: '如果过期时间要靠第二条命令来设置，那么进程恰好在两条命令之间终止时，过期时间就没有了。恰好死在这一刻的进程不多，但每出现一个，所有人都会被挡在门外，直到有人手动删除这个键。',
  cure: '带 PX 和 NX 的 SET 用一条命令同时完成加锁和设置过期时间：要么都生效，要么都不生效。',
  goal: '让这把锁永远无法再被获取。',
  notModelled: ['编排系统的自动重启：这里挂掉的客户端不会再起来；即使起来，它也不知道自己曾写过这个键。'],
}
