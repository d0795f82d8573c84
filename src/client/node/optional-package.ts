/**
 * Loading a driver that the user may or may not have installed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { watchClient } from '../../host/built-ins.ts'
import { UsageError } from '../../sim/usage-error.ts'
import type { ClientKind } from '../kind.ts'

/** An installed package. */
export interface OptionalPackage {
  readonly exports: unknown
  readonly major: number
}

/**
 * A package as the user has it: the one of the current folder, or else the one that lockstorm was installed beside.
 * @throws UsageError when it is not installed
 */
export function requirePackage(name: string, client: ClientKind): OptionalPackage {
  let failure: unknown = null
  for (const from of [path.join(process.cwd(), 'package.json'), import.meta.url]) {
    const require = createRequire(from)
    try {
      const exports = require(name) as object
      watchClient(exports, name)
      return { exports, major: majorOf(require, name) }
    } catch (error) {
      if (!isMissing(error, name)) throw error
      failure ??= error
    }
  }
  throw new UsageError(`client ${client}`, `the package ${name} is not installed`, `npm install ${name}`, {
    cause: failure,
  })
}

/** Its `package.json` may be closed to others, so it is looked for where the package was found. */
function majorOf(require: NodeRequire, name: string): number {
  const entry = require.resolve(name)
  for (let folder = path.dirname(entry); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const place = path.join(folder, 'package.json')
    if (!existsSync(place)) continue
    const { version } = JSON.parse(readFileSync(place, 'utf8')) as { readonly version?: string }
    if (version !== undefined) return Number.parseInt(version, 10)
  }
  return Number.NaN
}

/** Whether it is this package that is missing, and not something that it needs itself. */
const isMissing = (error: unknown, name: string): boolean =>
  error instanceof Error &&
  (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' &&
  error.message.startsWith(`Cannot find module '${name}'`)
