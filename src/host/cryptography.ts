/**
 * `crypto`'s functions with a callback, and Web Crypto, answered in the turn that asked.
 */
import crypto from 'node:crypto'
import { inSameTurn } from './answer.ts'
import { dispatch } from './dispatch.ts'

/** Makes slow calculations take no turn of the real event loop. */
export function installCryptography(): void {
  for (const name of ['pbkdf2', 'scrypt', 'hkdf', 'generateKey', 'generatePrime', 'checkPrime', 'argon2']) {
    inSameTurn(crypto, name)
  }
  inSameTurn(
    crypto,
    'generateKeyPair',
    crypto.generateKeyPairSync as never,
    (pair: crypto.KeyPairSyncResult<string, string>) => [pair.publicKey, pair.privateKey],
  )
  for (const name of ['sign', 'verify', 'diffieHellman'] as const) withOptionalCallback(name)
}

/** These are synchronous unless a callback is given. */
function withOptionalCallback(name: 'sign' | 'verify' | 'diffieHellman'): void {
  const direct = crypto[name] as (...args: unknown[]) => unknown
  const real = dispatch(crypto, name, (_process, ...args: unknown[]) => {
    const callback = args.at(-1)
    if (typeof callback !== 'function') return real?.apply(crypto, args as never[])
    const results = [null, direct(...args.slice(0, -1))]
    process.nextTick(callback as (...results: unknown[]) => void, ...results)
    return undefined
  })
}
