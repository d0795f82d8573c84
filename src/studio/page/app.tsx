/** The page: what is under test, the verdict of its world, the picture, the storm. */
import { computed } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useCopied } from '../../report/page/client/use-copied.ts'
import { symbolOf } from '../../text/status-word.ts'
import type { Plan } from '../../world/plan.ts'
import type { Look } from '../protocol.ts'
import { terminalCommand } from './command.ts'
import { Editor } from './editor.tsx'
import { Hunt } from './hunt.tsx'
import { drag, Picture, sentenceOf } from './picture.tsx'
import {
  catalogue,
  choices,
  choose,
  chosen,
  fitting,
  isNamed,
  isOwn,
  look,
  openCalm,
  openScenario,
  plan,
  preview,
  problem,
  scenario,
  setPlan,
  sourceOf,
  text,
} from './state.ts'
import { Storm } from './storm.tsx'

export function App() {
  const seen = look.value
  return (
    <>
      <a class="skip" href="#verdict">
        To the verdict
      </a>
      <header class="bar-top">
        <p class="brand">
          {LOGO}
          lockstorm <span>studio</span>
        </p>
        <Choices />
      </header>
      <div class="panes">
        <main class="stage" aria-busy={seen === null}>
          {seen === null ? (
            <p class="soft starting">{problem.value ?? 'The simulator starts …'}</p>
          ) : (
            <>
              <Verdict seen={seen} />
              <Picture seen={seen} />
              <div class="below">
                <Storm seen={seen} />
                <div>
                  <Hunt />
                  <Again seen={seen} />
                </div>
              </div>
            </>
          )}
        </main>
        <aside class="code" aria-label="The code under test">
          <p class="file">
            <b>{isOwn.value ? 'my-lock.ts' : chosen.value}</b>
            <span class="soft">
              {isOwn.value
                ? 'yours: it runs only in this page'
                : `${isNamed.value ? 'built in' : 'of a lesson'}: edit it, and it is yours`}
            </span>
            {isOwn.value ? (
              <button
                type="button"
                onClick={() => {
                  text.value = sourceOf(chosen.value)
                }}
              >
                Back to {chosen.value}
              </button>
            ) : null}
          </p>
          <Editor />
        </aside>
      </div>
    </>
  )
}

const LOGO = (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <rect x="4" y="10" width="16" height="11" rx="2.5" fill="none" stroke="currentColor" stroke-width="2" />
    <path d="M8 10V7a4 4 0 0 1 8 0v3" fill="none" stroke="currentColor" stroke-width="2" />
    <path d="M13 11.5l-3.2 4.2h2.6l-1 3.6 3.4-4.4h-2.6z" fill="var(--violated)" />
  </svg>
)

/** What can be chosen, by its group. */
const groups = computed(() =>
  [...new Set(choices.value.map(({ group }) => group))].map((group) => ({
    group,
    members: choices.value.filter((choice) => choice.group === group),
  })),
)

const scenarios = computed(() => {
  const known = catalogue.value?.scenarios ?? []
  return fitting.value.flatMap((name) => known.find((each) => each.name === name) ?? [])
})

const GROUPS: Readonly<Record<string, string>> = {
  lock: 'Locks',
  session: 'Session stores',
  'job-queue': 'Job queues',
  'leader-election': 'Leader elections',
  'read-write-lock': 'Read-write locks',
  lesson: 'Lessons',
}

