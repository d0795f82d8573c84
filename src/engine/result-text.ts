/**
 * How a result is told, once what tells it is loaded: whoever has a result has loaded it. So a matcher need not load it for tests that
 * have none.
 */
import type { Result } from './assert-valid.ts'

export const resultText: { of: (result: Result) => string } = { of: ({ outcome }) => outcome }
