/** What shows the same world in a terminal: the token, and a file for code that did not come with lockstorm. */
import { replayCommand } from '../../text/replay-command.ts'

/** As the worker calls the user's code. */
const FILE = './my-lock.ts'
/** What ends the text of the file; no line of it may be this. */
const END = 'END_OF_LOCK'

/** The command. @param text of the editor; null: the subject came with lockstorm */
export function terminalCommand(token: string, text: string | null): string {
  if (text === null) return replayCommand(token)
  const end = text.split('\n').includes(END) ? `${END}_${text.length}` : END
  return `cat > ${FILE} <<'${end}'\n${text.trimEnd()}\n${end}\n${replayCommand(token, ['--lock', FILE])}`
}
