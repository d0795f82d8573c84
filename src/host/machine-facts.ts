/**
 * What `os`, `tty` and `worker_threads` say of the machine: each simulated one has its own host name and addresses, no
 * terminal, and is one thread.
 */
import os from 'node:os'
import tty from 'node:tty'
import threads from 'node:worker_threads'
import { dispatch, dispatchValue } from './dispatch.ts'
import { machineOf } from './machine.ts'

/** Replaces what tells machines, processes and threads apart. */
export function installMachineFacts(): void {
  dispatch(os, 'hostname', (process) => machineOf(process).hostname)
  dispatch(os, 'uptime', (process) => process.monoUs / 1_000_000)
  dispatch(os, 'networkInterfaces', (process) => {
    const { number } = machineOf(process)
    return {
      lo: [address('127.0.0.1', 8, '00:00:00:00:00:00', true)],
      eth0: [address(`10.0.0.${number}`, 24, `02:00:0a:00:00:${number.toString(16).padStart(2, '0')}`, false)],
    }
  })
  dispatch(tty, 'isatty', () => false)
  dispatchValue(threads, 'isMainThread', () => true)
  dispatchValue(threads, 'threadId', () => 0)
  dispatchValue(threads, 'parentPort', () => null)
  dispatchValue(threads, 'workerData', () => null)
}

const address = (ip: string, bits: 8 | 24, mac: string, internal: boolean): os.NetworkInterfaceInfo => ({
  address: ip,
  netmask: bits === 8 ? '255.0.0.0' : '255.255.255.0',
  family: 'IPv4',
  mac,
  internal,
  cidr: `${ip}/${bits}`,
})
