/** What happened in worlds at least once, in Simplified Chinese; the English is beside what finds it. */
import { SOMETIMES, type Sometimes } from '../../check/sometimes.ts'

export const FACTS: Readonly<Record<Sometimes, string>> = {
  done: '有客户端做完了工作',
  contended: '有客户端想要锁（会话、任务）时，它正在别的客户端手里',
  expired: '有键到了 TTL',
  outlived: '有持有者仍认为自己持有，租约却已结束',
  refused: '资源拒绝了已被取代的持有者',
  unknown: '有操作结束时，客户端不知道它是否已生效',
  gaveUp: '有持有者及时发现租约已结束',
  crashed: '有进程结束',
}

const BY_ENGLISH: ReadonlyMap<string, string> = new Map(
  (Object.keys(SOMETIMES) as Sometimes[]).map((fact) => [SOMETIMES[fact], FACTS[fact]]),
)

/** A fact as reports have it, in Chinese. */
export const factZh = (fact: string): string => BY_ENGLISH.get(fact) ?? fact
