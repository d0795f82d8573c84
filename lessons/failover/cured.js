/** Three servers that know nothing of each other: the one that forgets is one of three. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`
const inTime = (answer, ms) =>
  Promise.race([answer.catch(() => null), new Promise((resolve) => setTimeout(resolve, ms, null))])
const askAll = (nodes, ttlMs, ask) => Promise.all(nodes.map((redis) => inTime(ask(redis), ttlMs / 20)))
const isMajority = (answers, yes) => answers.filter((answer) => answer === yes).length > answers.length / 2

export default {
  name: 'majority-of-three',
  nodes: 3,
  async acquire({ nodes, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs * 0.99 - 2
    const votes = await askAll(nodes, ttlMs, (redis) => redis.set(key, token, 'PX', ttlMs, 'NX'))
    if (isMajority(votes, 'OK') && performance.now() < validUntil) return { token, validUntil }
    await askAll(nodes, ttlMs, (redis) => redis.eval(DELETE_OWN, 1, key, token))
    return null
  },
  async release({ nodes, key, ttlMs }, lease) {
    const answers = await askAll(nodes, ttlMs, (redis) => redis.eval(DELETE_OWN, 1, key, lease.token))
    return isMajority(answers, 1)
  },
}
