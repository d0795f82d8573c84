/** A session: load it, change it, store all of it again. */
export default {
  name: 'stores-it-whole',
  async load({ redis }, id) {
    const json = await redis.get(`session:${id}`)
    return json === null ? null : { fields: JSON.parse(json) }
  },
  async save({ redis, ttlMs }, id, fields) {
    await redis.set(`session:${id}`, JSON.stringify(fields), 'PX', ttlMs)
    return true
  },
  async destroy({ redis }, id) {
    await redis.del(`session:${id}`)
  },
}
