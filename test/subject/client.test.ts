/** A subject is given only a client whose commands it speaks. */
import { describe, expect, it } from 'vitest'
import { CLIENT_KINDS } from '../../src/client/kind.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { asksKeeper, checkClient, clientOf, lockSubject } from '../../src/subject/subject.ts'

describe('the client of a subject', () => {
  const accepted = (subject: (typeof subjects)[number]) =>
    CLIENT_KINDS.filter((client) => {
      try {
        checkClient(subject, client)
        return true
      } catch {
        return false
      }
    })
  const subjects = bundledSubjects()

  it('may be any that has the commands of ioredis, for each built-in one', () => {
    expect(subjects.length).toBeGreaterThan(10)
    for (const subject of subjects.filter((each) => !asksKeeper(each)))
      expect(accepted(subject), subject.name).toEqual(['ioredis', 'direct', 'iovalkey'])
  })

  it('is the direct one for a lock of the coordination service, whatever is asked for', () => {
    const [subject] = subjects.filter(asksKeeper)
    if (subject === undefined) throw new Error('there is such a lock')
    expect(accepted(subject)).toEqual([...CLIENT_KINDS])
    expect(CLIENT_KINDS.map((client) => clientOf(subject, client))).toEqual(CLIENT_KINDS.map(() => 'direct'))
  })

  it('may be any for a lock of the user, and the one it needs overrules what is asked for', () => {
    const acquire = async () => null
    const own = lockSubject(defineLock({ name: 'own', acquire, release: async () => true }))
    expect(accepted(own)).toEqual([...CLIENT_KINDS])
    const [first] = subjects
    if (first?.kind !== 'lock') throw new Error('the first is a lock')
    const needing = { ...first, lock: { ...first.lock, client: 'ioredis' as const } }
    expect(() => checkClient(needing, 'node-redis')).not.toThrow()
  })

  it('is refused with what to do', () => {
    const store = subjects.find(({ kind }) => kind === 'session')
    if (store === undefined) throw new Error('there is a session store')
    expect(() => checkClient(store, 'node-redis')).toThrow(
      `the built-in session store ${store.name} speaks the commands of ioredis, which node-redis takes otherwise`,
    )
  })
})
