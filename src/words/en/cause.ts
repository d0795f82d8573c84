/** Why it happened, in English: one or two sentences for each cause. */
import type { Cause, During, Place, UntimelyEnd, Votes } from '../../check/cause.ts'
import { majorityOf } from '../../history/backing.ts'
import type { Service } from '../../history/history.ts'
import type { Circumstance } from '../../history/running.ts'
import { assertNever } from '../../sim/assert.ts'
import { formatUs } from '../../sim/units.ts'
import { asked, askedFirst } from './asked.ts'

/** Why it happened. */
export function causeWords(cause: Cause, service: Service | undefined): string {
  switch (cause.kind) {
    case 'never-granted':
      return cause.votes === null
        ? `${askedFirst(service)} never had ${cause.client}'s token: its acquire did not take the lock.`
        : `${cause.votes.had} of ${cause.votes.of} nodes had ${cause.client}'s token, and ${majorityOf(cause.votes.of)} are a majority: its acquire did not take the lock.`
    case 'taken-away':
      return takenAway(cause) + restWords(cause.votes)
    case 'redis-lost-it':
      return `${endsWords(cause.ends, cause.client)}.${restWords(cause.votes)}`
    case 'granted-too-late':
      return `${cause.client} was told that it has the lock ${formatUs(cause.lateUs)} after its lease had ended: the lock did not check how long ${cause.isQuorum ? 'the votes' : 'the reply'} had taken.`
    case 'lease-overstated':
      return `${cause.client}'s lease claimed to last ${formatUs(cause.byUs)} longer than the key in ${placeWords(cause.place)}.`
    case 'client-clock-moved':
      return `${cause.client} measured its lease on a ${cause.clock} clock that was moved; the key in ${placeWords(cause.place)} had ended.`
    case 'loss-not-noticed':
      return `${cause.client}'s lease of ${formatUs(cause.leaseUs)} ended ${duringWords(cause.during, cause.client)}; ${cause.client} was running, and did not compare the lease with the clock.`
    case 'lease-ended':
      return `${cause.client}'s lease of ${formatUs(cause.leaseUs)} ended ${duringWords(cause.during, cause.client)}, and ${cause.client} did not know.`
    case 'work-outlives-lease':
      return `${cause.client}'s work outlives its lease of ${formatUs(cause.leaseUs)}, and nothing renews it${cause.didAsk ? '' : `; ${cause.client} went on without asking its lease`}. No fault held ${cause.client} up.`
    case 'granted-while-held':
      return `${cause.later} was told that it has the lock while ${cause.isQuorum ? 'a majority of the nodes' : asked(service)} still had ${cause.holder}'s token.`
    case 'fence-not-drawn-with-grant':
      return 'The token is not drawn in the same step that takes the lock, or the counter was lost.'
    case 'fence-not-checked':
      return 'The resource does not check fencing tokens.'
    case 'token-not-compared':
      return `The command of ${cause.by} does not compare the key's token with its own.`
    case 'not-takeable':
      return 'No client believed in it any more, all faults were over, and its lease had ended twice over.'
    case 'no-expiry':
      return cause.hasEnded
        ? `${cause.owner} ended after it had taken the key and before it gave it an expiry.`
        : `${cause.owner} took the key and never gave it an expiry.`
    case 'prolonged-by-waiters':
      return `${cause.helpers.length === 1 ? cause.helpers[0] : `${cause.helpers[0]} and ${cause.helpers.length - 1} more`} prolonged it while waiting for it.`
    case 'attempt-misread':
      return 'The command was applied, and the caller was told no: the reply was misread, or lost and the command sent again, which met its own token.'
    case 'attempt-not-taken-back':
      return `The attempt failed for the caller and succeeded in ${asked(service)}, and the lock did not take it back.`
    case 'votes-not-taken-back':
      return 'The attempt failed, and the lock did not take its votes back.'
    case 'script-forgotten':
      return 'It releases by EVALSHA and does not send the script when the server has forgotten it.'
    case 'release-refused':
      return `${askedFirst(service)} refused it: ${cause.reply}`
    case 'release-without-effect':
      return 'The release reported success without removing the key.'
    case 'release-gave-up':
      return `The release gave up without asking ${asked(service)} whose key it is, or asked with another token.`
    case 'own-token-blocks':
      return 'The command was applied and its reply lost; each further attempt met its own token and took it for the token of another client.'
    case 'votes-kept':
      return cause.reasons.map((reason) => causeWords(reason, service)).join(' ')
    case 'never-settled':
      return cause.isEveryCall
        ? 'The promise was neither resolved nor rejected, nor was any other: it waits for something that the simulator does not control, such as a file, a real socket or a worker, or for nothing at all.'
        : 'The promise was neither resolved nor rejected.'
    case 'minority-awaited':
      return 'A node that does not answer needs a timeout that is small beside the TTL; the majority is enough.'
    case 'signal-late':
      return `For ${formatUs(cause.runningUs)} of that it was running and could reach ${asked(service)}; one lease is ${formatUs(cause.leaseUs)}.`
    case 'no-drift-margin':
      return `The server's clock ran ${formatUs(cause.aheadUs)} ahead within the lease, which is drift, and the lease leaves no margin for it.`
    case 'counted-on-wrong-clock':
      return `It was counted on ${cause.client}'s ${cause.clock} clock, and that clock was moved, or it began to count after the server did.`
    case 'taken-again-late':
      return `Another command of its client reached ${asked(service)} ${formatUs(cause.afterUs)} after the release had begun, and took the lock again.`
    case 'one-too-many-let-in':
      return `${cause.later} was let in while ${cause.limit} others held it.`
    case 'second-answer-taken-for-failure':
      return `The reply was lost, and the command sent again, which found nothing left: ${formatUs(cause.afterUs)} after the release was done that was taken for a failure.`
    case 'no-queue':
      return `At most ${cause.bypassesMax} were allowed. Nothing in the lock keeps the order in which clients came.`
    case 'retried-in-step':
      return 'No fault was there: each gave back what it had and asked again after the same time as the others. A random wait before the next round ends that.'
    case 'uncaught':
      return `It was not caught (${cause.origin}).`
    case 'exit-called':
      return 'The code called process.exit.'
    case 'turn-never-ends':
      return 'A turn of its event loop never ended: in a real process nothing else would run any more.'
    case 'memory-used-up':
      return 'The worker that ran this world was ended by its memory limit.'
    case 'same-value-read':
      return 'Two holders read the same value and both wrote one more.'
    case 'let-in-beside':
      return `${cause.later} was let in while ${cause.holder} held it and its lease had not ended.`
    case 'lead-not-kept':
      return `${cause.client} was running and could reach ${asked(service)} all the time: the election did not keep its lead, or another candidate took it away.`
    case 'elected-too-late':
      return `${cause.client} was told that it leads after its lease had ended: the election did not check how long the reply had taken.`
    case 'deposed-unnoticed':
      return `For ${formatUs(cause.runningUs)} of that ${cause.client} was running: its own clock showed that its lease was over, and the election did not look.`
    case 'lead-forgotten':
      return cause.how === 'clock ahead'
        ? `${cause.node}'s clock ran ahead: ${cause.client}'s lease ended early, and ${cause.client} could not know.`
        : `${cause.node} forgot that ${cause.client} leads (${cause.how}).`
    case 'term-not-drawn':
      return 'The term is not drawn in the same step that elects.'
    case 'term-forgotten':
      return `${cause.node} forgot the last term (${cause.how}).`
    case 'none-elected':
      return 'All faults were over, no other client campaigned, and the last lease had ended twice over.'
    case 'campaign-given-up':
      return 'All faults were over, and a campaign that was begun then was elected: this one does not ask any more, or too seldom.'
    case 'claim-not-kept':
      return `${cause.client} was running and could reach ${asked(service)} all the time: the queue did not keep its claim on the job.`
    case 'claim-too-late':
      return `${cause.client} was given the job after its claim on it had ended: the queue did not check how long the reply had taken.`
    case 'claim-ended':
      return `${cause.client}'s claim of ${formatUs(cause.leaseUs)} on the job ended ${duringWords(cause.during, cause.client)}, and ${cause.client} did not know.`
    case 'claim-forgotten':
      return cause.how === 'clock ahead'
        ? `${cause.node}'s clock jumped ahead: ${cause.client}'s claim on the job ended early, and ${cause.client} could not know.`
        : `${cause.node} forgot ${cause.client}'s claim on the job (${cause.how}).`
    case 'job-gone':
      return cause.worker === null
        ? `Its add was acknowledged, ${asked(service)} forgot nothing, and no worker was ever given it.`
        : `${cause.worker} had taken it and ended: the queue did not give it to another worker.`
    case 'job-forgotten':
      return `${cause.node} forgot it (${cause.how}).`
    case 'done-not-kept':
      return `${cause.first} had run it to its end, nothing went wrong, and the queue gave it out once more.`
    case 'run-not-recorded':
      return `${cause.first} had run it and nothing said so: it ended, or failed, before that was recorded.`
    case 'lock-forgets':
      return `${cause.first} was done and the lock was free when ${cause.again} came. A lock does not remember what was done under it.`
    case 'filled-by-nobody':
      return 'No client filled that value in after it had been changed.'
    case 'writer-without-lock':
      return `${cause.filler} had read it before the change and filled it in after. ${cause.writer} does not take the lock, so no lock prevents it: fence the fill.`
    case 'filled-while-both-held':
      return `${cause.filler} filled it in, and ${cause.writer} changed it, while both had the lock.`
    case 'session-id-kept':
      return `The stranger had planted a cookie of its own before ${cause.user} logged in, and the login kept that session's id.`
    case 'session-shared':
      return 'The two share a session.'
    case 'older-copy-stored':
      return 'Another request had loaded the session before this change and stored its own copy of the whole after it.'
    case 'session-let-go':
      return `${cause.node} let the session go (${cause.how}), and nothing else has it.`
    case 'session-gone':
      return 'The session was neither destroyed nor idle for its time to live.'
    case 'logout-forgotten':
      return cause.how === 'restart'
        ? `${cause.node} started again with what was on its disk, which is older than the logout.`
        : `The server that is the primary now had not heard of the logout, which ${cause.node} forgot (${cause.how}).`
    case 'stored-after-logout':
      return cause.writer === null
        ? 'Something stored it again after it was destroyed.'
        : `${cause.writer} had loaded it before the logout and stored it after.`
    case 'older-copy-read':
      return 'The load was answered from a copy that was older than the acknowledgement.'
    case 'no-order-explains-it':
      return 'No order of the acknowledged changes explains every answer.'
    default:
      return assertNever(cause)
  }
}

