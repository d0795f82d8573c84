/** The lesson about failover, in English. */
import type { LessonText } from '../lesson.ts'

export const failover: LessonText = {
  title: 'Failover',
  question: 'The server has a replica that takes over when it dies. Then the lock survives the death of the server?',
  storm:
    'A has the lock. The primary dies before it has told its replica of A’s key, and the replica answers in its place. B wants the lock next.',
  predict: 'At {at}, who believes that it holds the lock?',
  choices: ['nobody', 'A alone', 'B alone', 'A and B'],
  happened:
    'The server that answers now has never heard of A’s key. B was given the lock while A was at work: both held it for {lasted}.',
  why: 'Redis acknowledges a write before its replicas have it: replication is asynchronous. What is not copied when the primary dies is gone, also if the client was told OK. For a cache that is fine. For a lock it means that the service survives and its promise does not. WAIT makes it rarer and does not promise which replica is promoted.',
  cure: 'Ask several servers that do not copy from each other. In the same storm, of three, one dies and two remember.',
  goal: 'Make two clients hold the lock at the same time. A failover may lose what the server had acknowledged.',
  notModelled: [
    'Who finds out that the primary has died, and when: Sentinel, and the votes of a Cluster. A primary that is cut off and still takes writes is another story: lockstorm run articles has it.',
  ],
}
