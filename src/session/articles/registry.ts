/** The session stores of the articles that the project began from: see `lock/articles/registry.ts`. */
import type { SessionStoreDefinition } from '../session-store.ts'
import { constantLocked } from './constant-locked.ts'
import { replicaReads } from './replica-reads.ts'
import { localCache, uuidStore } from './uuid-store.ts'

/** In the order of the articles. */
export const ARTICLE_STORES: readonly SessionStoreDefinition[] = [constantLocked, uuidStore, localCache, replicaReads]
