/** Changes that hunts try against a violation, in Simplified Chinese; the English is beside each of them. */
import type { RepairName } from '../../explore/repair.ts'

export const REPAIR_ADVICE: Readonly<Record<RepairName, string>> = {
  'compare-and-delete': '用脚本释放，只有键里仍是自己的令牌时才删除',
  renewal: '工作期间每过租约的三分之一续租一次',
  'monotonic-clock': '用单调时钟（performance.now）计算租约，不要用墙上时钟（Date.now）',
  'longer-ttl': '把租约加长到 10 倍',
  fencing: '每次授予锁时取一个递增的数字，写入时一并带上，让存储拒绝更小的数字',
  'reference-lock': '换一把锁：lockstorm 的参考实现 fenced',
}
