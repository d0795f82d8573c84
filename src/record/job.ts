/** Records of a scheduled job: the ticks that a scheduler saw, and the runs that it asked the storage for. */
import { number, REASON, shape, TOKEN, text } from './shape.ts'

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
