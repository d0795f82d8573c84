/**
 * `report.json` of a hunt or a frontier: bytes that depend on the report alone. Keys are in the order in which the report was
 * built, which is the order of its contract.
 */
import type { FrontierReport } from './frontier/frontier-report.ts'
import type { HuntReport } from './hunt/hunt-report.ts'

/** The text of `report.json`. */
export const plainJson = (report: HuntReport | FrontierReport): string => `${JSON.stringify(report, null, 2)}\n`
