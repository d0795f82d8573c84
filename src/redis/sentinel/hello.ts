/**
 * Hellos: with them Sentinels find each other, and a failover that one of them has done becomes known to all.
 *
 *   its host, port, id, current epoch, name of the primary, host and port of the primary, configuration epoch
 *
 * Source: sentinel.c (`sentinelSendHello`, `sentinelProcessHelloMessage`) of Redis 7.0
 */
import type { Reply } from '../reply.ts'
import { isError } from '../reply.ts'
import { type Instance, isSame } from './instance.ts'
import { HELLO_CHANNEL } from './instance-link.ts'
import type { MonitoredPrimary } from './monitored-primary.ts'
import type { Sentinel } from './sentinel.ts'

const TOKENS = 8

/** Publishes one on a server: those who listen there hear it; a Sentinel hears what is published on itself. */
export function sayHello(sentinel: Sentinel, instance: Instance, primary: MonitoredPrimary): void {
  const { host, port } = sentinel.announced
  const at = primary.currentAddress
  const text = [
    ...[host, port, sentinel.id, sentinel.currentEpoch],
    ...[primary.name, at.host, at.port, primary.configEpoch],
  ].join(',')
  instance.link.request(['PUBLISH', HELLO_CHANNEL, text], (reply: Reply) => {
    if (!isError(reply)) instance.publishedMs = sentinel.nowMs
  })
}

/** Something has changed that all must know: nothing waits for its time. */
export function hurryHellos({ periods }: Sentinel, { instance, replicas, sentinels }: MonitoredPrimary): void {
  for (const each of [instance, ...replicas.values(), ...sentinels.values()])
    each.publishedMs -= periods['PUBLISH-PERIOD'] + 1
}

/** What another Sentinel says of itself and of a primary. */
export function hearHello(sentinel: Sentinel, text: string): void {
  const tokens = text.split(',')
  if (tokens.length !== TOKENS) return
  const [host = '', port = '', id = '', epoch = '', name = '', primaryHost = '', primaryPort = '', configEpoch = ''] =
    tokens
  const primary = sentinel.primaries.get(name)
  if (primary === undefined) return
  const other = acquaintance(sentinel, primary, { id, host, port: Number(port) })
  sentinel.reachEpoch(Number(epoch), primary)
  if (primary.configEpoch < Number(configEpoch)) {
    primary.configEpoch = Number(configEpoch)
    const address = { host: primaryHost, port: Number(primaryPort) }
    if (!isSame(primary.instance.address, address)) {
      sentinel.tell('+config-update-from', primary, other)
      sentinel.switchPrimary(primary, address)
    }
  }
  other.helloMs = sentinel.nowMs
}

/** The Sentinel that says so, which may be new here, or have moved. */
function acquaintance(
  sentinel: Sentinel,
  primary: MonitoredPrimary,
  { id, host, port }: { readonly id: string; readonly host: string; readonly port: number },
): Instance {
  const address = { host, port }
  const known = primary.sentinels.get(id)
  if (known?.isAt(address)) return known
  if (known !== undefined) {
    primary.removeSentinel(known)
    sentinel.tell('+sentinel-address-switch', primary, primary.instance, ` ip ${host} port ${port} for ${id}`)
    return primary.addSentinel(id, address)
  }
  const former = [...primary.sentinels.values()].find((each) => each.isAt(address))
  if (former !== undefined) {
    sentinel.tell('+sentinel-invalid-addr', primary, former)
    primary.removeSentinel(former)
  }
  const added = primary.addSentinel(id, address)
  sentinel.tell('+sentinel', primary, added)
  return added
}
