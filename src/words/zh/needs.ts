/** What it takes besides the client's code, in Simplified Chinese. */
import type { Service } from '../../history/history.ts'
import type { Need } from '../needs.ts'
import { asked, askedFirst } from './asked.ts'

const needs = (service: Service | undefined): Readonly<Record<Need, string>> => ({
  fencing: '需要隔离令牌：任何基于租约的锁都无法单靠自己防住这种情况。',
  'fencing: clock ahead': `需要隔离令牌：租约按${asked(service)}的时钟结束了，没有客户端看得到那个时钟。`,
  'terms: clock ahead': `需要用任期做隔离令牌：租约按${asked(service)}的时钟结束了，没有客户端看得到那个时钟。`,
  'memory: lock': `${askedFirst(service)}忘记了它：服务器会遗忘，其上的锁就无法单靠自己防住这种情况。`,
  'memory: session': `${askedFirst(service)}忘记了它：服务器会遗忘，其上的会话存储就防不住这种情况。`,
  'memory: election': `${askedFirst(service)}忘记了它：服务器会遗忘，其上的选举就防不住这种情况。`,
  'memory: queue': `${askedFirst(service)}忘记了它：服务器会遗忘，其上的队列就防不住这种情况。`,
  'session clock': `${askedFirst(service)}的时钟跳过了会话的结束时间：任何会话存储都防不住这种情况。`,
  'jobs that may run twice': '需要可以重复运行的任务：没有队列能分清一个工作者是暂时联系不上，还是已经终止。',
  'work that may run twice': '需要可以重复执行的工作：在做完和记下“已做完”之间，进程可能终止。',
  'record of what was done': '需要记录做过什么：锁只在被持有期间排斥他人，什么都不会记住。',
  'fence for what is filled in': '需要给填入缓存的内容加上隔离：写入方不加锁，锁就管不住它。',
})

/** What it takes. */
export const needWords = (need: Need, service: Service | undefined): string => needs(service)[need]
