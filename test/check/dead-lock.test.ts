/** Storms in which a key stays for a while and nobody is to blame for it. */
import { expect, it } from 'vitest'
import { fenced } from '../../src/lock/fenced.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { planIn, show } from './worlds.ts'

// Found by a million random storms: the request that takes the lock is 226 ms late, and the one that takes it back 240 ms; the
// faults that do it had waited for their messages for a long time.
const TAKEN_BACK_IN_TIME =
  'L1.ATEAdAEid29ya2xvYWQiOnsid29yayI6IjEwHSJ9LCJsYXRlbmN5IjoiNTB1cy4uNR0iBhQKQwsyNDAdBzM0Nx0JFApDCzEdBzExHQkUCkMLMjI2HQdCIGFmdGVyIHJlbGVhc2UJFApDCzU2Mh0HOR0ifV0sG31dBmZlbmNlZAIxMAsxLzcwNzEwMC8yMgEwTyBj'

it('is no attempt whose taking back the network held up, however long the fault had waited for its message', async () => {
  const plan = planIn(TAKEN_BACK_IN_TIME)
  const { status, history } = await show(lockSubject(fenced), plan)
  const delaysMs = history.lanes.faults.filter(({ op }) => op === 'delay-request').map(({ atUs }) => atUs / 1000)
  // When the messages were sent, not when their anchors had passed (9, 11, 246 and 347 ms).
  expect(delaysMs).toEqual([23.889, 587.485, 592.404, 792.404])
  expect(status).toBe('valid')
})
