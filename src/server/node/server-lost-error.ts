/**
 * A real server that died, or did not answer, in the middle of a world: neither the subject's fault nor ours.
 */
import { HostError } from '../../sim/host-error.ts'

export class ServerLostError extends HostError {
  override readonly name = 'ServerLostError'
  /** The node, as the world calls it. */
  readonly node: string
  /** What the server wrote last, to its log or to stderr; a line each. */
  readonly lastLines: readonly string[]

  constructor(node: string, reason: string, lastLines: readonly string[]) {
    const said = lastLines.length === 0 ? '; it wrote nothing' : `; it wrote last:\n  ${lastLines.join('\n  ')}`
    super(`the server of ${node} ${reason}${said}`)
    this.node = node
    this.lastLines = lastLines
  }
}
