/** The lesson about failover, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const failover: LessonText = {
  title: '主从切换',
  question: '服务器有一个从库，主库挂了就由它接替。那么主库挂掉时，锁还在吗？',
  storm: 'A 持有锁。主库还没把 A 的键复制给从库就挂了，从库接替它提供服务。B 在等这把锁。',
  predict: '在 {at} 这一刻，谁认为自己持有锁？',
  choices: ['没有人', '只有 A', '只有 B', 'A 和 B 都认为'],
  happened: '现在应答的服务器从来没有听说过 A 的键。A 还在工作，B 就拿到了锁：两者同时持有锁，持续了 {lasted}。',
  why: 'Redis 在从库收到写入之前就会确认：复制是异步的。主库挂掉时还没复制的内容就没了，哪怕客户端已经收到 OK。对缓存来说这没什么；对锁来说，这意味着服务活了下来，承诺却没有。WAIT 能让它更少见，但不能保证被提升的是哪个从库。',
  cure: '向几台互不复制的服务器投票。在同一场风暴中，三台里一台挂了，两台还记得。',
  goal: '让两个客户端同时持有锁。主从切换可能丢失已经确认的写入。',
  notModelled: [
    '谁来发现主库已经挂掉、何时发现：即 Sentinel 和 Cluster 的投票。被隔离却仍在接受写入的旧主库是另一个故事，见 lockstorm run articles。',
  ],
}
