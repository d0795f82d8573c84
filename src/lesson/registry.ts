/** All lessons, in the order in which they are to be read. Adding one: its file, its texts, its folder in `lessons/`, a line here. */
import { clocks } from './clocks.ts'
import { expiry } from './expiry.ts'
import { failover } from './failover.ts'
import { fencing } from './fencing.ts'
import { interleaving } from './interleaving.ts'
import type { Lesson } from './lesson.ts'
import { lostReply } from './lost-reply.ts'
import { owner } from './owner.ts'
import { pause } from './pause.ts'
import { quorum } from './quorum.ts'
import { renewal } from './renewal.ts'
import { resend } from './resend.ts'
import { sessions } from './sessions.ts'

export const LESSONS: readonly Lesson[] = [
  interleaving,
  expiry,
  owner,
  pause,
  fencing,
  clocks,
  lostReply,
  resend,
  renewal,
  quorum,
  failover,
  sessions,
]
