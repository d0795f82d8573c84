/**
 * Makes this process a host of simulated machines. Outside of worlds everything stays what it was.
 */
import module, { syncBuiltinESMExports } from 'node:module'
import { aroundWorlds } from '../sim/node/drain.ts'
import { installVirtualGlobals } from '../sim/virtual-globals.ts'
import { acceptBuiltIns, dropAdded, installBuiltIns } from './built-ins.ts'
import { acceptStacks } from './call-site.ts'
import { installCompressing } from './compressing.ts'
import { installCryptography } from './cryptography.ts'
import { dispatch } from './dispatch.ts'
import { keptInPlace } from './fake-timers.ts'
import { installFigures } from './figures.ts'
import { installFiles } from './files.ts'
import { installForbidden } from './forbidden.ts'
import { machineOf } from './machine.ts'
import { installMachineFacts } from './machine-facts.ts'
import { installNet } from './net.ts'
import { installPorts } from './ports.ts'
import { installProcess } from './process.ts'
import { installRandomness } from './randomness.ts'
import { installTimers } from './timers.ts'
import { installHooks } from './watch.ts'
import { installWebAssembly } from './web-assembly.ts'
import { installWebCrypto } from './web-crypto.ts'

let isInstalled = false

/** Installs all that a simulated machine shows to code; calling it again does nothing. Before any code under test is loaded. */
export function installHost(): void {
  if (isInstalled) return
  isInstalled = true
  const { timers } = installVirtualGlobals()
  installTimers(timers)
  installRandomness()
  installProcess()
  installMachineFacts()
  installFigures()
  installFiles()
  installNet()
  installCryptography()
  installWebCrypto()
  installCompressing()
  installWebAssembly()
  installPorts()
  installForbidden()
  installHooks()
  installBuiltIns()
  dispatch(module, 'createRequire', (process, from: string | URL) => machineOf(process).modules.requireFrom(from))
  syncBuiltinESMExports()
  const enter = keptInPlace()
  aroundWorlds(() => {
    const leave = enter()
    acceptBuiltIns()
    acceptStacks()
    return () => {
      dropAdded()
      leave()
    }
  })
}
