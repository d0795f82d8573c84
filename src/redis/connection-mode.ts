/**
 * What a connection is in, as bits: 0 is the ordinary state, in which a command runs without further questions.
 */

export const IN_MULTI = 1
export const SUBSCRIBED = 2
/** Runs no commands for now: a blocking command, CLIENT PAUSE, or a script that never ends. */
export const WAITING = 4
export const CLOSED = 8
export const UNAUTHENTICATED = 16
export const REPLY_OFF = 32
/** CLIENT REPLY SKIP: the reply of the present command is not sent … */
export const REPLY_SKIP = 64
/** … and here: that of the next command will not be. */
export const REPLY_SKIP_NEXT = 128
export const CLOSE_AFTER_REPLY = 256
/** MONITOR: sees every command, and may not touch the data. */
export const MONITOR = 512
/** Its user may not do everything: each command is asked about. */
export const RESTRICTED = 1024
/** In its name the stream of the primary is executed: nothing is refused, nothing is answered. */
export const PRIMARY = 2048
/** A replica that gets the stream of this server. */
export const REPLICA = 4096
/** READONLY: as a replica of a cluster it reads keys of its primary. */
export const READS_REPLICA = 8192
/** ASKING: the next command may be run on a slot that is being imported. */
export const ASKING = 16384
