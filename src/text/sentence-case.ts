/**
 * Clauses as sentences.
 */

/** `no violation` → `No violation` */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `no violation` → `No violation.` */
export const sentenceCase = (text: string): string => `${capitalized(text)}.`
