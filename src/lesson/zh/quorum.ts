/** The lesson about a majority of servers, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const quorum: LessonText = {
  title: '多数派',
  question: '三台互不相识的服务器，拿到两票就算拿到锁。它们能承受多大的损失？',
  storm: 'A 连不上 redis-3，只拿到另外两台的票。随后 redis-2 重启，数据全空。B 也想要这把锁。',
  predict: '在 {at} 这一刻，谁认为自己持有锁？',
  choices: ['没有人', '只有 A', '只有 B', 'A 和 B 都认为'],
  happened:
    'redis-2 投给了 A，忘了，又投给了 B。加上 A 从来没有联系上的 redis-3，B 也有了三票中的两票：两者同时持有锁，持续了 {lasted}。',
  why: '三台服务器中的任意两个多数派必有一台重合，一切都取决于这一台说话算数。一台连不上，没有问题；一台失忆，也没有问题。两件事同时发生就不行了：还记得的那些已经构不成多数。客户端里没有任何代码能察觉这一点。',
  cure: '服务器越多，能承受的就越多：五台时 A 有四票，一台失忆还剩三票。或者让重启的服务器等待超过一个租约再上线（延迟重启），或者让它每投一票都先落盘再回答（fsync always）。',
  goal: '让两个客户端同时持有锁。服务器重启后可能丢失数据。',
  notModelled: [
    '成员变更，以及彼此达成一致的服务器：那是共识系统（etcd、ZooKeeper），代价更高，保证也更强。',
    '持有者的停顿：再多服务器也防不住。',
  ],
}