function Choices() {
  return (
    <div class="choices">
      <Field label="Code">
        <select value={chosen.value} onChange={(event) => void choose(event.currentTarget.value)}>
          {groups.value.map(({ group, members }) => (
            <optgroup key={group} label={GROUPS[group] ?? group}>
              {members.map(({ name, label, title, lacks }) => (
                <option key={name} value={name} title={title} disabled={lacks !== null}>
                  {label}
                  {lacks === null ? '' : ` (${lacks}: lockstorm learn)`}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </Field>
      <Field label="Storm">
        <select
          value={scenario.value}
          onChange={({ currentTarget: { value } }) => void (value === '' ? openCalm() : openScenario(value))}
        >
          <option value="">{plan.value?.faults.length === 0 ? 'calm' : 'your own; choose for a calm one'}</option>
          {scenarios.value.map(({ name, title }) => (
            <option key={name} value={name} title={title}>
              {/* The storm of a lesson has no name but its file. */}
              {name.startsWith('lessons/') ? title : name}
            </option>
          ))}
        </select>
      </Field>
      <Settings />
    </div>
  )
}

function Field({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  )
}

/** What of a plan is a number that people change: clients, lease, seed. */
function Settings() {
  const planned = plan.value
  if (planned === null) return null
  const set = (changes: Partial<Plan>): void => {
    scenario.value = ''
    setPlan({ ...planned, ...changes })
  }
  const { clients, ttlMs, settleUs, seed } = planned
  return (
    <>
      <Field label="Clients">
        <input
          type="number"
          min="1"
          max="12"
          value={clients}
          onChange={({ currentTarget: { value } }) => set(withClients(planned, Number(value)))}
        />
      </Field>
      <Field label="Lease, ms">
        <input
          type="number"
          min="1"
          value={ttlMs}
          onChange={({ currentTarget: { value } }) => {
            const ms = Math.max(1, Math.round(Number(value)))
            set({ ttlMs: ms, settleUs: Math.ceil((settleUs * ms) / ttlMs) })
          }}
        />
      </Field>
      <Field label="Seed">
        <input class="seed" value={seed} onChange={({ currentTarget: { value } }) => set({ seed: value })} />
      </Field>
    </>
  )
}

/** So many clients, without the faults of those that are gone. */
function withClients(planned: Plan, count: number): Partial<Plan> {
  const clients = Math.min(12, Math.max(1, Math.round(count)))
  const gone = 'ABCDEFGHIJKL'.slice(clients)
  const isAboutGone = (value: unknown): boolean =>
    typeof value === 'string'
      ? value.length === 1 && gone.includes(value)
      : typeof value === 'object' && value !== null && Object.values(value).some(isAboutGone)
  return { clients, faults: planned.faults.filter(({ settings, at }) => !isAboutGone(settings) && !isAboutGone(at)) }
}

function Verdict({ seen }: { readonly seen: Look }) {
  const shown = preview.value ?? seen
  const [worst] = shown.violations
  const held = drag.value
  const word = shown.word === 'bug' || shown.word === 'limit' ? 'violated' : shown.word
  return (
    <section id="verdict" class={`verdict ${word}${preview.value === null ? '' : ' trying'}`} aria-live="polite">
      {problem.value === null ? null : (
        <p class="problem" role="alert">
          <b>The code:</b> {problem.value}
        </p>
      )}
      <h1>
        <span class={`w ${word}`}>
          {symbolOf(shown.word)} {worst === undefined ? shown.word : `${worst.heading}:`}
        </span>{' '}
        {sentenceOf(shown)}
      </h1>
      <p class="why">
        {held === null ? null : <b class="held">{held.label}. </b>}
        {worst === undefined ? (
          shown.subject.title
        ) : (
          <>
            {worst.why} {worst.needs}
          </>
        )}
      </p>
    </section>
  )
}

function Again({ seen }: { readonly seen: Look }) {
  const command = seen.token === null ? '' : terminalCommand(seen.token, isNamed.value ? null : text.value)
  const [isCopied, copy] = useCopied(command)
  if (seen.token === null) return null
  return (
    <section class="again" aria-labelledby="again-heading">
      <h2 id="again-heading">Replay in the terminal</h2>
      <pre class="command" tabIndex={0} role="group" aria-label="The command">
        {command}
      </pre>
      <button type="button" onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
      <p class="soft">
        History <code>{seen.historyHash.slice(0, 16)}</code>, the same there. The address of this page holds all of it:
        code, storm and seed.
      </p>
    </section>
  )
}
