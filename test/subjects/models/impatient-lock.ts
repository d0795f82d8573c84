/**
 * A model of the session lock of phpredis (P94): it is asked for ten times, 2 ms apart, and then the request goes on
 * without it. Its save does not ask whether it has the lock either.
 *
 * Source: phpredis/phpredis#1908, #1422 (`redis.session.lock_retries`, `lock_wait_time`)
 */
import { COMPARE_AND_DELETE } from '../../../src/lock/release-script.ts'
import { defineSessionStore, type SessionFields, sessionKey } from '../../../src/session/session-store.ts'

const RETRIES = 10
const WAIT_MS = 2
const lockKey = (id: string): string => `${sessionKey(id)}_LOCK`

/** `patience`: how many times as long as phpredis it waits for the lock. */
export const impatientLock = (name: string, patience = 1) =>
  defineSessionStore({
    name,
    async load({ redis, token, ttlMs }, id) {
      for (let tries = 0; tries < RETRIES * patience; tries += 1) {
        if ((await redis.set(lockKey(id), token, 'PX', ttlMs, 'NX')) === 'OK') break
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
      }
      const json = await redis.get(sessionKey(id))
      if (json !== null) return { fields: JSON.parse(json) as SessionFields }
      await redis.eval(COMPARE_AND_DELETE, 1, lockKey(id), token)
      return null
    },
    async save({ redis, token, ttlMs }, id, fields) {
      await redis.set(sessionKey(id), JSON.stringify(fields), 'PX', ttlMs)
      await redis.eval(COMPARE_AND_DELETE, 1, lockKey(id), token)
      return true
    },
    async destroy({ redis }, id) {
      await redis.del(sessionKey(id))
    },
    async close({ redis, token }, id) {
      await redis.eval(COMPARE_AND_DELETE, 1, lockKey(id), token)
    },
  })
