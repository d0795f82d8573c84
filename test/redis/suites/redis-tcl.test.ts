/**
 * Redis's own suite judges `lockstorm serve`. What its tests ask of an external server has to pass, test by test; what is left out stands
 * in `left-out.ts` with its reason, and how many pass of each unit in `passed.ts`.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { build } from '../../cli/binary.ts'
import { serve } from '../../cli/served.ts'
import { isLong } from '../../effort.ts'
import { leaveOut } from '../../left-out.ts'
import { leftOutOf, longOnesOf } from './left-out.ts'
import { PASSED } from './passed.ts'
import { missingForSuite, redisSource } from './redis-source.ts'
import { runTclUnit } from './tcl-unit.ts'

const missing = missingForSuite()
const FETCH_MS = 300_000
const LIMIT_MS = isLong ? 1_800_000 : 600_000
/** A unit and the suite's own process have 32 ports to choose from. */
const BASE_PORT = 16_000
const PORTS_EACH = 64

/** As Redis starts it in its own CI. A replica is not pinged in between, or a test that reads its stream meets a ping now and then. */
const SETTINGS = [
  'save=',
  'enable-debug-command=yes',
  'enable-protected-configs=yes',
  'enable-module-command=yes',
  'repl-ping-replica-period=3600',
].flatMap((setting) => ['--set', setting])

describe("Redis's own suite", () => {
  let source = ''
  beforeAll(async () => {
    if (missing !== null) return
    await build()
    source = await redisSource()
  }, FETCH_MS)

  const units = Object.entries(PASSED).filter(([, { quick, whole }]) => (isLong ? whole : quick) > 0)
  it.for(units)('%s', { timeout: LIMIT_MS }, async ([unit, { quick, whole }], context) => {
    if (missing !== null) leaveOut(context, missing)
    const served = await serve(...SETTINGS)
    const basePort = BASE_PORT + PORTS_EACH * units.findIndex(([name]) => name === unit)
    const skipped = [...leftOutOf(unit), ...(isLong ? [] : longOnesOf(unit))]
    // It tells what it has seen before the test's own time is up.
    const run = { source, unit, port: served.port, basePort, skipped, isQuick: !isLong, limitMs: LIMIT_MS * 0.9 }
    const result = await runTclUnit(run).finally(() => served.end('SIGTERM'))
    expect(result.failed.join('\n\n')).toBe('')
    // A later package of Debian's may have more.
    expect(result.passed).toBeGreaterThanOrEqual(isLong ? whole : quick)
    if (isLong) expect([...new Set(result.skipped)].sort()).toEqual([...skipped].sort())
  })
})
