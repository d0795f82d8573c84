/** What happened, in English: one plain sentence each, who, what, for how long. */
import type { Statement, Told, ToldOwner } from '../../check/told.ts'
import type { Service } from '../../history/history.ts'
import type { Runs } from '../../history/rules.ts'
import { assertNever } from '../../sim/assert.ts'
import { formatUs } from '../../sim/units.ts'
import { asked } from './asked.ts'
import { placeWords } from './cause.ts'

/** What happened, in one sentence. */
export function toldWords(told: Told, service: Service | undefined): string {
  switch (told.kind) {
    case 'both-held':
      return `${told.earlier} and ${told.later} both held the lock for ${formatUs(told.forUs)}${told.statement === null ? '' : `: ${statementWords(told.statement)}`}`
    case 'wrote-late':
      return `${told.client} wrote ${told.value} although ${told.newer} had taken the lock ${formatUs(told.lateUs)} before`
    case 'fence-not-higher':
      return `${told.client} was granted the lock after ${told.previous} but got fencing token ${told.fence}, not above ${told.previousFence}`
    case 'lower-fence-accepted':
      return `the resource accepted ${told.client}'s fencing token ${told.fence} after ${told.highest}'s ${told.highestFence}`
    case 'key-changed':
      return `${told.by} ${VERBS[told.how]} "${told.key}"${told.node === null ? '' : ` on ${told.node}`} while it was ${told.owner}'s`
    case 'served-as':
      return told.isStranger
        ? `${told.server} served a stranger, who had never logged in, as ${told.taken}`
        : `${told.server} served ${told.asker} as ${told.taken}`
    case 'change-lost':
      return `${told.client} was told that "${told.item}" is ${told.op === 'add' ? 'in' : 'out of'} the cart, and it was not so in the end`
    case 'session-missing':
      return `${told.client} found no session ${formatUs(told.afterUs)} after the login, though there had been no logout`
    case 'session-again':
      return `the session was there again ${formatUs(told.afterUs)} after ${told.client} had logged the user out`
    case 'change-not-seen':
      return `${told.client} loaded the session after "${told.item}" was stored and did not see it`
    case 'served-old':
      return `${told.reader} was served ${told.value} out of the cache ${formatUs(told.sinceUs)} after ${told.writer} had changed it to ${told.current}`
    case 'made-twice':
      return `${told.earlier} and ${told.later} both made the cached value for ${formatUs(told.forUs)}`
    case 'ran-twice':
      return `${RUN[told.what]} ${told.tick} ran twice: ${told.again} ran it ${told.again === told.first ? `again ${formatUs(told.afterUs)} later` : `${formatUs(told.afterUs)} after ${told.first}`}`
    case 'both-ran':
      return told.earlier === told.later
        ? `${told.earlier} ran job ${told.job} twice at once for ${formatUs(told.forUs)}`
        : `${told.earlier} and ${told.later} both ran job ${told.job} for ${formatUs(told.forUs)}`
    case 'held-beside':
      return told.isReader
        ? `${told.writer} held the lock to write while ${told.other} held it to read, for ${formatUs(told.forUs)}`
        : `${told.writer} and ${told.other} both held the lock to write for ${formatUs(told.forUs)}`
    case 'read-two':
      return `${told.reader} read ${told.first} and then ${told.second} while it held the lock to read: ${told.writer} wrote in between`
    case 'both-led':
      return `${told.earlier} and ${told.later} both led for ${formatUs(told.forUs)}`
    case 'same-term':
      return `${told.again} was elected for term ${told.term}, which was ${told.first}'s`
    case 'never-elected':
      return `no client led for ${formatUs(told.forUs)} after everything had healed, although ${told.client} was campaigning`
    case 'not-elected':
      return `${told.client} campaigned alone for ${formatUs(told.forUs)} after everything had healed, and was not elected`
    case 'job-not-done':
      return `job ${told.job}, which ${told.client} was told is in the queue, was not done ${formatUs(told.calmUs)} after everything had healed`
    case 'too-many-held':
      return `${told.holders.slice(0, -1).join(', ')} and ${told.holders.at(-1)} all held it for ${formatUs(told.forUs)}: ${told.holders.length} hold, ${told.limit} may`
    case 'permits-lost':
      return `${told.had === 0 ? 'none' : told.had} of ${told.limit} permits could be had for ${formatUs(told.forUs)} after everything had healed`
    case 'release-failed':
      return `${told.client}'s release failed (${told.reason}), and its lock was released`
    case 'not-takeable':
      return `the lock could not be taken for ${formatUs(told.forUs)} after everything had healed`
    case 'locked-for-ever':
      return `"${told.key}" has no expiry and no client holds it: it is locked for ever`
    case 'kept-alive':
      return `the lock of ${told.owner}, which had ended, stayed ${formatUs(told.longerUs)} longer than its lease`
    case 'orphaned':
      return `${told.owner} was told ${TOLD[told.told]}, but its own token kept the lock from all clients for ${formatUs(told.forUs)}`
    case 'blocked-itself':
      return `${told.owner}'s acquire failed after ${formatUs(told.attemptUs)}: its own token, of which it had lost the reply, kept the lock from all clients for ${formatUs(told.forUs)}`
    case 'votes-kept':
      return `votes of ${told.owners.join(' and ')} that no client uses kept ${told.nodes} of ${told.of} nodes for ${formatUs(told.forUs)}: no majority was left`
    case 'never-returned':
      return `${told.client}'s ${told.op} never returned: it waited ${formatUs(told.waitedUs)}, the last ${formatUs(told.calmUs)} with all faults healed`
    case 'waited-for-minority':
      return `${told.client}'s ${told.op} waited ${formatUs(told.waitedUs)} for ${told.silent.join(' and ')}, although ${told.of - told.silent.length} of ${told.of} nodes answered`
    case 'claimed-longer':
      return `${told.client}'s lease claimed to last ${formatUs(told.byUs)} longer than the key in ${placeWords(told.place)}: ${told.statement === null ? '' : statementWords(told.statement)}`
    case 'told-late':
      return `${told.client} was told that it had lost the lock ${formatUs(told.afterUs)} after ${asked(service)} had given it up`
    case 'overtaken':
      return `${told.client} waited ${formatUs(told.waitedUs)} and was overtaken ${told.times} times by clients that came after it`
    case 'votes-split':
      return `${told.clients.join(', ').replace(/, ([^,]*)$/, ' and $1')} split the votes of ${told.of} nodes ${told.rounds} times in a row, and none got the lock for ${formatUs(told.forUs)}`
    case 'increment-lost':
      return 'an increment of the counter was lost: two of them cannot have happened one after the other'
    case 'not-one-after-the-other':
      return 'what requests saw and were told cannot have happened one after the other'
    case 'process-ended':
      return `${told.client}'s process ended: ${told.message}`
    case 'ran-for-ever':
      return 'the code under test ran for ever without waiting for anything'
    case 'out-of-memory':
      return 'the code under test used up all memory'
    default:
      return assertNever(told)
  }
}

