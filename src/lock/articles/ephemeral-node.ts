/**
 * S20, the contrast: ZooKeeper's lock, on a coordination service of the world (`keeper/keeper.ts`). Each attempt makes an ephemeral node;
 * whose is first has the lock, the others watch the one before theirs. A holder that dies is let go with its session.
 *
 * `ephemeralNode` believes that it holds while nobody says otherwise. One that is cut off is told too late, and one that is paused, too, as with
 * any lease. `ephemeralNodeZxid` counts its session on its own clock, from before the last sign of life that was answered, and sends the zxid of its
 * node with each write: that grows with each grant, so a resource can refuse who was superseded. A session is renewed without a lock's
 * doing; it replaces no fencing.
 *
 * An attempt whose answer is lost leaves a node, which keeps the lock from others for as long as its session is alive. The recipe has an answer to
 * that, which is left out here: a name of its own in each node, by which an attempt looks for what it made.
 *
 * Source: https://zookeeper.apache.org/doc/current/recipes.html#sc_recipes_Locks; the zxid as a fencing token: Kleppmann,
 * https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
import { usableMs } from '../fenced.ts'
import { defineLock, type Lease, type LockContext } from '../lock.ts'
import { sleepMs } from './waiting.ts'

// The host's timers: virtual inside a world.
declare function setInterval(task: () => void, ms: number): unknown
declare function clearInterval(timer: unknown): void
// Its monotonic clock, as well.
declare const performance: { now(): number }

/** A session that is told to be alive, every third of its timeout. */
interface Session {
  readonly id: string
  readonly timer: unknown
  /** Until when it is alive for certain, on the client's monotonic clock. */
  validUntil: number
  /** Resolves when the service has said that it is over. */
  readonly over: Promise<string>
}

async function begin({ redis, ttlMs }: LockContext): Promise<Session> {
  const openedAt = performance.now()
  const id = (await redis.call('open', ttlMs)) as string
  let tell: (reason: string) => void = () => {}
  const over = new Promise<string>((resolve) => {
    tell = resolve
  })
  const beat = (): void => {
    const validUntil = performance.now() + usableMs(ttlMs)
    redis.call('ping', id).then(
      () => {
        session.validUntil = validUntil
      },
      ({ message }: Error) => {
        // What was lost on its way is sent again by the next one.
        if (!message.startsWith('SESSIONEXPIRED')) return
        clearInterval(timer)
        tell(message)
      },
    )
  }
  const timer = setInterval(beat, Math.floor(ttlMs / 3))
  const session: Session = { id, timer, validUntil: openedAt + usableMs(ttlMs), over }
  return session
}

const sessions = new WeakMap<Lease, Session>()

/** Waits until the node before this one is gone; looks again from time to time, for a watch can be lost with its connection. */
async function waitForTurn({ redis, key, ttlMs, connect }: LockContext, { id }: Session, name: string): Promise<void> {
  for (;;) {
    const names = (await redis.call('children', id, key)) as string[]
    const place = names.indexOf(name)
    if (place === 0) return
    if (place < 0) throw new Error('the session is over')
    const watching = await connect()
    const gone = watching.call('watch', id, key, names[place - 1] as string).catch(() => 'the connection was lost')
    await Promise.race([gone, sleepMs(ttlMs)])
    watching.disconnect()
  }
}

async function take(context: LockContext): Promise<Lease & { readonly zxid: number }> {
  const { redis, key, token } = context
  const session = await begin(context)
  try {
    const [name, zxid] = (await redis.call('create', session.id, key, token)) as [string, number]
    await waitForTurn(context, session, name)
    const lease = { token, lost: session.over, zxid }
    sessions.set(lease, session)
    return lease
  } catch (cause) {
    await end(context, session).catch(() => 'it ends by itself')
    throw cause
  }
}

async function end({ redis }: LockContext, { id, timer }: Session): Promise<boolean> {
  clearInterval(timer)
  return (await redis.call('close', id)) === 1
}

async function release(context: LockContext, lease: Lease): Promise<boolean> {
  try {
    return await end(context, sessions.get(lease) as Session)
  } catch (cause) {
    if ((cause as Error).message.startsWith('SESSIONEXPIRED')) return false
    throw cause
  }
}

const RECIPE =
  'OPEN timeout; CREATE an ephemeral node; WATCH the one before it until it is first; PING every timeout/3; CLOSE'

export const ephemeralNode = defineLock({
  name: 'ephemeral-node',
  title: "S20: ZooKeeper's recipe, an ephemeral node of a session",
  commands: RECIPE,
  service: 'keeper',
  blocking: true,
  acquire: take,
  release,
})

export const ephemeralNodeZxid = defineLock({
  name: 'ephemeral-node-zxid',
  title: 'S20 with the zxid as a fencing token, and a monotonic deadline',
  commands: `${RECIPE}; write with the zxid`,
  service: 'keeper',
  blocking: true,
  async acquire(context) {
    const lease = await take(context)
    const session = sessions.get(lease) as Session
    const fenced = {
      token: context.token,
      fence: lease.zxid,
      get validUntil() {
        return session.validUntil
      },
      isHeld: () => performance.now() < session.validUntil,
    }
    sessions.set(fenced, session)
    return fenced
  },
  release,
})
