/** The lesson about whose lock it is, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const owner: LessonText = {
  title: '这是谁的锁？',
  question: '只有持有者才会调用释放。那么一条普通的 DEL 会删掉别人的锁吗？',
  storm: 'A 按时完成工作并释放锁，但它的 DEL 在路上走了 150 ms。B 和 C 也想要这把锁。',
  predict: '在 {at} 这一刻，谁认为自己持有锁？',
  choices: ['只有 B', '只有 C', 'A 和 B', 'B 和 C'],
  happened:
    'DEL 还在路上时，A 的租约到期了，{first} 拿到了空闲的锁。随后 DEL 到达，删掉了 {first} 的键。{second} 发现锁空闲：从 {from} 起，{first} 和 {second} 同时持有锁，持续了 {lasted}，而它们俩谁都没做错。',
  why: 'DEL 认的是键，不是持有者。按键名删除，删掉的就是命令到达时键里的内容；网络一慢、队列一长或者进程一停顿，那可能已经是别人的锁了。在 DEL 之前看一眼时钟也没用：延迟发生在看过之后。',
  cure: '每次加锁都写入唯一的令牌，释放时只有令牌仍是自己的才删除：用一个脚本完成“比较并删除”，因为 Redis 执行脚本时不会插入别的命令。',
  goal: '利用这把锁的错误（而不是租约到期），让两个客户端同时持有锁。',
  notModelled: ['数据包乱序：TCP 保证同一连接内的顺序，模拟也是如此。'],
}
