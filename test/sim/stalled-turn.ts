/**
 * A program that stops its event loop in the middle of a turn and writes down the order of everything that piled up.
 *
 * It is run twice: in a real Node process, which really blocks, and in a simulated one, which is paused. Both must write
 * the same.
 *
 *   0 ms   timers set for 150 and 165 ms
 *   20 ms  the turn: another timer of 150 ms, a request, an immediate ── stopped until after 370 ms ── another immediate
 */

/** What differs between the two. */
export interface Stage {
  /** A connection to a server that sends back whatever it gets. */
  connect(): Promise<Socket>
  /** Stops this process until everything that was sent has come back and all its timers are due. */
  stop(): void
}

export interface Socket {
  write(text: string): void
  onText(listener: (text: string) => void): void
}

/** Where in the event loop the turn happens. */
export const TURNS = [
  'timer',
  'tick after a timer',
  'promise after a timer',
  'interval',
  'socket data',
  'promise after socket data',
  'immediate',
  'promise after an immediate',
] as const
export type Turn = (typeof TURNS)[number]

/** `setsTimer`: whether the rest of the turn sets a timer, which makes the event loop look at the clock. */
export async function stalledTurn(turn: Turn, setsTimer: boolean, stage: Stage): Promise<string[]> {
  const log: string[] = []
  const socket = await stage.connect()
  let onGo = (): void => {}
  socket.onText((text) => {
    if (text === 'go') onGo()
    else log.push(`data ${text}`)
  })
  const stalled = (): void => {
    log.push('turn')
    setTimeout(() => log.push('timer 150, set in the turn'), 150)
    setImmediate(() => log.push('immediate, set before'))
    process.nextTick(() => log.push('tick'))
    Promise.resolve().then(() => log.push('promise'))
    socket.write('request')
    stage.stop()
    log.push('rest of the turn')
    setImmediate(() => log.push('immediate, set after'))
    if (setsTimer) setTimeout(() => log.push('timer 100, set after'), 100)
  }
  setTimeout(() => {
    log.push('timer 150')
    process.nextTick(() => log.push('tick of timer 150'))
    Promise.resolve().then(() => log.push('promise of timer 150'))
  }, 150)
  setTimeout(() => log.push('timer 165'), 165)
  const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
  switch (turn) {
    case 'timer':
      setTimeout(stalled, 20)
      break
    case 'tick after a timer':
      setTimeout(() => process.nextTick(stalled), 20)
      break
    case 'promise after a timer':
      soon().then(stalled)
      break
    case 'interval': {
      let ticks = 0
      const interval = setInterval(() => {
        ticks += 1
        log.push(`interval ${ticks}`)
        if (ticks === 1) stalled()
        if (ticks === 3) clearInterval(interval)
      }, 20)
      break
    }
    case 'socket data':
      onGo = stalled
      soon().then(() => socket.write('go'))
      break
    case 'promise after socket data':
      onGo = async () => {
        await null
        await null
        stalled()
      }
      soon().then(() => socket.write('go'))
      break
    case 'immediate':
      soon().then(() => {
        setImmediate(stalled)
        setImmediate(() => log.push('immediate of the same batch'))
      })
      break
    case 'promise after an immediate':
      soon().then(() => {
        setImmediate(async () => {
          await null
          stalled()
        })
        setImmediate(() => log.push('immediate of the same batch'))
      })
  }
  await new Promise((resolve) => setTimeout(resolve, 600))
  return log
}
