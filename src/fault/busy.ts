/**
 * Another tenant's script that never ends: until it is killed, the server refuses every command with BUSY.
 *
 * Does not model  the silence before (`busy-reply-threshold`, 5 s unless it is configured), in which nothing is answered: that
 *                 is a pause of the node.
 *
 * Only in memory: a real server that is busy would not say what its keys are, either.
 *
 * Source: redis.conf, `busy-reply-threshold`; https://redis.io/docs/latest/commands/script-kill/
 */
import { long, refusing } from './refusing.ts'

export const busy = refusing('busy', 'makes a Redis node answer BUSY for a while: a script of another tenant runs on', {
  nodeAtSend: long,
})
