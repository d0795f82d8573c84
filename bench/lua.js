/**
 * What a script costs on the Lua engine alone: a trivial host instead of a server, arguments and reply included.
 */
import { performance } from 'node:perf_hooks'
import { COMPARE_AND_DELETE } from '../dist/lock/release-script.js'
import { loadLuaEngine } from '../dist/redis/script/node/load.js'

const ATTEMPTS = 5

/** Microseconds a call of `once`, the best of some attempts. */
function best(n, once) {
  let us = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const began = performance.now()
    for (let index = 0; index < n; index += 1) once(index)
    us = Math.min(us, ((performance.now() - began) * 1000) / n)
  }
  return us
}

/** @returns {import('../dist/redis/script/engine.js').CompiledScript} */
function compiled(engine, source) {
  const script = engine.compile(source)
  if (script.kind === 'error') throw new Error(script.text)
  return script
}

/** Microseconds a run: the release script for the owner and for somebody else, and what fresh machines and compiling cost. */
export function scriptCosts(n) {
  const engine = loadLuaEngine()
  const values = new Map()
  const host = {
    call: ([name, key]) => (name.toLowerCase() === 'get' ? (values.get(key) ?? null) : values.delete(key) ? 1 : 0),
    log() {},
    mayCall: () => null,
    shouldKill: () => false,
    setResp() {},
    random: { hi: 0, lo: 0 },
  }
  const release = compiled(engine, COMPARE_AND_DELETE)
  const revealing = compiled(engine, 'return tostring({})')
  const tokens = Array.from({ length: 256 }, (_, index) => `token-1234567890-${index}`)
  return {
    owner: best(n, (index) => {
      const token = tokens[index & 255]
      values.set('lock:resource', token)
      if (engine.run(release, ['lock:resource'], [token], host) !== 1) throw new Error('the owner could not release')
    }),
    other: best(n, (index) => {
      values.set('lock:resource', 'somebody else')
      if (engine.run(release, ['lock:resource'], [tokens[index & 255]], host) !== 0)
        throw new Error('anybody could release')
    }),
    fresh: best(Math.ceil(n / 20), () => engine.run(revealing, [], [], host)),
    compile: best(Math.ceil(n / 20), () => {
      serial += 1
      engine.compile(`${COMPARE_AND_DELETE} -- ${serial}`)
    }),
  }
}

/** Makes each compiled source a new one. */
let serial = 0
