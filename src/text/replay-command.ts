/**
 * The command that shows a world again.
 *
 * Invariants
 * - It can be pasted into a POSIX shell as it is: a token that is more than letters, digits and `._-` is quoted.
 */

/**
 * `npx lockstorm replay L1.3kQz9vX0b7 --lock ./my-lock.ts`
 * @param others what it is given besides the token: the files that did not come with lockstorm
 */
export const replayCommand = (token: string, others: readonly string[] = []): string =>
  ['npx lockstorm replay', quoted(token, true), ...others.map((word) => quoted(word, false))].join(' ')

const quoted = (word: string, isToken: boolean): string =>
  (isToken ? /^[\w.][\w.-]*$/ : /^[\w./-]+$/).test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
