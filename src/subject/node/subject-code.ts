/**
 * The code of the built-in subjects as it is written, which a page shows beside the code that cures it. The build takes it from the
 * sources: what runs is bundled, and a bundler gives things other names.
 */
import { readFileSync } from 'node:fs'

/** Where the build puts it, seen from here in `src` as in `dist`. */
const FILE = new URL('../../../dist/subject/code.json', import.meta.url)

let codes: ReadonlyMap<string, string> | undefined

/** The code of the built-in subject of this name, line by line; undefined: there is none. */
export function subjectCode(name: string): readonly string[] | undefined {
  codes ??= new Map(Object.entries(JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>))
  return codes.get(name)?.split('\n')
}
