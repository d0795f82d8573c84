/** The report's data, as the suite runner makes it; here for the renderers. */
export type { Cell, Expectation, Report, ReportedViolation, ReportMaterial, Status } from '../scenario/report.ts'
export type { Lane, Story } from '../world/story-data.ts'
