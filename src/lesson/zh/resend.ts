/** The lesson about a command that is sent twice, in Simplified Chinese. */
import type { LessonText } from '../lesson.ts'

export const resend: LessonText = {
  title: '重发',
  question: '驱动会自动重连，并重发没有收到响应的命令。那么丢失响应就不再是问题了吧？',
  storm:
    'Redis 把锁给了 A，但响应还没送到，连接就断了。默认配置的 ioredis 自动重连，把同一条 SET NX 再发一遍。A 看不到任何报错。',
  predict: 'A 这次加锁的结果是什么？',
  choices: ['得知自己拿到了锁', '得知锁在别人手里', '报错'],
  happened:
    '第二条 SET NX 遇到了第一条写下的键，里面正是 A 自己的令牌。它回答“没拿到”，A 也就信了。这把锁在 {lasted} 里没有持有者，直到租约到期。',
  why: '驱动把“结果未知”藏了起来，但只有幂等的命令才可以重发。SET NX 不是幂等的：第一次回答成功，第二次回答失败。INCR 会计两次数，LPUSH 会入队两次，而迟来的第二个 DEL 会删掉中间别人写入的内容。',
  cure: '把命令改成可以重复执行的：脚本先看键里是不是自己的令牌，是就再次给出同样的回答。或者关掉自动重发，按上一课的办法处理报错。',
  goal: '让锁一直被占着，而占着它的客户端却被告知没有拿到。',
  notModelled: [
    '其他驱动：各个驱动重发哪些命令并不相同，也会随配置而变。用 lockstorm run --client 可以看到其中三个的表现。',
  ],
}
