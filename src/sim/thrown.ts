/**
 * What code under test throws, in words: it may throw anything, also what cannot be read (a proxy, a message that is a getter that throws).
 */

export interface Thrown {
  /** `TypeError`; this and the stack are empty when it is no error. */
  readonly name: string
  /** Of an error, or the value itself as a text. */
  readonly message: string
  readonly stack: string
  readonly code: string
}

/** Reads what was thrown, without throwing. */
export function readThrown(thrown: unknown): Thrown {
  const field = (key: string, of: (value: object) => boolean): string => {
    try {
      const value = of(thrown as object) ? (thrown as Record<string, unknown>)[key] : ''
      return String(value ?? '')
    } catch {
      return ''
    }
  }
  const isError = (value: object): boolean => value instanceof Error
  const isObject = (value: object): boolean => typeof value === 'object' && value !== null
  return {
    name: field('name', isError),
    message: thrownText(thrown),
    stack: field('stack', isError),
    code: field('code', isObject),
  }
}

/** The message of an error, or the value as a text. */
export function thrownText(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'something that cannot be read'
  }
}
