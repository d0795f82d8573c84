/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH. The state lives in the connection; see also `key-listeners.ts`.
 *
 * Source: https://redis.io/docs/latest/develop/interact/transactions/
 */
import type { Command } from '../command.ts'
import { IN_MULTI } from '../connection-mode.ts'
import { error, OK } from '../reply.ts'

const NESTED_MULTI = error('ERR MULTI calls can not be nested')
const EXEC_WITHOUT_MULTI = error('ERR EXEC without MULTI')
const DISCARD_WITHOUT_MULTI = error('ERR DISCARD without MULTI')
const WATCH_INSIDE_MULTI = error('ERR WATCH inside MULTI is not allowed')

const noKeys = { firstKey: 0, lastKey: 0, keyStep: 0 }

export const transactions: readonly Command[] = [
  {
    name: 'multi',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    ...noKeys,
    execute(_args, { connection }) {
      if ((connection.mode & IN_MULTI) !== 0) return NESTED_MULTI
      connection.mode |= IN_MULTI
      return OK
    },
  },
  {
    name: 'exec',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    ...noKeys,
    execute(_args, { connection }) {
      return (connection.mode & IN_MULTI) === 0 ? EXEC_WITHOUT_MULTI : connection.executeTransaction()
    },
  },
  {
    name: 'discard',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    ...noKeys,
    execute(_args, { connection }) {
      if ((connection.mode & IN_MULTI) === 0) return DISCARD_WITHOUT_MULTI
      connection.discardTransaction()
      return OK
    },
  },
  {
    name: 'watch',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    firstKey: 1,
    lastKey: -1,
    keyStep: 1,
    execute(args, { connection }) {
      if ((connection.mode & IN_MULTI) !== 0) return WATCH_INSIDE_MULTI
      if (!connection.transaction.isDirty)
        for (let index = 1; index < args.length; index++) connection.watch(args[index]!)
      return OK
    },
  },
  {
    name: 'unwatch',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    ...noKeys,
    execute(_args, { connection }) {
      connection.transaction.unwatch()
      connection.transaction.isDirty = false
      return OK
    },
  },
]
