import { redis } from '@/lib/redis'

/** Whether there was one left, which is then put by. */
export async function reserve(item: string): Promise<boolean> {
  return (await redis.hincrby('reserved', item, 1)) <= 1_000
}

export async function giveBack(item: string): Promise<void> {
  await redis.hincrby('reserved', item, -1)
}
