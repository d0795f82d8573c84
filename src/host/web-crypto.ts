/**
 * `crypto.subtle` of a simulated process, answered in the turn that asked: digests and HMACs are calculated here, everything
 * else by a thread that lockstorm waits for.
 *
 * Does not model  randomness of a process's own in new key pairs and in signatures that use some (ECDSA, RSA-PSS, RSA-OAEP):
 *                 a world in which these bytes reach a server is not deterministic.
 *
 * Source: https://www.w3.org/TR/WebCryptoAPI/
 */
import crypto, { type webcrypto } from 'node:crypto'
import type { MessagePort, Worker } from 'node:worker_threads'
import threads from 'node:worker_threads'
import { assert } from '../sim/assert.ts'
import type { SimProcess } from '../sim/process.ts'
import { dispatch } from './dispatch.ts'
import { asOurselves } from './door.ts'

type Bytes = ArrayBuffer | NodeJS.ArrayBufferView
type Algorithm = string | { readonly name: string; readonly hash?: Algorithm; readonly length?: number }

/** Makes Web Crypto take no turn of the real event loop. */
export function installWebCrypto(): void {
  const prototype = Object.getPrototypeOf(crypto.webcrypto.subtle) as object
  dispatch(prototype, 'digest', async (_process: SimProcess, algorithm: Algorithm, data: Bytes) => {
    const hash = hashOf(algorithm)
    return hash === null
      ? ask('digest', [algorithm, data])
      : bufferOf(crypto.createHash(hash).update(viewOf(data)).digest())
  })
  dispatch(prototype, 'sign', async (_process: SimProcess, ...args: [Algorithm, webcrypto.CryptoKey, Bytes]) => {
    const [, key, data] = args
    return isHmac(key, 'sign') ? bufferOf(hmac(key, data)) : ask('sign', args)
  })
  dispatch(
    prototype,
    'verify',
    async (_process: SimProcess, ...args: [Algorithm, webcrypto.CryptoKey, Bytes, Bytes]) => {
      const [, key, signature, data] = args
      if (!isHmac(key, 'verify')) return ask('verify', args)
      const right = hmac(key, data)
      return right.length === signature.byteLength && crypto.timingSafeEqual(right, viewOf(signature))
    },
  )
  dispatch(
    prototype,
    'generateKey',
    async (process: SimProcess, ...args: [Algorithm, boolean, webcrypto.KeyUsage[]]) => {
      const [algorithm, isExtractable, usages] = args
      const bits = secretBits(algorithm)
      if (bits === null) return ask('generateKey', args)
      const raw = process.random.bytes(bits / 8)
      return crypto.webcrypto.subtle.importKey(
        'raw',
        raw,
        algorithm as webcrypto.HmacImportParams,
        isExtractable,
        usages,
      )
    },
  )
  for (const name of ['encrypt', 'decrypt', 'deriveBits', 'deriveKey', 'exportKey', 'wrapKey', 'unwrapKey']) {
    dispatch(prototype, name, async (_process: SimProcess, ...args: unknown[]) => ask(name, args))
  }
}

const nameOf = (algorithm: Algorithm): string =>
  (typeof algorithm === 'string' ? algorithm : algorithm.name).toUpperCase()

/** What Node calls the hash; null: it is none of these. */
const hashOf = (algorithm: Algorithm): string | null =>
  /^SHA-(1|256|384|512)$/.test(nameOf(algorithm)) ? nameOf(algorithm).replace('-', '').toLowerCase() : null

const isHmac = (key: webcrypto.CryptoKey, usage: webcrypto.KeyUsage): boolean =>
  key?.algorithm?.name === 'HMAC' && key.usages.includes(usage)

function hmac(key: webcrypto.CryptoKey, data: Bytes): Buffer {
  const hash = hashOf((key.algorithm as webcrypto.HmacKeyAlgorithm).hash)
  assert(hash !== null, 'an HMAC key has one of the hashes of the standard')
  return crypto.createHmac(hash, crypto.KeyObject.from(key)).update(viewOf(data)).digest()
}

/** How long a secret key of this kind is; null: it is a pair of keys, or nothing that is known. */
function secretBits(algorithm: Algorithm): number | null {
  if (typeof algorithm === 'string') return null
  const { name, length, hash } = algorithm
  if (/^AES-/i.test(name)) return length ?? null
  if (name.toUpperCase() !== 'HMAC' || hash === undefined) return null
  return length ?? (/384|512/.test(nameOf(hash)) ? 1024 : 512)
}

const viewOf = (bytes: Bytes): Uint8Array =>
  ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes)

const bufferOf = ({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer =>
  buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer

type Answer = { readonly value: unknown } | { readonly name: string; readonly message: string }

interface Helper {
  readonly worker: Worker
  readonly port: MessagePort
  readonly isDone: Int32Array
}

const ANSWER_LIMIT_MS = 60_000
let helper: Helper | null = null

/** Has the real Web Crypto do it in another thread, and waits. */
function ask(name: string, args: readonly unknown[]): unknown {
  const answer = asOurselves((): Answer => {
    helper ??= startHelper()
    const { port, isDone } = helper
    Atomics.store(isDone, 0, 0)
    port.postMessage({ name, args })
    // The thread says that it is done and wakes us up after that: a wake-up may still be the one of the answer before.
    let woken = 'ok'
    while (woken === 'ok' && Atomics.load(isDone, 0) === 0) woken = Atomics.wait(isDone, 0, 0, ANSWER_LIMIT_MS)
    const received = threads.receiveMessageOnPort(port) as { readonly message: Answer } | undefined
    assert(received !== undefined, 'the thread for Web Crypto answers')
    return received.message
  })
  if ('value' in answer) return answer.value
  throw new DOMException(answer.message, answer.name)
}

function startHelper(): Helper {
  const { port1, port2 } = new threads.MessageChannel()
  const isDone = new Int32Array(new SharedArrayBuffer(4))
  const code = `(${serve})(process.getBuiltinModule('node:worker_threads'), process.getBuiltinModule('node:crypto'))`
  const worker = new threads.Worker(code, {
    eval: true,
    execArgv: [],
    workerData: { port: port2, isDone },
    transferList: [port2],
  })
  worker.unref()
  port1.unref()
  return { worker, port: port1, isDone }
}

interface ThreadSide {
  readonly workerData: { readonly port: MessagePort; readonly isDone: Int32Array }
}

/** Runs in the thread; it uses nothing from outside itself. */
function serve({ workerData }: ThreadSide, { webcrypto: real }: { readonly webcrypto: typeof webcrypto }): void {
  const { port, isDone } = workerData
  const answer = (message: Answer): void => {
    port.postMessage(message)
    Atomics.store(isDone, 0, 1)
    Atomics.notify(isDone, 0)
  }
  port.on('message', ({ name, args }: { readonly name: string; readonly args: readonly unknown[] }) => {
    const { subtle } = real
    const call = subtle[name as 'digest'] as unknown as (...given: readonly unknown[]) => Promise<unknown>
    Promise.resolve()
      .then(() => call.apply(subtle, args as unknown[]))
      .then(
        (value) => answer({ value }),
        (error: Error) => answer({ name: error.name, message: error.message }),
      )
  })
}
