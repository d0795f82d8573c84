/**
 * The environment of worlds in Node: virtual globals, the synchronous loop, the in-memory Redis with its Lua engine.
 *
 * Importing this file installs the virtual globals: it must come before any code under test.
 */
import { directDriver } from '../../client/driver.ts'
import { loadIoredisDriver } from '../../client/node/ioredis-driver.ts'
import { installVirtualNet } from '../../client/node/virtual-net.ts'
import { loadLuaEngine } from '../../redis/script/node/load.ts'
import { createMemoryProvider } from '../../server/memory.ts'
import type { ServerProvider } from '../../server/server.ts'
import { runLoop } from '../../sim/node/drain.ts'
import { installVirtualModules } from '../../sim/node/virtual-modules.ts'
import type { ClientKind } from '../plan.ts'
import type { Environment } from '../run-world.ts'

installVirtualModules()
installVirtualNet()

/** The in-memory Redis; one for the whole process. */
export const memoryProvider = (): ServerProvider => createMemoryProvider(loadLuaEngine())

/** An environment for worlds whose clients are of this kind and whose nodes come from this provider. */
export const nodeEnvironment = (client: ClientKind, provider: ServerProvider): Environment => ({
  provider,
  driver: client === 'direct' ? directDriver : loadIoredisDriver(),
  loop: runLoop,
})
