/**
 * A model of sealed cookies (P97, iron-session): the whole session is in the cookie, no server knows of it. What the browser
 * got last is what counts, and a cookie that somebody kept is good for ever.
 *
 * Source: vvo/iron-session#530, auth0/nextjs-auth0#2530
 */
import {
  type AppRequest,
  type AppResponse,
  type Cart,
  defineSessionApp,
  type SessionAppContext,
} from '../../../src/session/session-app.ts'

// The seal itself is of no interest here: nobody forges a cookie.
const seal = (cart: Cart): string => `sealed=${Buffer.from(JSON.stringify(cart)).toString('base64url')}; HttpOnly`

function unseal(cookie: string): Cart | null {
  const sealed = /^sealed=(.+)$/.exec(cookie)?.[1]
  return sealed === undefined ? null : (JSON.parse(Buffer.from(sealed, 'base64url').toString()) as Cart)
}

export const sealedCookie = defineSessionApp({
  name: 'sealed-cookie',
  start: (context) => ({ request: (request) => serve(context, request) }),
})

async function serve(
  { work }: SessionAppContext,
  { action, cookie, user = '', item = '' }: AppRequest,
): Promise<AppResponse> {
  const cart = unseal(cookie)
  if (action === 'login') {
    await work()
    return { status: 200, setCookie: [seal({ user, items: [] })] }
  }
  if (cart === null) return { status: 401, setCookie: [], cart }
  if (action === 'logout') return { status: 200, setCookie: ['sealed=; Max-Age=0'] }
  await work()
  if (action === 'read') return { status: 200, setCookie: [], cart }
  const others = cart.items.filter((each) => each !== item)
  return { status: 200, setCookie: [seal({ ...cart, items: action === 'add' ? [...others, item] : others })], cart }
}
