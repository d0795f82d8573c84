/**
 * The session store to copy: optimistic concurrency by version, in one script.
 *
 * - A session is a hash of its version and its JSON text. The version is the unique token of the request that stored it,
 *   so it never comes again, whatever Redis forgets.
 * - A save names the version that it loaded. Another request stored since: refused, the request loads again. The session is gone:
 *   refused, so nothing comes back after the logout.
 * - A save that runs twice, because the driver sent it again, finds its own token among the recent ones and gives the same
 *   answer, even when others have stored since.
 * - A logout leaves a tombstone for one time to live: a save, or a login, that was sent again cannot bring back what it ended.
 *   A new login takes a new id.
 *
 * WATCH belongs to a connection and is forgotten when the connection is lost between load and save (`optimistic`); a
 * version travels with the request.
 *
 * Source: compare-and-set by version, https://redis.io/docs/latest/develop/interact/programmability/eval-intro/
 */
import { defineSessionStore, type SessionFields, sessionKey } from './session-store.ts'

// `recent`: the tokens of the last saves, each behind and before a space, the oldest first, at most a kilobyte of them.
const SAVE = `local stored = redis.call('hmget', KEYS[1], 'version', 'recent')
local recent = stored[2] or ' '
if string.find(recent, ' ' .. ARGV[1] .. ' ', 1, true) then return 1 end
if (stored[1] or '') ~= ARGV[2] then return 0 end
recent = recent .. ARGV[1] .. ' '
if #recent > 1024 then recent = string.sub(recent, string.find(recent, ' ', #recent - 1024, true)) end
redis.call('hset', KEYS[1], 'version', ARGV[1], 'recent', recent, 'json', ARGV[3])
redis.call('pexpire', KEYS[1], ARGV[4])
return 1`

const DESTROY = `redis.call('hdel', KEYS[1], 'json')
redis.call('hset', KEYS[1], 'version', 'ended')
redis.call('pexpire', KEYS[1], ARGV[1])`

export const versioned = defineSessionStore({
  name: 'versioned',
  title: 'HMGET with a version; Lua compare-and-set',
  commands:
    'HMGET session version json; EVAL "if version is the loaded one: HSET"; EVAL "HDEL json, HSET version ended"',
  async load({ redis }, id) {
    const [version, json] = await redis.hmget(sessionKey(id), 'version', 'json')
    return typeof json === 'string' ? { fields: JSON.parse(json) as SessionFields, state: version } : null
  },
  async save({ redis, token, ttlMs }, id, fields, loaded) {
    const before = loaded === null ? '' : (loaded.state as string)
    return (await redis.eval(SAVE, 1, sessionKey(id), token, before, JSON.stringify(fields), ttlMs)) === 1
  },
  async destroy({ redis, ttlMs }, id) {
    await redis.eval(DESTROY, 1, sessionKey(id), ttlMs)
  },
})
