/**
 * S6, a session over a primary and a replica: it is stored on the primary and read from a replica, to spread the load. A replica has what
 * the primary sent it, which may be less than what the user was told.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */
import { overwrite } from '../overwrite.ts'
import { defineSessionStore, type SessionFields, sessionKey } from '../session-store.ts'

export const replicaReads = defineSessionStore({
  ...overwrite,
  name: 'replica-reads',
  title: 'S6: GET from a replica, SET the whole session on the primary',
  commands: 'GET session (replica); SET session json PX ttl; DEL session',
  async load({ replica }, id) {
    const json = await replica.get(sessionKey(id))
    return json === null ? null : { fields: JSON.parse(json) as SessionFields }
  },
})
