/** The lesson about sessions, in English. */
import type { LessonText } from '../lesson.ts'

export const sessions: LessonText = {
  title: 'Sessions',
  question:
    'A session is loaded when a request begins and stored when it ends. What happens to what others did in between?',
  storm:
    'B’s request takes half a second longer than usual. Meanwhile the same user logs out in another tab, on C. Then B stores the session that it had loaded.',
  predict: 'The user has logged out. What is there when all requests are over?',
  choices: ['no session: the user is logged out', 'the session: the user is logged in again'],
  happened:
    'C deleted the session and the user was told so. Then B stored its copy, whole, and with it the login: the session is back after its destruction had been acknowledged.',
  why: 'Load, change, store is the same mistake as look, then take: between two commands of one request there are those of others. The last one who stores wins, and brings back everything that it had seen. Two requests that add to a cart lose an item in the same way.',
  cure: 'Store only if what is there is what was loaded, compared in one script. If it is not, nothing is stored, and the request loads again: it then sees that there is no session. A version number does the same for less traffic.',
  goal: 'Bring a session back after the user was told that it is gone.',
  notModelled: ['What the user is told when a request is refused: that is for the application to decide.'],
}
