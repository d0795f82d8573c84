/**
 * `report.json` of a run.
 *
 * Invariants
 * - Keys are written in the order of the contract, whatever order an object was built in.
 */
import { PROPERTIES } from '../../check/verdict.ts'
import type { Expectation } from '../../scenario/expectation.ts'
import type { Cell, Report, ReportedViolation } from '../../scenario/report.ts'
import { jsonText } from '../json.ts'

/** The text of `report.json`. */
export function reportJson(report: Report): string {
  return jsonText({
    schema: report.schema,
    engine: report.engine,
    seed: report.seed,
    redis: report.redis,
    client: report.client,
    deterministic: report.deterministic,
    totals: {
      cells: report.totals.cells,
      asExpected: report.totals.asExpected,
      notAsExpected: report.totals.notAsExpected,
      valid: report.totals.valid,
      violated: report.totals.violated,
      unknown: report.totals.unknown,
      vacuous: report.totals.vacuous,
      worlds: report.totals.worlds,
    },
    cells: report.cells.map(orderedCell),
  })
}

function orderedCell(cell: Cell): Cell {
  return {
    scenario: cell.scenario,
    lock: cell.lock,
    client: cell.client,
    workload: cell.workload,
    ...(cell.nodes === undefined ? {} : { nodes: cell.nodes }),
    ...(cell.replayWith === undefined ? {} : { replayWith: cell.replayWith }),
    verdict: cell.verdict,
    detail: cell.detail,
    expected: orderedExpectation(cell.expected),
    asExpected: cell.asExpected,
    worlds: cell.worlds,
    violatedWorlds: cell.violatedWorlds,
    historyHash: cell.historyHash,
    violations: cell.violations.map(orderedViolation),
    history: cell.history,
    sometimes: cell.sometimes,
  }
}

function orderedExpectation(expected: Expectation | null): Expectation | null {
  if (expected === null || typeof expected === 'string') return expected
  const { may } = expected
  const certain = PROPERTIES.filter((name) => expected[name] !== undefined).map((name) => [name, expected[name]])
  return { ...Object.fromEntries(certain), ...(may === undefined ? {} : { may: orderedExpectation(may) }) }
}

function orderedViolation(violation: ReportedViolation): ReportedViolation {
  return {
    property: violation.property,
    kind: violation.kind,
    weight: violation.weight,
    cause: violation.cause,
    told: violation.told,
    sentence: violation.sentence,
    why: violation.why,
    needs: violation.needs,
    atUs: violation.atUs,
    untilUs: violation.untilUs,
    processes: violation.processes,
    token: violation.token,
  }
}
