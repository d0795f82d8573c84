/** Names in Chinese sentences: of several, of places, of operations. */
import type { Place } from '../../check/cause.ts'

/** `A、B 和 C` */
export const allOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join('、')} 和 ${names.at(-1)}`

/** A node, or a majority of several. */
export const placeWords = (place: Place): string =>
  'node' in place ? ` ${place.node} ` : ` ${place.majorityOf} 台服务器的多数`

/** By the names that histories have. */
export const OPERATIONS: Readonly<Record<string, string>> = {
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
  lead: '领导',
  resign: '卸任',
  work: '工作',
  nest: '重入',
  unnest: '退出重入',
  get: '取值',
  rebuild: '重新生成',
  update: '更新',
  invalidate: '使缓存失效',
  tick: '定时触发',
  start: '启动',
  put: '入队',
  visit: '访问',
}

/** What a client does; one without a word of its own by its name. */
export const operationWords = (op: string): string => OPERATIONS[op] ?? ` ${op} `
