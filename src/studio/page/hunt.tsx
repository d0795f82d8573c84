/** The hunt: begun and stopped here; each finding opens its smallest storm. */
import { useSignal } from '@preact/signals'
import { countText } from '../../text/time.ts'
import type { HuntFinding } from '../protocol.ts'
import { hunted, isHunting, scenario, setPlan, startHunt, stopHunt } from './state.ts'

export function Hunt() {
  const faults = useSignal<1 | 2>(1)
  const found = hunted.value
  return (
    <section class="hunt" aria-labelledby="hunt-heading">
      <h2 id="hunt-heading">Find the smallest storm</h2>
      <p class="actions">
        {isHunting.value ? (
          <button type="button" onClick={stopHunt}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" onClick={() => void startHunt(faults.value)}>
            Hunt
          </button>
        )}
        <label>
          <select
            aria-label="How many faults"
            value={faults.value}
            disabled={isHunting.value}
            onChange={({ currentTarget: { value } }) => {
              faults.value = value === '2' ? 2 : 1
            }}
          >
            <option value="1">every storm of one fault</option>
            <option value="2">also some of two</option>
          </select>
        </label>
      </p>
      {found === null ? (
        <p class="soft">
          Every order of arrivals, other latencies, and each fault at each message of this code, from these settings.
        </p>
      ) : (
        <>
          <p class="soft" role="status">
            {found.claim ?? progressText(found.tried, found.planned)}
            {found.findings.length === 0 && found.claim !== null ? ' Nothing was violated in any of them.' : ''}
          </p>
          {isHunting.value && found.planned !== null ? <progress max={found.planned} value={found.tried} /> : null}
          <ol>
            {found.findings.map((finding) => (
              <FindingItem key={finding.key} finding={finding} />
            ))}
          </ol>
        </>
      )}
    </section>
  )
}

const progressText = (tried: number, planned: number | null): string =>
  planned !== null && tried >= planned
    ? `${countText(tried)} storms were run; what was found is made small …`
    : `${countText(tried)}${planned === null ? '' : ` of ${countText(planned)}`} storms …`

function FindingItem({ finding: { kind, heading, sentence, plan, storm, cures } }: { readonly finding: HuntFinding }) {
  const show = (): void => {
    scenario.value = ''
    setPlan({ ...plan, client: 'direct' })
  }
  return (
    <li>
      <p>
        <b class="w violated">✗ {heading}</b> <span class="soft">({kind})</span>: {sentence}
      </p>
      <p class="soft">{storm.length === 0 ? 'No fault at all.' : storm.join('; then ')}</p>
      {cures.length === 0 ? null : <p class="soft">Cured by: {cures.join('; or ')}.</p>}
      <button type="button" onClick={show}>
        Show this storm
      </button>
    </li>
  )
}
