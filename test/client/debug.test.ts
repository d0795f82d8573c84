import { it } from 'vitest'
import { simulate } from './stage.ts'
it('x', async () => {
  console.log(await simulate(async ({ redis, say, sleep, faults }) => {
    const subscriber = redis({ retryStrategy: () => 20 }, 'subscriber')
    await subscriber.subscribe('news')
    const client = redis({}, 'client')
    say(await client.client('LIST'), await client.pubsub('NUMSUB', 'news'))
    faults.cut()
    await sleep(200)
    say(await client.client('LIST'), await client.pubsub('NUMSUB', 'news'))
    say(await client.publish('news', 'after the cut'))
    await sleep(50)
  }))
})
