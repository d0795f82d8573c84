/**
 * The error replies that many commands share, with Redis 7.0's own texts.
 *
 * Source: `createSharedObjects` in server.c of Redis 7.0; every text is compared with a real server in the tests.
 */
import { error } from './reply.ts'

/** An error reply. */
export type ErrorReply = { readonly kind: 'error'; readonly text: string }

const make = (text: string): ErrorReply => error(text) as ErrorReply

export const WRONG_TYPE = make('WRONGTYPE Operation against a key holding the wrong kind of value')
export const SYNTAX_ERROR = make('ERR syntax error')
export const NOT_AN_INTEGER = make('ERR value is not an integer or out of range')
export const NOT_A_FLOAT = make('ERR value is not a valid float')
export const OUT_OF_RANGE = make('ERR value is out of range')
export const MUST_BE_POSITIVE = make('ERR value is out of range, must be positive')
export const INDEX_OUT_OF_RANGE = make('ERR index out of range')
export const OFFSET_OUT_OF_RANGE = make('ERR offset is out of range')
export const NO_SUCH_KEY = make('ERR no such key')
export const INVALID_CURSOR = make('ERR invalid cursor')
export const INCREMENT_OVERFLOW = make('ERR increment or decrement would overflow')
export const INCREMENT_NAN = make('ERR increment would produce NaN or Infinity')
export const DB_OUT_OF_RANGE = make('ERR DB index is out of range')
export const STRING_TOO_LONG = make('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
export const NO_AUTH = make('NOAUTH Authentication required.')
export const NO_SCRIPT = make('NOSCRIPT No matching script. Please use EVAL.')
export const EXEC_ABORT = make('EXECABORT Transaction discarded because of previous errors.')
export const BUSY_SCRIPT = make(
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
)
export const BUSY_FUNCTION = make(
  'BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.',
)
export const OUT_OF_MEMORY = make("OOM command not allowed when used memory > 'maxmemory'.")
export const NO_REPLICAS = make('NOREPLICAS Not enough good replicas to write.')
export const READ_ONLY_REPLICA = make("READONLY You can't write against a read only replica.")
export const STALE_REPLICA = make("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")
export const LOADING = make('LOADING Redis is loading the dataset in memory')
export const DISK_ERROR = make(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
)
export const CLUSTER_DISABLED = make('ERR This instance has cluster support disabled')

/** An error reply whose text carries bytes of a client: line ends would break the protocol, so Redis trims and blanks them. */
export const errorOf = (text: string): ErrorReply =>
  make(/[\r\n]/.test(text) ? text.replace(/^[\r\n]+|[\r\n]+$/g, '').replaceAll(/[\r\n]/g, ' ') : text)

/** A client's bytes as C prints them with `%s`: up to the first zero. */
export const cText = (bytes: string): string => {
  const end = bytes.indexOf('\0')
  return end === -1 ? bytes : bytes.slice(0, end)
}

/** `name` as COMMAND INFO prints it; subcommands are `config|get`. */
export const wrongArity = (name: string): ErrorReply => make(`ERR wrong number of arguments for '${name}' command`)
