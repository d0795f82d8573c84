/**
 * Finds out before the first world whether a user's server can be used: it lets us in, lets us do what nodes need, and
 * holds nothing under our prefix.
 */
import { isError, type Reply } from '../../redis/reply.ts'
import { type CommandSpec, readCommandSpecs } from './key-prefix.ts'
import type { RedisUrl } from './redis-url.ts'
import { type SaidVersion, versionIn } from './said-version.ts'
import { ServerUnreachableError } from './server-unreachable-error.ts'
import { type CallOptions, SharedServerCall } from './shared-server-call.ts'

/** How many keys a SCAN looks at in one go; high, because it only has to find what begins with a prefix. */
const SCAN_COUNT = '1000'

/** What was found out. */
export interface Welcome {
  /** Null: it does not say. */
  readonly version: SaidVersion | null
  readonly specs: ReadonlyMap<string, CommandSpec>
}

/** Throws a ServerUnreachableError when the server cannot be used. */
export async function knock(url: RedisUrl, prefix: string, options: CallOptions): Promise<Welcome> {
  const server = await enter(url, options)
  try {
    const found = await findKeys(url, server, prefix)
    if (found.length > 0) {
      throw new ServerUnreachableError(url, {
        expected: `no keys under the prefix ${prefix}`,
        got: `${found.length}, among them ${JSON.stringify(found[0])}`,
        fix: 'choose another prefix, or delete these keys if they are left over from a run that was killed',
      })
    }
    const probe = `${prefix}probe`
    for (const command of [
      ['SET', probe, 'v', 'PX', '10000'],
      ['GET', probe],
      ['TYPE', probe],
      ['PTTL', probe],
      ['EVAL', 'return 1', '1', probe],
      ['UNLINK', probe],
    ]) {
      await allowed(url, server, command)
    }
    const specs = readCommandSpecs((await allowed(url, server, ['COMMAND'])) as readonly Reply[])
    // INFO may be forbidden to this user, and only says the version.
    const info = await server.call('INFO', 'server')
    return { version: versionIn(typeof info === 'string' ? info : ''), specs }
  } finally {
    server.close()
  }
}

/** Deletes what is left under the prefix. */
export async function deleteKeys(url: RedisUrl, prefix: string, options: CallOptions): Promise<void> {
  const server = await enter(url, options)
  try {
    const keys = await findKeys(url, server, prefix)
    for (let index = 0; index < keys.length; index += 100) {
      await allowed(url, server, ['UNLINK', ...keys.slice(index, index + 100)])
    }
  } finally {
    server.close()
  }
}

async function enter(url: RedisUrl, options: CallOptions): Promise<SharedServerCall> {
  const server = await SharedServerCall.connect(url, options)
  try {
    for (const command of [...introduction(url), ['PING']]) await allowed(url, server, command)
    return server
  } catch (error) {
    server.close()
    throw error
  }
}

/** What every connection says first. */
export function introduction({ username, password, database }: RedisUrl): string[][] {
  const commands: string[][] = []
  // AUTH with the password alone is what servers before ACLs (Redis 6) understand, and others still do.
  if (password !== '') commands.push(username === '' ? ['AUTH', password] : ['AUTH', username, password])
  if (database !== 0) commands.push(['SELECT', String(database)])
  return commands
}

async function findKeys(url: RedisUrl, server: SharedServerCall, prefix: string): Promise<string[]> {
  const keys: string[] = []
  let cursor = '0'
  do {
    const scan = ['SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT]
    const [next, found] = (await allowed(url, server, scan)) as unknown as [string, string[]]
    keys.push(...found)
    cursor = next
  } while (cursor !== '0')
  return keys
}

/** The reply; an error reply is thrown with what to do about it. */
async function allowed(url: RedisUrl, server: SharedServerCall, command: readonly string[]): Promise<Reply> {
  const reply = await server.call(...command)
  if (!isError(reply)) return reply
  // Only the command's name: its arguments may be the password.
  throw new ServerUnreachableError(url, {
    expected: `${command[0]} to be answered`,
    got: JSON.stringify(reply.text),
    fix: fixFor(reply.text.split(' ')[0]!),
  })
}

function fixFor(code: string): string {
  switch (code) {
    case 'WRONGPASS':
      return 'correct user and password in --redis (redis://user:password@host:port)'
    case 'NOAUTH':
      return 'put user and password into --redis (redis://user:password@host:port)'
    case 'NOPERM':
      return 'let the user run SET GET TYPE PTTL EVAL UNLINK SCAN COMMAND on the keys of the prefix, for instance ACL SETUSER … ~lockstorm:* &lockstorm:* +@all -@dangerous'
    case 'READONLY':
      return 'give the address of the primary'
    case 'MOVED':
    case 'CLUSTERDOWN':
      return 'give a server that is not part of a Cluster'
    case 'LOADING':
      return 'wait until the server has loaded its data'
    default:
      return 'mend what the server complains of'
  }
}
