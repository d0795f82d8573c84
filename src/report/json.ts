/**
 * `report.json` and `meta.json`: the report is bytes that depend on the report alone; what differs from run to run is apart.
 */

/** What differs from run to run and from machine to machine. */
export interface ReportMeta {
  /** ISO 8601, wall clock. */
  readonly startedAt: string
  readonly elapsedMs: number
  readonly lockstorm: string
  readonly node: string
  readonly platform: string
  readonly host: string
  readonly command: string
}

/** A report as a file: keys in the order in which the report was built, two-space indent, a newline at the end. */
export const jsonText = (report: object): string => `${JSON.stringify(report, null, 2)}\n`

/** The text of `meta.json`. */
export const metaJson = ({ startedAt, elapsedMs, lockstorm, node, platform, host, command }: ReportMeta): string =>
  jsonText({ startedAt, elapsedMs, lockstorm, node, platform, host, command })
