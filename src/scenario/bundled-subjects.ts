/** The locks, session stores, job queues, elections and read-write locks that come with lockstorm, as subjects. */
import { ELECTIONS } from '../leader/registry.ts'
import { ARTICLE_LOCKS } from '../lock/articles/registry.ts'
import { LOCKS } from '../lock/registry.ts'
import { SEMAPHORES } from '../lock/semaphore/registry.ts'
import { QUEUES } from '../queue/registry.ts'
import { READ_WRITE_LOCKS } from '../read-write/registry.ts'
import { ARTICLE_STORES } from '../session/articles/registry.ts'
import { SESSION_STORES } from '../session/registry.ts'
import {
  leaderSubject,
  lockSubject,
  queueSubject,
  readWriteSubject,
  type Subject,
  sessionSubject,
} from '../subject/subject.ts'

/** The built-in subjects, then the semaphores and those of the articles, which run only where a scenario names them. */
export const bundledSubjects = (): readonly Subject[] =>
  [
    ...LOCKS.map(lockSubject),
    ...SESSION_STORES.map(sessionSubject),
    ...QUEUES.map(queueSubject),
    ...ELECTIONS.map(leaderSubject),
    ...READ_WRITE_LOCKS.map(readWriteSubject),
    ...[...[...SEMAPHORES, ...ARTICLE_LOCKS].map(lockSubject), ...ARTICLE_STORES.map(sessionSubject)].map(
      (subject): Subject => ({ ...subject, reach: 'named' }),
    ),
  ].map((subject): Subject => ({ ...subject, speaks: ['ioredis', 'direct', 'iovalkey'] }))
