/** The job queues that come with lockstorm. Adding one: write its file, add it here. */
import type { QueueDefinition } from './job-queue.ts'
import { leasedList } from './leased-list.ts'
import { listPop } from './list-pop.ts'

export const QUEUES: readonly QueueDefinition[] = [listPop, leasedList]
