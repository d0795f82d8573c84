const crypto = require('node:crypto')

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** As redis-lock had it for years: a function that calls back with the function that gives the lock back. */
module.exports = function createLocker(client, retryDelay = 50) {
  function attempt(key, timeout, token, callback) {
    client.set(key, token, 'PX', timeout, 'NX').then(
      (answer) => {
        if (answer === 'OK') callback()
        else setTimeout(() => attempt(key, timeout, token, callback), retryDelay)
      },
      () => setTimeout(() => attempt(key, timeout, token, callback), retryDelay),
    )
  }
  return function lock(lockName, timeout, taskCallback) {
    const token = crypto.randomBytes(12).toString('hex')
    const key = `lock.${lockName}`
    attempt(key, timeout, token, () => {
      taskCallback((done) => {
        client.eval(RELEASE, 1, key, token).then(
          () => done(),
          (error) => done(error),
        )
      })
    })
  }
}
