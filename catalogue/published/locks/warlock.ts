/** node-redis-warlock: its object, whose methods call back. */
import { Redis } from 'ioredis'
// @ts-expect-error it has no types
import Warlock from 'node-redis-warlock'

export default Warlock(new Redis('redis://cache:6379'))
