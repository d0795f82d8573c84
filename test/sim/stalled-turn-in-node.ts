/**
 * The stalled turn in a real Node process, started by `pause.test.ts`: prints the logs of all turns as JSON.
 *
 * The server is a thread of its own, so that it answers while the event loop stands still; the loop stands still until
 * the answer has been written and the timers are due.
 */
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { type Stage, stalledTurn, TURNS } from './stalled-turn.ts'

const ECHO = `
  const { parentPort, workerData } = require('node:worker_threads')
  const answered = new Int32Array(workerData)
  const server = require('node:net').createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (bytes) => socket.write(bytes, () => {
      Atomics.add(answered, 0, 1)
      Atomics.notify(answered, 0)
    }))
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

const shared = new SharedArrayBuffer(4)
const answered = new Int32Array(shared)
const server = new Worker(ECHO, { eval: true, workerData: shared })
const port = await new Promise<number>((resolve) => server.once('message', resolve))
let sent = 0

const stage: Stage = {
  connect: () =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.setNoDelay(true)
        resolve({
          write: (text) => {
            sent += 1
            socket.write(text)
          },
          onText: (listener) => socket.on('data', (bytes) => listener(String(bytes))),
        })
      })
    }),
  stop() {
    while (Atomics.load(answered, 0) < sent) Atomics.wait(answered, 0, Atomics.load(answered, 0), 50)
    // Nothing ever wakes this one: it is a sleep that blocks.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 350)
  },
}

const setsTimer = process.argv[2] === 'sets a timer'
const logs: Record<string, readonly string[]> = {}
for (const turn of TURNS) {
  do {
    logs[turn] = await stalledTurn(turn, setsTimer, stage)
    // A machine that was busy for 130 ms just then made the timers due before the turn: that is another story.
  } while (logs[turn].indexOf('timer 150') < logs[turn].indexOf('turn'))
}
process.stdout.write(`${JSON.stringify(logs)}\n`)
process.exit(0)
