/**
 * `report.json` of a frontier: bytes that depend on the report alone. Keys are in the order in which `frontierReport` builds
 * them, which is the order of its contract.
 */
import type { FrontierReport } from '../explore/frontier-report.ts'

/** The text of `report.json`. */
export const frontierJson = (report: FrontierReport): string => `${JSON.stringify(report, null, 2)}\n`
