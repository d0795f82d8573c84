/** What is measured loads one library, as a user's file does. */
import { mutex } from '../../catalogue/libraries/redis-semaphore.ts'

export default mutex()
