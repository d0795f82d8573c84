/** `lockstorm fleet start` and `lockstorm fleet work`: a hunt that is run by the workers of a queue, and one of these. */
import { UsageError } from '../sim/usage-error.ts'
import { visible } from '../text/escape.ts'
import { counted, countText } from '../text/time.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { told } from './hunt.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings } from './invocation.ts'
import { printedTeller } from './printed.ts'
import { Progress } from './progress.ts'

/** Runs `fleet start`. */
export async function fleetStart(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings, given } = settled
  const queue = queueOf(settings.queue)
  const [lock = ''] = invocation.words
  const { startFleet } = await import('../fleet/start.ts')
  return told(settings, invocation, (watch) => startFleet(lock, queue, settings, given, watch))
}

/** Runs `fleet work`. */
export async function fleetWork(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const queue = queueOf(settings.queue)
  const { terminal } = invocation
  const progress = new Progress(terminal)
  const tell = (text: string): void => {
    progress.clear()
    terminal.tell(text)
  }
  const interrupt = new Interrupt(() => tell('stopping after the units that were begun; once more ends at once'))
  const { workForFleet } = await import('../fleet/work.ts')
  try {
    const { lock, units } = await workForFleet(queue, settings, {
      signal: interrupt.signal,
      onReady: () => interrupt.listen(),
      onWarning: tell,
      ...printedTeller(settings, tell),
      onBeat({ tried, planned, findings }, unitCount) {
        if (settings.quiet) return
        const of = planned === null ? '' : `/${countText(planned)}`
        const parts = [`${countText(tried)}${of} storms`, `${counted(findings, 'finding')} of the fleet`]
        progress.show(() => `▸ ${[...parts, `${counted(unitCount, 'unit')} here`].join(' · ')}`)
      },
    })
    progress.clear()
    if (interrupt.exitCode === null)
      terminal.print(`${visible(lock)}: the hunt is over; ${counted(units, 'unit')} here`)
    return interrupt.exitCode ?? EXIT.ok
  } finally {
    progress.clear()
    interrupt.stop()
  }
}

function queueOf(queue: string | null): string {
  if (queue !== null) return queue
  throw new UsageError('--queue', 'a fleet needs a Redis or Valkey of yours', 'add --queue redis://host:6379')
}
