/** What a reader is shown and asked before the story is told: the code, the storm, what will come of it. */
import type { PageQuestion } from '../page-data.ts'
import { Marked, Sections } from './parts.tsx'
import { guess, words } from './state.ts'

export function Question({ question: { before, ask, choices, answer } }: { readonly question: PageQuestion }) {
  const say = words.value
  const made = guess.value
  const right = choices[answer] ?? ''
  return (
    <>
      <div class="question">
        <Sections sections={before} />
      </div>
      <section class="block" aria-labelledby="predict">
        <h2 id="predict">{say.predict}</h2>
        <p>
          <Marked text={ask} />
        </p>
        <ol class="answers">
          {choices.map((choice, index) => (
            <li key={choice} value={index + 1}>
              <button
                type="button"
                aria-pressed={made === index}
                class={made !== null && index === answer ? 'right' : ''}
                onClick={() => {
                  guess.value = index
                }}
              >
                <b>{index + 1}</b> {choice}
              </button>
            </li>
          ))}
        </ol>
        <p class="answer" aria-live="polite">
          {made === null ? (
            <button
              type="button"
              onClick={() => {
                guess.value = -1
              }}
            >
              {say.tellMe}
            </button>
          ) : made === answer ? (
            <b class="w valid">✓ {say.right}</b>
          ) : (
            <b class="w">{made < 0 ? say.answerIs(answer + 1, right) : say.wrong(answer + 1, right)}</b>
          )}
        </p>
      </section>
    </>
  )
}
