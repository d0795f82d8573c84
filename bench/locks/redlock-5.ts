/** What is measured loads one library, as a user's file does. */
import { redlock5 } from '../../catalogue/libraries/redlock-5.ts'

export default redlock5()
