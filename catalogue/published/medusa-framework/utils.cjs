/**
 * The two things that @medusajs/locking-redis takes from @medusajs/framework, of which the rest is a web shop with its database.
 */
class MedusaError extends Error {
  static Types = { CONFLICT: 'conflict' }

  constructor(type, message) {
    super(message)
    this.name = 'Error'
    this.type = type
  }
}

/** Waits for all, then rejects with the first that did. */
async function promiseAll(promises) {
  const states = await Promise.allSettled(promises)
  const rejected = states.find(({ status }) => status === 'rejected')
  if (rejected !== undefined) throw rejected.reason
  return states.map(({ value }) => value)
}

module.exports = { MedusaError, promiseAll }
