/**
 * Passwords in URLs, kept out of what is printed and written.
 */

/** The text with *** for the password of every URL in it. */
export const withoutPasswords = (text: string): string =>
  text.replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s]*@/gi, '$1:***@')
