/**
 * The JSON Schema of scenario files, for editors: `# yaml-language-server: $schema=./scenario.schema.json`. Generated
 * from the zod schema; the file that is published must equal it.
 */
import * as z from 'zod'
import type { FaultKind } from '../fault/fault.ts'
import { FAULTS } from '../fault/registry.ts'
import { scenarioSchema } from './schema.ts'

/** The text of `scenarios/scenario.schema.json`. */
export function scenarioJsonSchema(kinds: readonly FaultKind[] = FAULTS): string {
  return `${JSON.stringify(z.toJSONSchema(scenarioSchema(kinds), { io: 'input' }), null, 2)}\n`
}