const VERBS: Readonly<Record<Extract<Told, { kind: 'key-changed' }>['how'], string>> = {
  deleted: 'deleted',
  extended: 'changed the expiry of',
  overwritten: 'overwrote',
  displaced: 'went before the first in',
}

const RUN: Readonly<Record<Runs, string>> = {
  tick: 'the job of tick',
  item: 'item',
  request: 'request',
  task: 'queued job',
}

const TOLD: Readonly<Record<ToldOwner, string>> = {
  'not had': 'that it does not have the lock',
  'held by another': 'that another client holds the lock',
  'an error': 'nothing but an error',
  noscript: 'NOSCRIPT',
  'release refused': 'that its release was wrong',
  released: 'that it had released the lock',
  'not its own': 'that the lock was no longer its own',
}

/** What a lease said of itself that was not true. */
function statementWords(statement: Statement): string {
  const { client, name } = statement
  const its = statement.isQuorum ? 'majority' : 'key'
  switch (statement.kind) {
    case 'is held':
      return `${client}'s ${name} was still true at ${formatUs(statement.atUs)}${sinceWords(statement.sinceUs, its)}`
    case 'no signal': {
      const until = statement.signalledUs === null ? '' : `; it told at ${formatUs(statement.signalledUs)}`
      return `${client}'s ${name} had told of no loss at ${formatUs(statement.atUs)}${sinceWords(statement.sinceUs, its)}${until}`
    }
    case 'end':
      return `${client}'s ${name} said ${formatUs(statement.statedUs)}${statement.endedUs === null ? '' : `, and its ${its} ended at ${formatUs(statement.endedUs)}`}`
    default:
      return assertNever(statement)
  }
}

const sinceWords = (sinceUs: number | null, its: string): string =>
  sinceUs === null ? '' : `, ${formatUs(sinceUs)} after its ${its} had ended`
