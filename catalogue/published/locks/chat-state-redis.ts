/** @chat-adapter/state-redis: the state adapter of a chat bot, with a client of its own. */
import { createRedisState } from '@chat-adapter/state-redis'

const state = createRedisState({ url: 'redis://cache:6379' })
await state.connect()

export default state
