/** A session: load it, change it, store it if it is still the one that was loaded. */
const SAVE = `
  if (redis.call('get', KEYS[1]) or '') ~= ARGV[1] then return 0 end
  return redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3]) and 1`

export default {
  name: 'stores-what-it-loaded',
  async load({ redis }, id) {
    const json = await redis.get(`session:${id}`)
    return json === null ? null : { fields: JSON.parse(json), state: json }
  },
  async save({ redis, ttlMs }, id, fields, loaded) {
    return (await redis.eval(SAVE, 1, `session:${id}`, loaded?.state ?? '', JSON.stringify(fields), ttlMs)) === 1
  },
  async destroy({ redis }, id) {
    await redis.del(`session:${id}`)
  },
}
