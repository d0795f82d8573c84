/**
 * The storm as a list: each fault with its size to be changed, and where the verdict turns; below it what can happen to the message
 * that was clicked.
 */
import { symbolOf } from '../../text/status-word.ts'
import { durationText } from '../../text/time.ts'
import type { FaultLook, FaultSize, Look, Slack, Turn } from '../protocol.ts'
import { picked, plan, resized, setPlan, slacks, withFaults } from './state.ts'

export function Storm({ seen }: { readonly seen: Look }) {
  return (
    <section class="storm-list" aria-labelledby="storm-heading">
      <h2 id="storm-heading">The storm</h2>
      {seen.faults.length === 0 ? (
        <p class="soft">
          No fault. Drag a message, the end of a pause or a clock in the picture; or click a message to choose what
          happens to it.
        </p>
      ) : (
        <ol>
          {seen.faults.map((fault, index) => (
            <Fault
              key={`${index} ${fault.fault.kind} ${fault.at}`}
              look={fault}
              index={index}
              slack={slacks.value.get(index)}
            />
          ))}
        </ol>
      )}
      <Picked seen={seen} />
    </section>
  )
}

interface FaultProps {
  readonly look: FaultLook
  readonly index: number
  readonly slack: Slack | undefined
}

function Fault({ look, index, slack }: FaultProps) {
  const remove = (): void => withFaults(plan.value?.faults.toSpliced(index, 1) ?? [])
  return (
    <li>
      <p>
        <b>{look.words}</b> <span class="soft">{look.fault.at.kind === 'time' ? `at ${look.at}` : look.at}</span>
        {look.struckUs === null ? <span class="w unknown"> did not strike: that moment never came</span> : null}
        <button type="button" class="remove" onClick={remove} aria-label={`Remove: ${look.words}`}>
          ×
        </button>
      </p>
      {look.size === null ? null : <Size size={look.size} index={index} slack={slack} words={look.words} />}
    </li>
  )
}

interface SizeProps {
  readonly size: FaultSize
  readonly index: number
  readonly slack: Slack | undefined
  readonly words: string
}

function Size({ size: { key, us, isSigned, maxUs }, index, slack, words }: SizeProps) {
  const [least, most] = [isSigned ? -maxUs : 0, maxUs]
  const set = (ms: number): void => {
    if (plan.value !== null && Number.isFinite(ms)) setPlan(resized(plan.value, index, key, Math.round(ms * 1_000)))
  }
  const share = (at: number): string => `${(100 * (at - least)) / (most - least)}%`
  const band =
    slack === undefined
      ? { display: 'none' }
      : { left: share(slack.fromUs), right: `calc(100% - ${share(slack.untilUs)})` }
  return (
    <>
      <p class="size">
        <span class="track">
          <input
            type="range"
            min={least / 1_000}
            max={most / 1_000}
            step="1"
            value={us / 1_000}
            aria-label={`Size of: ${words}`}
            onChange={(event) => set(Number(event.currentTarget.value))}
          />
          <span class="band" style={band} />
        </span>
        {/* What is being typed stays when the slack is found meanwhile. */}
        <input
          key={us}
          type="number"
          step="1"
          defaultValue={us / 1_000}
          aria-label={`Milliseconds of: ${words}`}
          onChange={(event) => set(Number(event.currentTarget.value))}
        />
        ms
      </p>
      <p class="soft turns">
        {slack === undefined ? 'Looking for where the verdict turns …' : slackText(slack, least, most)}
      </p>
    </>
  )
}

/** `Nothing changes from 181 ms to 1.6 s. Below: ✓ valid.` */
function slackText({ fromUs, untilUs, below, above }: Slack, least: number, most: number): string {
  const from = fromUs <= least ? (least === 0 ? 'none at all' : sized(least)) : sized(fromUs)
  const until = untilUs >= most ? `${sized(most)}, the most that was tried` : sized(untilUs)
  const turns = [turnText(below, 'At'), turnText(above, 'At')].filter((text) => text !== '')
  return `Nothing changes from ${from} to ${until}. ${turns.join(' ')}`
}

const turnText = (turn: Turn | null, word: string): string =>
  turn === null
    ? ''
    : `${word} ${sized(turn.atUs)} the verdict turns: ${symbolOf(turn.word)} ${turn.sentence ?? turn.word}.`

const sized = (us: number): string => (us === 0 ? '0 ms' : `${us < 0 ? '−' : ''}${durationText(Math.abs(us))}`)

/** What can be made to happen at the message that was clicked. */
function Picked({ seen }: { readonly seen: Look }) {
  const index = picked.value
  const message = index === null ? null : (seen.messages[index] ?? null)
  const drawn = index === null ? undefined : seen.story.messages[index]
  if (message === null || drawn === undefined) return null
  return (
    <div class="picked-message" role="group" aria-label="What can happen to this message">
      <h3>
        {drawn.from} → {drawn.to}: <code>{drawn.label}</code>
      </h3>
      {drawn.site === undefined ? null : <p class="soft">sent by {drawn.site}</p>}
      <div class="menu">
        {message.faults.map(({ fault, words }) => (
          <button type="button" key={words} onClick={() => withFaults([...(plan.value?.faults ?? []), fault])}>
            {words}
          </button>
        ))}
      </div>
    </div>
  )
}
