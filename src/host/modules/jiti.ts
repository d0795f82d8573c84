/**
 * jiti, which finds and transforms modules, loaded when the first file of a user's is.
 */
import type { Jiti, JitiOptions } from 'jiti'
import { asOurselves, realRequire } from '../door.ts'

/** Makes one that looks for names from a folder. Use it `asOurselves`. */
export const makeJiti = (from: string, options: JitiOptions): Jiti =>
  asOurselves(() =>
    (realRequire(import.meta.url)('jiti') as typeof import('jiti')).createJiti(from, { fsCache: false, ...options }),
  )
