/**
 * `lockstorm fleet work`: runs units of the hunt that a queue tells of, until it is over. The code under test is read from this
 * machine's own disk, and is the same as where the hunt was started, or nothing is run.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { limitsOf, startCrew } from '../engine/crew.ts'
import { filesOf } from '../engine/hunt.ts'
import { openGround } from '../engine/hunt-ground.ts'
import { huntJob } from '../engine/job.ts'
import { PLAN_KEYS, resolveSettings, type Settings } from '../engine/settings.ts'
import { sourceDigest } from '../engine/source-digest.ts'
import { isLockFile } from '../engine/subjects.ts'
import { abortOf, tellReady, type Watch } from '../engine/watch.ts'
import type { Unit, UnitResult } from '../explore/unit.ts'
import { noSuchFile } from '../scenario/node/no-such-file.ts'
import { realTimers } from '../sim/real-clock.ts'
import { UsageError } from '../sim/usage-error.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import { type Bus, type Job, LOCK_MS, openBus, type Queue, reach } from './bullmq.ts'
import { type Beat, CANARY, decode, digestOf, encode, HEAD_ID, HEAD_QUEUE, type Head, unitQueue } from './message.ts'

const LOOK_MS = 500
/** A unit that has cost this many workers has no result. */
const LOST_MAX = 5

export interface WorkWatch extends Watch {
  /** Told how far the hunt is, and how many units this machine has run. */
  readonly onBeat?: (beat: Beat, unitCount: number) => void
}

/** What a worker did. */
export interface Worked {
  readonly lock: string
  readonly units: number
}

/**
 * Works for one hunt, from when there is one until it is over.
 * @throws UsageError when the code under test is another one here; UnavailableError when the queue cannot be reached
 */
export async function workForFleet(queueUrl: string, settings: Settings, watch: WorkWatch): Promise<Worked> {
  const bus = openBus(queueUrl)
  const heads = new bus.bull.Queue(HEAD_QUEUE, { connection: bus.connection })
  heads.on('error', () => {})
  const over = new AbortController()
  const interrupted = abortOf(watch.signal, over.signal)
  try {
    await reach(heads, bus)
    watch.onReady?.()
    const head = await nextHead(heads, watch)
    if (head === null) return { lock: '', units: 0 }
    checkHead(head)
    const hunted = settingsOf(head, settings)
    const ground = await openGround(head.lock, hunted, watch)
    try {
      tellReady(watch, ground.opening, 'what is found may not be found again')
      if (digestOf(ground.opening, hunted) !== head.digest) throw otherCode(head)
      const run = (unit: Unit): Promise<UnitResult> => ground.crew.run(unit)
      const units = await serve(bus, heads, head, { run, atOnce: ground.crew.size, interrupted, watch, settings })
      return { lock: head.lock, units }
    } finally {
      await ground.close()
    }
  } finally {
    over.abort()
    await heads.close()
  }
}

/** Waits for a hunt; null: it was interrupted. */
async function nextHead(heads: Queue, watch: WorkWatch): Promise<Head | null> {
  for (let looks = 0; watch.signal?.aborted !== true; looks += 1) {
    const job = await heads.getJob(HEAD_ID)
    if (job !== undefined && (job.progress as Partial<Beat>).isOver !== true) return job.data as Head
    if (looks === 2) watch.onWarning?.('waiting for a hunt: lockstorm fleet start')
    await pause(LOOK_MS)
  }
  return null
}

/**
 * Nothing that a queue names is loaded before its bytes are known to be those that are hunted.
 * @throws UsageError
 */
function checkHead(head: Head): void {
  if (head.engine !== ENGINE_VERSION) {
    const what = `the hunt was started with engine ${head.engine}, and this is engine ${ENGINE_VERSION}`
    throw new UsageError('fleet', what, 'the same lockstorm on every machine')
  }
  if (!isLockFile(head.lock)) return
  const below = path.relative(process.cwd(), path.resolve(head.lock))
  if (below.startsWith('..') || path.isAbsolute(below)) {
    throw new UsageError(
      head.lock,
      'it is outside of the current folder',
      'start the hunt in the folder of the project',
    )
  }
  if (!existsSync(head.lock)) throw noSuchFile(head.lock)
  if (sourceDigest(filesOf(head.lock)) !== head.source) throw otherCode(head)
}

const otherCode = ({ lock }: Head): UsageError =>
  new UsageError(
    lock,
    'it, or something that it imports, is not what it is where the hunt was started',
    'the same commit on every machine',
  )

/** What decides what is run is what the hunt says; the rest is this machine's. */
function settingsOf(head: Head, own: Settings): Settings {
  const planned = Object.entries(head.settings).filter(([key]) => (PLAN_KEYS as readonly string[]).includes(key))
  const placeOf = (key: string): string => `fleet settings.${key}`
  const { settings } = resolveSettings({ flags: Object.fromEntries(planned), environment: {}, config: null, placeOf })
  return { ...own, ...Object.fromEntries(PLAN_KEYS.map((key) => [key, settings[key]])) } as Settings
}

interface Serving {
  readonly run: (unit: Unit) => Promise<UnitResult>
  readonly atOnce: number
  readonly interrupted: Promise<void>
  readonly watch: WorkWatch
  readonly settings: Settings
}

/** Runs units until the hunt is over; how many. */
async function serve(bus: Bus, heads: Queue, head: Head, serving: Serving): Promise<number> {
  const { run, atOnce, interrupted, watch } = serving
  let units = 0
  let failure: unknown = null
  const worker = new bus.bull.Worker(
    unitQueue(head.digest),
    async ({ name, data }: Job) => {
      const text = data as string
      const told = await toldOf(() => (name === CANARY ? runCanary() : run(decode<Unit>(text))))
      units += 1
      return encode(told)
    },
    {
      connection: bus.connection,
      concurrency: atOnce,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 3,
      maxStalledCount: LOST_MAX,
      drainDelay: 1,
    },
  )
  // A Redis that is away comes back; of a unit that was taken for lost the other answer counts.
  worker.on('error', () => {})
  let isOver = false
  interrupted.then(() => {
    isOver = true
  })
  try {
    while (!isOver) {
      const job = await heads.getJob(HEAD_ID)
      const beat = job?.progress as Beat | undefined
      // One that is not there was forgotten by a Redis that was restarted, and is told again.
      isOver ||= job !== undefined && (beat?.isOver === true || (job.data as Head).digest !== head.digest)
      if (beat !== undefined) watch.onBeat?.(beat, units)
      if (!isOver) await Promise.race([pause(LOOK_MS), interrupted])
    }
  } catch (error) {
    failure = error
  }
  await worker.close()
  if (failure !== null) throw failure
  return units
}

type Result = { readonly result: unknown } | { readonly error: object }

/** What goes wrong goes to where the hunt was started, and is told there. */
async function toldOf(run: () => Promise<unknown>): Promise<Result> {
  try {
    return { result: await run() }
  } catch (error) {
    const { name, message, place, problem, fix } = error as Partial<UsageError>
    return { error: { name: name ?? 'Error', message: message ?? String(error), place, problem, fix } }
  }
}

/** The unit that must fail: a lock that looks and then takes, without any fault. */
async function runCanary(): Promise<UnitResult> {
  const { settings } = resolveSettings({ flags: { client: 'direct', workers: '1' }, environment: {}, config: null })
  const crew = await startCrew(huntJob('naive', settings), limitsOf(settings, {}))
  try {
    return await crew.run({ kind: 'seeds', base: 0, from: 0, until: 25 })
  } finally {
    await crew.close()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => realTimers.setTimeout(resolve, ms))
