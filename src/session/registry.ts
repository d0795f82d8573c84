/** The built-in session stores, from the most broken to the reference. */
import { fieldHash } from './field-hash.ts'
import { locked } from './locked.ts'
import { optimistic } from './optimistic.ts'
import { overwrite } from './overwrite.ts'
import type { SessionStoreDefinition } from './session-store.ts'
import { versioned } from './versioned.ts'

export const SESSION_STORES: readonly SessionStoreDefinition[] = [overwrite, locked, fieldHash, optimistic, versioned]
