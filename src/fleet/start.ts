/**
 * `lockstorm fleet start`: a hunt whose units are run by the workers of a fleet. The search, the order of the results and the report
 * are this machine's, so the report is what one machine would have written, byte for byte.
 */

import { concluded, filesOf, type HuntResult, type HuntWatch, onGround, searchOptions } from '../engine/hunt.ts'
import { contextOf } from '../engine/hunt-ground.ts'
import { PLAN_KEYS, type Settings } from '../engine/settings.ts'
import { sourceDigest } from '../engine/source-digest.ts'
import { explore } from '../explore/hunt.ts'
import type { Tally } from '../explore/tally.ts'
import { tokenOf } from '../report/hunt/hunt-report.ts'
import { assert } from '../sim/assert.ts'
import { realTimers } from '../sim/real-clock.ts'
import { UsageError } from '../sim/usage-error.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import { type Bus, openBus, type Queue, reach } from './bullmq.ts'
import { FleetCrew } from './crew.ts'
import { type Beat, digestOf, HEAD_ID, HEAD_QUEUE, type Head } from './message.ts'

const BEAT_MS = 1_000
/** A hunt that has given no sign for so long is over, however it ended. */
const SILENT_MS = 30_000

/**
 * Hunts with the fleet; writes nothing.
 * @param given the settings that were given, as they were given
 * @throws UsageError, also while another hunt uses the queue; UnavailableError when the queue cannot be reached
 */
export async function startFleet(
  lock: string,
  queueUrl: string,
  settings: Settings,
  given: Readonly<Record<string, unknown>>,
  watch: HuntWatch,
): Promise<HuntResult> {
  const bus = openBus(queueUrl)
  const heads = new bus.bull.Queue(HEAD_QUEUE, { connection: bus.connection })
  heads.on('error', () => {})
  try {
    await reach(heads, bus)
    // This machine only tells stories and replays: one thread does.
    return await onGround(lock, { ...settings, workers: 1 }, watch, async (ground) => {
      const digest = digestOf(ground.opening, settings)
      const planned = Object.entries(given).filter(([key]) => (PLAN_KEYS as readonly string[]).includes(key))
      const head: Head = {
        schema: 'lockstorm/fleet@1',
        engine: ENGINE_VERSION,
        lock,
        settings: Object.fromEntries(planned),
        source: sourceDigest(filesOf(lock)),
        digest,
      }
      const pulse = await Pulse.of(heads, head, bus)
      const onLost = (text: string): void => watch.onWarning?.(text)
      const context = contextOf(ground.opening, settings, lock)
      const crew = new FleetCrew({
        bus,
        digest,
        own: ground.crew,
        tokenOf: (plan) => tokenOf(plan, context),
        onLost,
      })
      let isDone = false
      try {
        await crew.begin()
        watch.onWarning?.(`waiting for workers: lockstorm fleet work --queue ${bus.url}`)
        const canary = crew.canary()
        const watched: HuntWatch = {
          ...watch,
          onProgress(tally, plannedCount) {
            pulse.tell(tally, plannedCount)
            watch.onProgress?.(tally, plannedCount)
          },
        }
        const fleet = { ...ground, crew }
        const explored = await explore(await searchOptions(fleet, settings, watched))
        const result = await concluded(fleet, explored, settings)
        if (explored.stoppedBy !== 'interrupt') {
          assert(await canary, 'the workers of a fleet find what is wrong with a lock that is known to be broken')
        }
        isDone = true
        return result
      } finally {
        await pulse.stop()
        await crew.close({ isDone })
      }
    })
  } finally {
    await heads.close()
  }
}

/** Tells the workers which hunt there is, that it is alive, and how far it is. */
class Pulse {
  readonly #heads: Queue
  readonly #head: Head
  #beat: Beat = { tried: 0, planned: null, findings: 0, atMs: 0, isOver: false }
  #timer: unknown = null
  #isStopped = false

  private constructor(heads: Queue, head: Head) {
    this.#heads = heads
    this.#head = head
  }

  /** @throws UsageError while another hunt is told of */
  static async of(heads: Queue, head: Head, { url }: Bus): Promise<Pulse> {
    const before = await heads.getJob(HEAD_ID)
    if (before !== undefined) {
      const { atMs = before.timestamp, isOver = false } = before.progress as Partial<Beat>
      if (!isOver && Date.now() - atMs < SILENT_MS) {
        throw new UsageError(
          '--queue',
          `${url} has a hunt that is under way: ${(before.data as Head).lock}`,
          `wait for its end; when it was killed, ${SILENT_MS / 1_000} s`,
        )
      }
      await before.remove()
    }
    const pulse = new Pulse(heads, head)
    await pulse.#give()
    return pulse
  }

  tell({ tried, findings }: Tally, planned: number | null): void {
    this.#beat = { ...this.#beat, tried, planned, findings: findings.size }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    realTimers.clearTimeout(this.#timer)
    this.#beat = { ...this.#beat, isOver: true }
    await this.#give()
  }

  /** A Redis that was restarted may have forgotten it. */
  async #give(): Promise<void> {
    const job = await this.#heads.add('hunt', this.#head, { jobId: HEAD_ID })
    this.#beat = { ...this.#beat, atMs: Date.now() }
    await job.updateProgress(this.#beat)
    if (this.#isStopped) return
    this.#timer = realTimers.setTimeout(() => void this.#give().catch(() => this.#later()), BEAT_MS)
  }

  #later(): void {
    if (!this.#isStopped)
      this.#timer = realTimers.setTimeout(() => void this.#give().catch(() => this.#later()), BEAT_MS)
  }
}
