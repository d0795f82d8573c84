/**
 * The line of the code under test that sent the command by which a violation happened, where the story of its world tells: the command
 * that arrived in that instant (a lock that was deleted, a key that was overwritten), or whose answer did (a lock that was believed to
 * be held).
 *
 * Does not model  lines of causes: of a lease that was too short the line is that of the command which met its end.
 */
import type { Violation } from '../../check/verdict.ts'
import type { Story } from '../../world/story-data.ts'

/** A place in a file. */
export interface Site {
  readonly file: string
  readonly line: number
}

type Message = Story['messages'][number]

/** Null: the story does not tell. */
export function guiltyLine(
  { messages }: Pick<Story, 'messages'>,
  { atUs, processes }: Pick<Violation, 'atUs' | 'processes'>,
): Site | null {
  const sent = messages.filter(({ from, lost }) => processes.includes(from) && !lost)
  const arrived = sent.find((message) => message.arrivedUs === atUs && message.site !== undefined)
  const site = (arrived ?? answeredAt(atUs, sent, messages))?.site
  const { file, line } = /^(?<file>.*):(?<line>\d+)$/.exec(site ?? '')?.groups ?? {}
  return file === undefined ? null : { file, line: Number(line) }
}

/** The command whose answer arrived then: answers come in the order of the commands, so it is the last one that had arrived. */
function answeredAt(atUs: number, sent: readonly Message[], messages: readonly Message[]): Message | undefined {
  for (const answer of messages) {
    if (answer.arrivedUs !== atUs || answer.lost) continue
    const before = sent.filter(
      ({ from, to, arrivedUs, site }) =>
        from === answer.to && to === answer.from && arrivedUs <= answer.sentUs && site !== undefined,
    )
    if (before.length > 0) return before.at(-1)
  }
  return undefined
}
