/** Names in Chinese sentences: of several, of places, of operations. */
import type { Place } from '../../check/cause.ts'

/** `A、B 和 C` */
export const allOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join('、')} 和 ${names.at(-1)}`

/** A node, or a majority of several. */
export const placeWords = (place: Place): string =>
  'node' in place ? ` ${place.node} ` : ` ${place.majorityOf} 台服务器的多数`

const OPERATIONS: Readonly<Record<string, string>> = {
  acquire: '加锁',
  release: '释放',
  extend: '续租',
  run: '运行',
  read: '读取',
  write: '写入',
  fill: '填入缓存',
  add: '添加',
  remove: '移除',
  load: '加载',
  login: '登录',
  logout: '退出登录',
  campaign: '参选',
  resign: '卸任',
}

/** What a client does; one without a word of its own by its name. */
export const operationWords = (op: string): string => OPERATIONS[op] ?? ` ${op} `
