/**
 * The driver of each kind of client, loaded when it is asked for and once a process.
 */
import { assertNever } from '../../sim/assert.ts'
import { type Driver, directDriver } from '../driver.ts'
import type { ClientKind } from '../kind.ts'
import { loadIoredisDriver } from './ioredis-driver.ts'
import { loadNodeRedisDriver } from './node-redis-driver.ts'

const loaded = new Map<ClientKind, Driver>()

/**
 * The driver of this kind. Virtual modules and the virtual network must be installed before.
 * @throws UsageError when its package is not installed
 */
export function driverFor(client: ClientKind): Driver {
  const known = loaded.get(client)
  if (known !== undefined) return known
  const driver = load(client)
  loaded.set(client, driver)
  return driver
}

function load(client: ClientKind): Driver {
  switch (client) {
    case 'direct':
      return directDriver
    case 'ioredis':
    case 'iovalkey':
      return loadIoredisDriver(client)
    case 'node-redis':
      return loadNodeRedisDriver()
    default:
      return assertNever(client)
  }
}
