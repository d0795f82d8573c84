/**
 * The web applications of `docs/scoreboard.md`, as a lock file, written as the manuals of express-session recommend.
 */
import { expressCart } from '../libraries/express-cart.ts'

export const connectRedis9 = expressCart('express-connect-redis-9', { resave: false })
