/** The lesson about a majority of servers, in English. */
import type { LessonText } from '../lesson.ts'

export const quorum: LessonText = {
  title: 'A majority',
  question: 'Three servers that know nothing of each other: the lock is had with two votes. What can they lose?',
  storm:
    'A cannot reach redis-3 and has the votes of the two others. Then redis-2 restarts and comes back empty. B wants the lock, too.',
  predict: 'At {at}, who believes that it holds the lock?',
  choices: ['nobody', 'A alone', 'B alone', 'A and B'],
  happened:
    'redis-2 voted for A, forgot it, and voted for B. With redis-3, which A had never reached, B had two of three votes as well: both held the lock for {lasted}.',
  why: 'Two majorities of three always have a server in common, and all depends on that one keeping its word. One server that is out of reach is harmless, and so is one that forgets. Both at once are not: then a majority of those that remember is no majority any more. No code in the client can see it.',
  cure: 'More servers bear more of them: with five, A had four votes, and one that forgets leaves three. Or let a server that comes back stay away for longer than a lease (delayed restarts), or have it write each vote to disk before it answers (fsync always).',
  goal: 'Make two clients hold the lock at the same time. Servers may come back empty.',
  notModelled: [
    'Membership that changes, and servers that agree with each other: these are consensus systems (etcd, ZooKeeper), which cost more and promise more.',
    'A pause of the holder: no number of servers helps against it.',
  ],
}
