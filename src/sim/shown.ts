/**
 * Values as messages about mistakes show them.
 */

/** A value as JSON, cut where it would fill the line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

/** `expected a duration such as 2s, got "2 seconds"`, or that it is missing. */
export const expectedGot = (expected: string, got: unknown): string =>
  got === undefined ? `missing, expected ${expected}` : `expected ${expected}, got ${shown(got)}`
