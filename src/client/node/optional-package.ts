/**
 * Loading a driver that the user may or may not have installed.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import { UsageError } from '../../sim/usage-error.ts'
import type { ClientKind } from '../kind.ts'

/**
 * The exports of an installed package: the one that lockstorm was installed beside, or else the one of the current folder.
 * @throws UsageError when it is not installed
 */
export function requirePackage(name: string, client: ClientKind): unknown {
  let failure: unknown = null
  for (const from of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from)(name)
    } catch (error) {
      if (!isMissing(error, name)) throw error
      failure ??= error
    }
  }
  throw new UsageError(`client ${client}`, `the package ${name} is not installed`, `npm install ${name}`, {
    cause: failure,
  })
}

/** Whether it is this package that is missing, and not something that it needs itself. */
const isMissing = (error: unknown, name: string): boolean =>
  error instanceof Error &&
  (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' &&
  error.message.startsWith(`Cannot find module '${name}'`)
