/** An election whose campaign resolves only when it is over. */
import { defineLeader } from 'lockstorm'

export default defineLeader({
  name: 'never-begins',
  campaign: () => new Promise(() => {}),
  async resign() {},
})
