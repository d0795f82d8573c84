/** Records of jobs: the ticks that a scheduler saw, the jobs that were put into a queue, the runs that the storage was asked for. */
import { number, REASON, reader, shape, TOKEN, text } from './shape.ts'

const TICK = ['tick', number] as const

export const tick = {
  invoke: shape(['id', text], TICK),
  ok: shape(['id', text], TICK, ['how', text]),
} as const
/** `fail`: the storage has seen this tick before. */
export const run = {
  invoke: shape(TOKEN, TICK),
  ok: shape(TOKEN, TICK),
  fail: shape(TOKEN, TICK),
  info: shape(TOKEN, TICK, REASON),
} as const
/** Of a job queue: a worker was started, a job was handed over. `info`: nobody knows whether it was. */
export const start = {
  invoke: shape(TOKEN),
  ok: shape(TOKEN),
  info: shape(TOKEN, REASON),
} as const
export const put = {
  invoke: shape(TOKEN, ['task', number]),
  ok: shape(TOKEN, ['task', number]),
  info: shape(TOKEN, ['task', number], REASON),
} as const

const jobField = reader(put.invoke, 'task')

/** The number of the job that a record of `put` or `run` is about. */
export const jobOf = (fields: Parameters<typeof jobField>[0]): number => jobField(fields)
