/**
 * The command that shows a world again.
 *
 * Invariants
 * - It can be pasted into a POSIX shell as it is: a token that is more than letters, digits and `._-` is quoted.
 */

/** `npx lockstorm replay L1.3kQz9vX0b7` */
export function replayCommand(token: string): string {
  const argument = /^[\w.-]+$/.test(token) && !token.startsWith('-') ? token : `'${token.replaceAll("'", `'\\''`)}'`
  return `npx lockstorm replay ${argument}`
}
