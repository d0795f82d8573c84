/**
 * Effect: what a protected resource accepted, in the order in which it did.
 *
 *   { t, resource, token, fence?, version? }
 *
 * No clock is needed: of two writes the line that comes later was accepted later. A token belongs to one grant of the lock (or each grant
 * has a higher fence): a writer whose token another one has followed is stale; so is a write that makes the same version a second time. A fence that is lower than one before it should have been refused.
 */
import * as z from 'zod'
import { type Recording, readLines } from './line.ts'
import { nameOfToken, type Shown, TOKEN } from './told.ts'

const EFFECT = z.object({
  t: z.number(),
  resource: z.string(),
  token: TOKEN,
  fence: z.number().optional(),
  version: z.number().optional(),
})

/** What is known of a resource. */
interface Resource {
  /** Tokens that another has followed, each with the line of the first write of that other. */
  readonly followed: Map<string, { readonly by: string; readonly place: string }>
  current: string | null
  fence: { readonly value: number; readonly place: string } | null
  version: { readonly value: number; readonly place: string } | null
}

/** A write that a resource accepted. */
export interface Write {
  readonly resource: string
  readonly atMs: number
  readonly place: string
}

/** What was read. */
export interface Effected {
  readonly resources: number
  readonly writes: number
  /** The last write of each token. */
  readonly lastWrites: ReadonlyMap<string, Write>
  readonly shown: readonly Shown[]
}

/**
 * Judges effects.
 * @throws UsageError at a line that is wrong
 */
export async function judgeEffect(
  recordings: readonly Recording[],
  hash: (token: string) => string,
): Promise<Effected> {
  const resources = new Map<string, Resource>()
  const shown: Shown[] = []
  const lastWrites = new Map<string, Write>()
  let writes = 0
  for (const recording of recordings) {
    for await (const { place, line } of readLines(recording, EFFECT)) {
      writes += 1
      const token = hash(line.token)
      const name = JSON.stringify(line.resource)
      if (line.t >= (lastWrites.get(token)?.atMs ?? line.t))
        lastWrites.set(token, { resource: name, atMs: line.t, place })
      const resource = resources.get(line.resource) ?? {
        followed: new Map(),
        current: null,
        fence: null,
        version: null,
      }
      resources.set(line.resource, resource)
      const report = (property: Shown['property'], sentence: string, before: string): void => {
        shown.push({ property, status: 'violated', sentence, places: [before, place] })
      }
      const { fence, version } = line
      // A higher fence is another grant, also with a token that its client uses again.
      const isNewGrant = fence !== undefined && resource.fence !== null && fence > resource.fence.value
      if (isNewGrant) resource.followed.delete(token)
      const follower = resource.followed.get(token)
      if (follower !== undefined) {
        const what = `${nameOfToken(token)} wrote to ${name} although ${nameOfToken(follower.by)} had written after it`
        report('stale-write', what, follower.place)
      } else if (resource.current !== token) {
        if (resource.current !== null) resource.followed.set(resource.current, { by: token, place })
        resource.current = token
      }
      if (fence !== undefined) {
        if (resource.fence !== null && fence < resource.fence.value) {
          report('fence-order', `${name} accepted fence ${fence} after ${resource.fence.value}`, resource.fence.place)
        } else resource.fence = { value: fence, place }
      }
      if (version !== undefined) {
        if (resource.version !== null && version <= resource.version.value) {
          const what = `${nameOfToken(token)} made version ${version} of ${name} when ${resource.version.value} was there: an update is lost`
          report('stale-write', what, resource.version.place)
        } else resource.version = { value: version, place }
      }
    }
  }
  return { resources: resources.size, writes, lastWrites, shown }
}
