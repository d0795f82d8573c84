import { defineLock } from 'lockstorm'

const URL = process.env.UPSTASH_REDIS_REST_URL ?? 'https://example.upstash.io'
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/** Redis over HTTP, as the client of Upstash asks it. */
async function redis(...command: readonly (string | number)[]): Promise<unknown> {
  const response = await fetch(URL, {
    method: 'POST',
    headers: { authorization: 'Bearer token', 'content-type': 'application/json', 'upstash-encoding': 'base64' },
    body: JSON.stringify(command),
  })
  const { result, error } = (await response.json()) as { readonly result?: unknown; readonly error?: string }
  if (error !== undefined) throw new Error(error)
  return result
}

export default defineLock({
  name: 'rest-lock',
  async acquire({ key, token, ttlMs }) {
    return (await redis('SET', key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ key }, lease) {
    return (await redis('EVAL', RELEASE, 1, key, lease.token!)) === 1
  },
})
