/** What is said on stderr of what the code under test printed: its lines as they come with `--verbose`, else their number. */
import type { Settings } from '../engine/settings.ts'
import type { Watch } from '../engine/watch.ts'
import { counted } from '../text/time.ts'

export const printedTeller = (
  { verbose, quiet }: Settings,
  tell: (text: string) => void,
): Pick<Watch, 'onOutput' | 'onPrinted'> => ({
  onOutput: (text) => tell(text.trimEnd()),
  onPrinted({ lines, noise }) {
    if (quiet) return
    if (lines > 0 && !verbose) tell(`the code under test printed ${counted(lines, 'line')}: --verbose shows them`)
    if (noise > 0) tell(`its driver told of ${counted(noise, 'error')} that no listener of the code heard`)
  },
})
