/** What the code under test threw, in a line: `release failed 3 times, first in A: Connection is closed.` */
import type { Thrown } from '../history/thrown.ts'

export function thrownText({ client, operation, text, times }: Thrown): string {
  const often = times === 1 ? '' : ` ${times} times, first in ${client}`
  if (operation === null) {
    return times === 1
      ? `${client} threw what no code of its own caught: ${text}`
      : `thrown${often}, and caught by no code of its own: ${text}`
  }
  return times === 1 ? `${client}'s ${operation} failed: ${text}` : `${operation} failed${often}: ${text}`
}
