import { readFileSync } from 'node:fs'
import { it } from 'vitest'
import { parseScenario } from '../../src/scenario/load.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import { SESSION_STORES } from '../../src/session/registry.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { sessionSubject } from '../../src/world/subject.ts'
it('x', async () => {
  const f = '/work/main/scenarios/session-logout-during-slow-request.yaml'
  const sc = parseScenario(readFileSync(f, 'utf8'), f)
  const real = await createRedisServerProvider({ count: 2 })
  for (const client of ['direct', 'ioredis'] as const) for (const p of [memoryProvider(), real]) for (const s of SESSION_STORES) {
    const t = performance.now()
    let n = 0
    const wrapped = { ...p, node: (name: string, o: any) => { const node = p.node(name, o); return new Proxy(node, { get: (target: any, k) => typeof target[k] === 'function' ? (...a: any[]) => { n++; const t0 = performance.now(); const r = target[k](...a); const d = performance.now()-t0; if (d > 20) console.log(String(k), d.toFixed(0), JSON.stringify(a).slice(0,100)); return r } : target[k] }) } }
    const run = await inMacrotask(() => runWorld(sc.plan('same-world/0', client), sessionSubject(s), nodeEnvironment(client, wrapped as any)))
    console.log(client, p.kind, s.name, run.turns, run.endUs, n, (performance.now() - t).toFixed(0))
  }
  await real.close()
})
