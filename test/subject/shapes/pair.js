const crypto = require('node:crypto')

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

async function acquireLock(redis, lockName, lockTimeout) {
  const identifier = crypto.randomUUID()
  const result = await redis.set(`lock:${lockName}`, identifier, 'PX', lockTimeout, 'NX')
  return result === 'OK' ? identifier : false
}

async function releaseLock(redis, lockName, identifier) {
  return redis.eval(RELEASE, 1, `lock:${lockName}`, identifier)
}

module.exports = { acquireLock, releaseLock }
