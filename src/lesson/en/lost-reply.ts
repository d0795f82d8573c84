/** The lesson about a lost reply, in English. */
import type { LessonText } from '../lesson.ts'

export const lostReply: LessonText = {
  title: 'A lost reply',
  question: 'The command failed with an error. Was it carried out?',
  storm:
    'Redis gives A the lock, and the connection breaks before the answer arrives. A takes the error for a no and tries again. B wants the lock, too.',
  predict: 'At {at}, with a lease of 2 s, who believes that it holds the lock?',
  choices: ['nobody', 'A alone', 'B alone', 'A and B'],
  happened:
    'The key was there with A’s token, and A did not know. A asked again with a new token, and its own old one was in the way. Nobody held the lock, and nobody could have it: for {lasted}, until the lease was over.',
  why: 'An error says that no answer came. It does not say on which side of Redis the connection broke: the command may have been carried out, or not, and the client cannot tell. There are three outcomes: yes, no, and unknown. Taking unknown for no leaves a lock that has no holder; taking it for yes makes two.',
  cure: 'After an unknown outcome give back what may have been taken, by its own token, before anything else is tried. Compare-and-delete does no harm if nothing was taken.',
  goal: 'Leave the lock taken, while the client that took it was told otherwise.',
  notModelled: [
    'A machine that dies before it can give anything back: then only the end of the lease helps, and this is what it is for.',
  ],
}
