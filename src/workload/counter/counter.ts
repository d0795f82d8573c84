/**
 * A shared counter behind a lock: take the lock, read, work, write one more, release. Two holders at once lose an update.
 *
 *   acquire ── read 7 ── work ── still mine? ── write 8 ── release
 *
 * The client asks its lease whether it still holds before it writes, as a careful application does; between the question
 * and the write is where a pause does its harm.
 */
import type { LockDefinition } from '../../lock/lock.ts'
import { type Client, note, reason, record, sleep } from '../client.ts'
import type { Hold } from '../hold.ts'
import { Locking } from '../locking.ts'

/** How the counter workload is run. */
export interface CounterSettings {
  readonly rounds: number
  readonly workUs: number
  readonly retryUs: number
  readonly ttlMs: number
  /** Whether a holder takes the lock once more while it has it. */
  readonly nested?: true
}

/** What one client does, from start to end. */
export async function runCounter(client: Client, lock: LockDefinition, settings: CounterSettings): Promise<void> {
  const locking = new Locking(client, lock, settings.ttlMs)
  for (let round = 0; round < settings.rounds; round += 1) {
    const taken = await locking.take(settings.retryUs, () => client.isStopping())
    if (taken === null) return
    const nest = settings.nested === true ? () => locking.nest(taken.context) : null
    await increment(client, taken.hold, settings.workUs, nest)
    await locking.giveBack(taken.hold, taken.context)
  }
}

/** Takes the lock once more when all is calm: a free lock can be taken. */
export async function probeLock(
  client: Client,
  lock: LockDefinition,
  settings: CounterSettings,
  isOver: () => boolean,
): Promise<void> {
  const locking = new Locking(client, lock, settings.ttlMs, '-probe')
  record(client, 'invoke', 'probe', null)
  const taken = await locking.take(settings.retryUs, isOver)
  record(client, taken === null ? 'fail' : 'ok', 'probe', null)
  if (taken !== null) await locking.giveBack(taken.hold, taken.context)
}

async function increment(
  client: Client,
  hold: Hold,
  workUs: number,
  nest: (() => Promise<void>) | null,
): Promise<void> {
  const { token, fence } = hold
  record(client, 'invoke', 'read', token)
  let value: number
  try {
    const reply = await client.storage.send({ op: 'read', token, fence, value: 0 })
    if (!reply.isAccepted) {
      record(client, 'fail', 'read', token)
      return
    }
    value = reply.value
    record(client, 'ok', 'read', [token, value])
  } catch (error) {
    record(client, 'fail', 'read', [token, reason(error)])
    return
  }
  await nest?.()
  record(client, 'invoke', 'work', token)
  await sleep(client, workUs + client.extraWorkUs())
  record(client, 'ok', 'work', token)
  if (!hold.isBelieved()) {
    note(client, 'note', 'gave up', token)
    return
  }
  record(client, 'invoke', 'write', [token, value + 1])
  try {
    const reply = await client.storage.send({ op: 'write', token, fence, value: value + 1 })
    record(client, reply.isAccepted ? 'ok' : 'fail', 'write', [token, value + 1])
  } catch (error) {
    record(client, 'info', 'write', [token, reason(error)])
  }
}
