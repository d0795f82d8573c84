/**
 * The session store to copy: optimistic concurrency by version, in one script.
 *
 * - A session is a hash of its version and its JSON text. The version is the unique token of the request that stored it,
 *   so it never comes again, whatever Redis forgets.
 * - A save names the version that it loaded. Somebody stored since: refused, the request loads again. The session is gone:
 *   refused, so nothing comes back after the logout.
 * - A save that runs twice, because the driver sent it again, finds its own version and gives the same answer.
 *
 * WATCH belongs to a connection and is forgotten when the connection is lost between load and save (`optimistic`); a
 * version travels with the request.
 *
 * Source: compare-and-set by version, https://redis.io/docs/latest/develop/interact/programmability/eval-intro/
 */
import { defineSessionStore, type SessionFields, sessionKey } from './session-store.ts'

const SAVE = `local version = redis.call('hget', KEYS[1], 'version')
if version == ARGV[1] then return 1 end
if (version or '') ~= ARGV[2] then return 0 end
redis.call('hset', KEYS[1], 'version', ARGV[1], 'json', ARGV[3])
redis.call('pexpire', KEYS[1], ARGV[4])
return 1`

export const versioned = defineSessionStore({
  name: 'versioned',
  title: 'HGETALL with a version; Lua compare-and-set',
  commands: 'HGETALL session; EVAL "if version is the loaded one: HSET version json, PEXPIRE"; DEL session',
  async load({ redis }, id) {
    const { version, json } = await redis.hgetall(sessionKey(id))
    return json === undefined ? null : { fields: JSON.parse(json) as SessionFields, state: version }
  },
  async save({ redis, token, ttlMs }, id, fields, loaded) {
    const before = loaded === null ? '' : (loaded.state as string)
    return (await redis.eval(SAVE, 1, sessionKey(id), token, before, JSON.stringify(fields), ttlMs)) === 1
  },
  async destroy({ redis }, id) {
    await redis.del(sessionKey(id))
  },
})
