/** Declaring a web application: what is missing is said with its fix. */
import { describe, expect, it } from 'vitest'
import { defineSessionApp } from '../../src/session/session-app.ts'

describe('defineSessionApp', () => {
  it('hands back what it was given', () => {
    const app = { name: 'shop', start: () => ({ request: async () => ({ status: 200, setCookie: [] }) }) }
    expect(defineSessionApp(app)).toBe(app)
  })

  it.each([
    [null, "defineSessionApp: expected an object with a name and start\n  fix: add name: 'my-app'"],
    [{ name: ' ' }, "defineSessionApp: expected an object with a name and start\n  fix: add name: 'my-app'"],
    [
      { name: 'shop' },
      'defineSessionApp(shop): expected start to be a function, got undefined\n  fix: add async start(context) { … return { request } }',
    ],
  ])('refuses %j', (app, message) => {
    expect(() => defineSessionApp(app as never)).toThrow(message)
  })
})
