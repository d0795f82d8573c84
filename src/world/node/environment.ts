/**
 * The environment of worlds in Node: virtual globals, the synchronous loop, the in-memory Redis with its Lua engine.
 *
 * Importing this file installs the virtual globals: it must come before any code under test.
 */
import { driverFor } from '../../client/node/drivers.ts'
import { installVirtualNet } from '../../client/node/virtual-net.ts'
import { loadLuaEngine } from '../../redis/script/node/load.ts'
import { createMemoryProvider } from '../../server/memory.ts'
import type { ServerProvider } from '../../server/server.ts'
import { runLoop } from '../../sim/node/drain.ts'
import { ModuleGraph } from '../../sim/node/module-graph.ts'
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
  driver: driverFor(client),
  driverFor,
  makeLoad: () => {
    // Most subjects never ask.
    let graph: ModuleGraph | null = null
    return <Module>(name: string, from?: string) => {
      graph ??= new ModuleGraph()
      return graph.load(name, from) as Module
    }
  },
  loop: runLoop,
})
