/** @sesamecare-oss/redlock: an object of the library, as its README makes it. */
import { Redlock } from '@sesamecare-oss/redlock'
import { Redis } from 'ioredis'

export default new Redlock([new Redis('redis://cache:6379')])
