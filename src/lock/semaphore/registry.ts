/**
 * The semaphores that come with lockstorm: locks with a `limit`. They run in scenarios that name them, and elsewhere only when
 * `--only` asks for them: most scenarios have too few clients for two holders to be in a third one's way.
 */
import type { LockDefinition } from '../lock.ts'
import { counterSemaphore } from './counter-semaphore.ts'
import { leasedSemaphore } from './leased-semaphore.ts'

export const SEMAPHORES: readonly LockDefinition[] = [counterSemaphore, leasedSemaphore]
