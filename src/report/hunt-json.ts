/**
 * `report.json` of a hunt: bytes that depend on the report alone. Keys are in the order in which `huntReport` builds them,
 * which is the order of its contract.
 */
import type { HuntReport } from '../explore/hunt-report.ts'

/** The text of `report.json`. */
export const huntJson = (report: HuntReport): string => `${JSON.stringify(report, null, 2)}\n`
