/** What is at a path that a user names; undefined: nothing is. A word that is longer than a name can be is none, and no error. */
import { existsSync, type Stats, statSync } from 'node:fs'

export const statOf = (word: string): Stats | undefined =>
  existsSync(word) ? statSync(word, { throwIfNoEntry: false }) : undefined
