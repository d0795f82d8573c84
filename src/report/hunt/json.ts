/** `report.json` of a hunt: what happened is told there in words. */
import { jsonText } from '../json.ts'
import type { HuntReport } from './hunt-report.ts'

/** The text of `report.json`. */
export const huntJson = (report: HuntReport): string =>
  jsonText({
    ...report,
    violations: report.violations.map((violation) => ({
      ...inWords(violation),
      consequences: violation.consequences.map(inWords),
    })),
  })

const inWords = <Told extends { readonly told: unknown }>({ told: _data, ...violation }: Told): Omit<Told, 'told'> =>
  violation
