/**
 * The environment of worlds in Node: virtual globals, the synchronous loop, the in-memory Redis with its Lua engine.
 *
 * Importing this file installs the virtual globals: it must come before any code under test.
 */
import path from 'node:path'
import { driverFor } from '../../client/node/drivers.ts'
import { installRest } from '../../client/node/rest.ts'
import { callSite } from '../../host/call-site.ts'
import { installHost } from '../../host/install.ts'
import { machineOf } from '../../host/machine.ts'
import { listen, runOnHost } from '../../host/watch.ts'
import { loadLuaEngine } from '../../redis/script/node/load.ts'
import { createMemoryProvider } from '../../server/memory.ts'
import type { ServerProvider } from '../../server/server.ts'
import type { ClientKind } from '../plan.ts'
import type { Environment } from '../run-world.ts'

installHost()
installRest()

/** The in-memory Redis; one for the whole process. */
export const memoryProvider = (): ServerProvider => createMemoryProvider(loadLuaEngine())

/** An environment for worlds whose clients are of this kind, whose nodes come from this provider and answer to these names. */
export const nodeEnvironment = (
  client: ClientKind,
  provider: ServerProvider,
  hosts: Environment['hosts'] = {},
): Environment => ({
  hosts,
  provider,
  // When it is asked for: a lock that needs another client does not need this one's package.
  driver: {
    load: () => void driverFor(client),
    connect: (...given) => driverFor(client).connect(...given),
    connectSentinel: (...given) => driverFor(client).connectSentinel(...given),
    connectCluster: (...given) => driverFor(client).connectCluster(...given),
    pauseUs: (triedUs) => driverFor(client).pauseUs(triedUs),
  },
  driverFor,
  loadOf:
    (client) =>
    <Module>(name: string, from = path.join(process.cwd(), 'package.json')) =>
      machineOf(client).modules.load(name, from) as Module,
  loop: runOnHost,
  listen,
  site: callSite,
})
