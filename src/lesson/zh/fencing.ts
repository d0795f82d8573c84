/** The lesson about fencing tokens, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const fencing: LessonText = {
  title: '隔离令牌',
  question: '锁会发放递增的数字，存储会拒绝更小的数字。这样就万无一失了吗？',
  storm:
    'A 先取了号，然后在申请锁之前停住了 150 ms。B 取到下一个号，拿到锁，写入，再释放。随后 A 恢复，拿到了空闲的锁。',
  predict: '现在只有 A 持有锁。存储会怎样处理它的写入？',
  choices: ['接受', '拒绝'],
  happened:
    'A 在 B 之后获得锁，号码却比 B 的小。存储已经见过 B 的号码，于是拒绝了 A：唯一的、合法的持有者反而干不了活。',
  why: '只有当号码的大小顺序和授予锁的顺序一致时，隔离令牌才有用。而在这里，决定大小的是取号的先后，取号和加锁之间什么都可能发生。反过来更糟：取得晚的号码可能会给一次过期的写入放行。',
  cure: '用一个脚本同时完成加锁和取号。这样就只有一种顺序，号码真正说明了哪次授予在后。',
  goal: '让某个客户端获得锁时拿到的号码，比之前某个持有者的还小。',
  notModelled: [
    '计数器随服务器一起丢失：FLUSHALL 或主从切换会让号码从头开始。场景 flush-resets-the-fence 演示了这种情况。',
  ],
}
