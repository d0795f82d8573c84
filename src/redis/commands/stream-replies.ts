/**
 * Entries of streams as replies show them: XRANGE, XREAD, XCLAIM, XINFO.
 *
 * Source: https://redis.io/docs/latest/commands/xrange/
 */
import type { Reply } from '../reply.ts'
import type { StreamEntry } from '../stream.ts'
import { idText } from '../stream-id.ts'

/** The id, then fields and values in turn. */
export const entryReply = ({ id, fields }: StreamEntry): Reply => [idText(id), fields]
