/**
 * One lock object for all callers of an application, with one token in it: a second caller's attempt overwrites the token
 * of the first, although the attempt fails. The clients of a world stand for the tasks of one application here.
 */
import { defineLock } from 'lockstorm'
import { giveBack, take } from './parts.ts'

const shared = { token: '' }

export default defineLock({
  name: 'shared-object',
  title: 'model of one lock object with one token for many callers',
  commands: 'SET k token PX ttl NX; EVAL "if get == the last caller\'s token then del"',
  acquire(context) {
    shared.token = context.token
    return take(context)
  },
  release: (context) => giveBack(context, shared),
})
