/**
 * What clients ask of the storage behind a lock, each request on record: to read the value, to write it, to run something.
 */
import { type Client, reason, record } from './client.ts'
import type { Hold } from './hold.ts'

/** The value; null: it was refused, or there was no answer. */
export async function readValue(client: Client, { token, fence }: Hold): Promise<number | null> {
  record(client, 'invoke', 'read', token)
  try {
    const reply = await client.storage.send({ op: 'read', token, fence, value: 0 })
    if (reply.isAccepted) {
      record(client, 'ok', 'read', [token, reply.value])
      return reply.value
    }
    record(client, 'fail', 'read', token)
  } catch (error) {
    record(client, 'fail', 'read', [token, reason(error)])
  }
  return null
}

/** Writes a value. */
export async function writeValue(client: Client, { token, fence }: Hold, value: number): Promise<void> {
  record(client, 'invoke', 'write', [token, value])
  try {
    const reply = await client.storage.send({ op: 'write', token, fence, value })
    record(client, reply.isAccepted ? 'ok' : 'fail', 'write', [token, value])
  } catch (error) {
    record(client, 'info', 'write', [token, reason(error)])
  }
}

/** Runs what has this number: a tick, an item, a request. False: it was refused, or it is not known whether it ran. */
export async function runOnce(
  client: Client,
  { token, fence }: Pick<Hold, 'token' | 'fence'>,
  number: number,
  work: () => Promise<void>,
): Promise<boolean> {
  record(client, 'invoke', 'run', [token, number])
  try {
    const reply = await client.storage.send({ op: 'run', token, fence, value: number })
    if (reply.isAccepted) await work()
    record(client, reply.isAccepted ? 'ok' : 'fail', 'run', [token, number])
    return reply.isAccepted
  } catch (error) {
    record(client, 'info', 'run', [token, number, reason(error)])
    return false
  }
}
