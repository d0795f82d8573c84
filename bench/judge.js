/**
 * `lockstorm judge --server` on a long recording of MONITOR: 1,000,000 lines of 50 clients that take and release 5,000 locks,
 * a million of keys beside them. Prints lines a second, and the memory after the first and the last fifth.
 */
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openServerRecording } from '../dist/recorded/open-server.js'
import { judgeServers } from '../dist/recorded/server.js'

const LINES = Number(process.argv[2] ?? 1_000_000)
const RELEASE = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end"

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-bench-'))
const file = path.join(folder, 'server.log')
await write(file, LINES)
const memory = []
const begun = performance.now()
let lines = 0
const recording = openServerRecording(file)
const served = await judgeServers(
  [
    {
      ...recording,
      events: (async function* () {
        for await (const event of recording.events) {
          lines += 1
          if (lines === Math.floor(LINES / 5) || lines === LINES) {
            globalThis.gc?.()
            memory.push(process.memoryUsage.rss() / 1_000_000)
          }
          yield event
        }
      })(),
    },
  ],
  { keys: [], isOneEach: true, hash: (token) => token, errorMs: 0 },
)
const seconds = (performance.now() - begun) / 1_000
console.log(
  `${lines.toLocaleString('en')} lines of MONITOR in ${seconds.toFixed(1)} s (${Math.round(lines / seconds).toLocaleString('en')} a second): ${served.grants.toLocaleString('en')} grants of ${served.locks.toLocaleString('en')} locks, ${served.shown.length} findings; resident memory after a fifth and at the end: ${memory.map((mb) => `${Math.round(mb)} MB`).join(', ')}`,
)
rmSync(folder, { recursive: true })

/** Each use of a lock is six lines, each other command one. */
async function write(file, count) {
  const out = createWriteStream(file)
  let text = 'OK\n'
  let us = 1_700_000_000_000_000
  let written = 1
  const say = (source, ...args) => {
    us += 37
    written += 1
    text += `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')} [0 ${source}] ${args.map((arg) => JSON.stringify(arg)).join(' ')}\n`
  }
  for (let use = 0; written < count; use += 1) {
    const client = `10.0.0.${use % 50}:4000`
    const key = `lock:${(use * 7919) % 5_000}`
    say(client, 'SET', key, `token-${use}`, 'PX', '30000', 'NX')
    say(`10.0.0.${(use + 1) % 50}:4000`, 'SET', key, `other-${use}`, 'PX', '30000', 'NX')
    say(client, 'HSET', `order:${use}`, 'state', 'paid')
    say(client, 'EVAL', RELEASE, '1', key, `token-${use}`)
    say('lua', 'get', key)
    say('lua', 'del', key)
    if (text.length > 1 << 20) {
      if (!out.write(text)) await once(out, 'drain')
      text = ''
    }
  }
  out.end(text)
  await once(out, 'finish')
}
