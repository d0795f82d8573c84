/**
 * The part of a driver's interface that the built-in locks and stores use. A real ioredis and the direct client both
 * have it; a lock of your own may name the driver's own type instead: `defineLock<import('ioredis').Redis>({ … })`.
 */
export interface RedisCommands {
  get(key: string): Promise<string | null>
  set(key: string, value: string, ...options: (string | number)[]): Promise<string | null>
  setnx(key: string, value: string): Promise<number>
  del(...keys: string[]): Promise<number>
  exists(...keys: string[]): Promise<number>
  expire(key: string, seconds: number): Promise<number>
  pexpire(key: string, ms: number): Promise<number>
  pttl(key: string): Promise<number>
  incr(key: string): Promise<number>
  hset(key: string, ...fieldValues: string[]): Promise<number>
  hdel(key: string, ...fields: string[]): Promise<number>
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>
  hgetall(key: string): Promise<Record<string, string>>
  zadd(key: string, score: number, member: string): Promise<number>
  zrank(key: string, member: string): Promise<number | null>
  zrem(key: string, member: string): Promise<number>
  blpop(key: string, timeoutSeconds: number): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  on(event: 'message', listener: (channel: string, text: string) => void): unknown
  disconnect(): void
  watch(...keys: string[]): Promise<unknown>
  unwatch(): Promise<unknown>
  multi(): Transaction
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
  /** Any other command. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>
}

/** Commands that run together: `exec` resolves with null when a watched key changed. */
export interface Transaction {
  set(key: string, value: string, ...options: (string | number)[]): Transaction
  del(...keys: string[]): Transaction
  exec(): Promise<readonly (readonly [Error | null, unknown])[] | null>
}
