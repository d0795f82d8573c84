/**
 * What a world runs on has failed: a real server died or did not answer. It ends the world, and no process in it is charged
 * with it: neither the subject's mistake nor lockstorm's.
 */
export class HostError extends Error {
  override readonly name: string = 'HostError'
}
