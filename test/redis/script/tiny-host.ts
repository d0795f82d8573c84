/**
 * A host for tests of the engine alone: SET, GET, DEL and INCR over a Map, and a record of what the script asked for.
 */
import type { Reply } from '../../../src/redis/reply.ts'
import { error, OK } from '../../../src/redis/reply.ts'
import { freshRandomState } from '../../../src/redis/script/drand48.ts'
import type { ScriptHost } from '../../../src/redis/script/engine.ts'

export class TinyHost implements ScriptHost {
  readonly random = freshRandomState()
  readonly values = new Map<string, string>()
  readonly calls: string[] = []
  readonly logged: string[] = []
  readonly versions: number[] = []
  questions = 0
  /** The script is killed at this question. */
  killAt = Number.POSITIVE_INFINITY

  call(args: readonly string[]): Reply {
    this.calls.push(args.join(' '))
    const [name, key = '', value = ''] = args
    switch (name) {
      case 'set':
        this.values.set(key, value)
        return OK
      case 'get':
        return this.values.get(key) ?? null
      case 'del':
        return this.values.delete(key) ? 1 : 0
      case 'incr': {
        const next = Number(this.values.get(key) ?? 0) + 1
        this.values.set(key, String(next))
        return next
      }
      default:
        return error('ERR Unknown Redis command called from script')
    }
  }

  mayCall([name]: readonly string[]): boolean | null {
    return ['set', 'get', 'del', 'incr'].includes(name ?? '') ? true : null
  }

  log(level: number, message: string): void {
    this.logged.push(`${level} ${message}`)
  }

  shouldKill(): boolean {
    return ++this.questions >= this.killAt
  }

  setResp(version: 2 | 3): void {
    this.versions.push(version)
  }
}