function takenAway({ client, by, how }: Extract<Cause, { kind: 'taken-away' }>): string {
  switch (how) {
    case 'overwritten':
      return `${by} overwrote ${client}'s key while it was live.`
    case 'displaced':
      return `${by} went before ${client} in the queue.`
    case 'deleted':
      return by === client
        ? `A command of ${client}'s own deleted the key while it was live.`
        : `${by} deleted ${client}'s key while it was live.`
    default:
      return assertNever(how)
  }
}

/** Of a quorum lock: how many nodes were left. */
const restWords = (votes: Votes | null): string =>
  votes === null ? '' : ` Only ${votes.had} of ${votes.of} nodes still had its token.`

/** Of a clock that ran ahead no client can know. */
const endsWords = (ends: readonly UntimelyEnd[], client: string): string =>
  ends.map((end) => endWords(end, client)).join('; ') +
  (ends.some(({ how }) => how === 'clock ahead') ? `, and ${client} could not know` : '')

function endWords(end: UntimelyEnd, client: string): string {
  switch (end.how) {
    case 'eviction':
      return `${end.node} evicted ${client}'s key to save memory`
    case 'flush':
      return `FLUSHALL on ${end.node} took ${client}'s key`
    case 'restart':
      return `${end.node} restarted and had forgotten ${client}'s key`
    case 'failover':
      return `a failover took ${client}'s key: what ${end.node} had acknowledged was not, or no longer, on the server that is the primary`
    case 'clock ahead':
      return `${end.node}'s clock ran ahead: the key lived ${formatUs(end.livedUs)} of its ${formatUs(end.ttlUs)}`
    default:
      return assertNever(end)
  }
}

/** A node, or a majority of several. */
export const placeWords = (place: Place): string =>
  'node' in place ? place.node : `a majority of the ${place.majorityOf} nodes`

const CIRCUMSTANCES: Readonly<Record<Circumstance, (client: string) => string>> = {
  paused: (client) => `${client} was paused`,
  working: (client) => `${client} was still working`,
  'cut off': (client) => `${client} was cut off`,
  'message under way': (client) => `a message of ${client} was under way`,
}

const duringWords = ({ when, circumstance }: During, client: string): string =>
  circumstance === null ? `before ${client} was done` : `${when} ${CIRCUMSTANCES[circumstance](client)}`
