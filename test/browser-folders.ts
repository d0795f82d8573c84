/**
 * The folders of `src` that run in a browser too, as `tsconfig.core.json` lists them: what stands in them is compiled without
 * the types of Node and of the DOM, imports nothing from Node, and asks no clock of the host. Their `node/` subfolders are
 * excepted.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'

const FILE = path.resolve(import.meta.dirname, '../tsconfig.core.json')
const { include } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly include: readonly string[] }

/** `sim`, `record`, … */
export const BROWSER_FOLDERS: readonly string[] = include.map((folder) => folder.replace('src/', ''))
