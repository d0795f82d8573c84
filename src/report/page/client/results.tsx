/**
 * Below the story: the filter, and what it lets through – the matrix of a run, the findings of a hunt.
 */
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { CELL_WORDS, type CellWord, symbolOf } from '../../../text/status-word.ts'
import type { PageCell, PageMatrix, PageText } from '../page-data.ts'
import { data, filter, fits, language, listed, open, openStory, searched, textIn, words } from './state.ts'
import { Told } from './told.tsx'

export function Results() {
  const say = words.value
  return (
    <section class="block" aria-labelledby="results">
      <h2 id="results">{say.results[data.value.kind] ?? ''}</h2>
      <FilterBar />
      {data.value.tables.map((table) => (
        <Matrix key={textIn(table.caption)} table={table} />
      ))}
      <StoryList />
      <ul class="key">
        {CELL_WORDS.filter((word) => data.value.counts.some(([counted]) => counted === word)).map((word) => (
          <li key={word}>
            <Verdict word={word} />: {say.meanings[word]}
          </li>
        ))}
      </ul>
    </section>
  )
}

export const Verdict = ({ word }: { readonly word: CellWord }) => (
  <span class={`w ${word}`}>
    {symbolOf(word)}&nbsp;{words.value.verdicts[word]}
  </span>
)

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort()
/** What can be chosen: what occurs. */
const choices = () => ({
  properties: unique(data.value.stories.flatMap(({ violations }) => violations.map(({ property }) => property))),
  subjects: unique([
    ...data.value.stories.map(({ subject }) => subject),
    ...data.value.tables.flatMap(({ cells }) => cells.map(({ subject }) => subject)),
  ]),
  verdicts: CELL_WORDS.filter(
    (word) =>
      data.value.stories.some((story) => story.word === word) ||
      data.value.tables.some(({ cells }) => cells.some((cell) => cell.word === word)),
  ),
})

function FilterBar() {
  const say = words.value
  const { properties, subjects, verdicts } = useMemo(choices, [])
  const choice = (label: string, name: 'property' | 'subject' | 'verdict', options: readonly string[]) => (
    <label>
      {label}{' '}
      <select
        value={filter.value[name]}
        onChange={(event) => {
          filter.value = { ...filter.value, [name]: event.currentTarget.value }
        }}
      >
        <option value="">{say.any}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {name === 'verdict' ? say.verdicts[option as CellWord] : option}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <search class="filter" aria-label={say.filter}>
      <label>
        {say.byWord}{' '}
        <input
          type="search"
          value={filter.value.word}
          onInput={(event) => {
            filter.value = { ...filter.value, word: event.currentTarget.value }
          }}
        />
      </label>
      {choice(say.byProperty, 'property', properties)}
      {subjects.length > 1 ? choice(say.bySubject, 'subject', subjects) : null}
      {verdicts.length > 1 ? choice(say.byVerdict, 'verdict', verdicts) : null}
      <span class="soft" aria-live="polite">
        {say.shown(listed.value.length, data.value.stories.length)}
      </span>
    </search>
  )
}

const fitsCell = (cell: PageCell, titles: string): boolean => {
  const story = cell.story === null ? undefined : data.value.stories[cell.story]
  const text = `${cell.row} ${cell.column} ${titles} ${textIn(cell.note)}`
  const known = story === undefined ? { properties: [], text: '' } : searched(story)
  return fits(filter.value, {
    subject: cell.subject,
    word: cell.word,
    properties: known.properties,
    text: `${text} ${known.text}`,
  })
}

/** More columns than this are set smaller. */
const WIDE_COLUMNS_MAX = 6

function Matrix({ table: { caption, rows, columns, cells } }: { readonly table: PageMatrix }) {
  const say = words.value
  // Scenarios have their titles, and locks their commands, in English alone.
  const tipLanguage = (title: PageText) => (typeof title === 'string' && language.value !== 'en' ? 'en' : undefined)
  const titles = new Map(rows.map(({ name, title }) => [name, textIn(title)]))
  const shown = new Map<string, { readonly cell: PageCell; readonly isFitting: boolean }>()
  const at = (row: string, column: string): string => `${row}\u0000${column}`
  for (const cell of cells) {
    shown.set(at(cell.row, cell.column), { cell, isFitting: fitsCell(cell, titles.get(cell.row) ?? '') })
  }
  const fitting = [...shown.values()].filter(({ isFitting }) => isFitting).map(({ cell }) => cell)
  const shownRows = new Set(fitting.map(({ row }) => row))
  const shownColumns = new Set(fitting.map(({ column }) => column))
  const heads = columns.filter(({ name }) => shownColumns.has(name))
  if (fitting.length === 0) return null
  return (
    <div
      class="card matrix-box"
      tabIndex={0}
      role="group"
      aria-label={`${say.workload(data.value.kind)}${textIn(caption)}`}
    >
      <table class={`matrix${heads.length > WIDE_COLUMNS_MAX ? ' dense' : ''}`}>
        <caption>
          {say.workload(data.value.kind)}
          {textIn(caption)}
        </caption>
        <thead>
          <tr>
            <td />
            {heads.map(({ name, title }) => (
              <th scope="col" key={name} title={textIn(title)} lang={tipLanguage(title)}>
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name: row, title }) =>
            shownRows.has(row) ? (
              <tr key={row}>
                <th scope="row" title={textIn(title)} lang={tipLanguage(title)}>
                  <bdi>{row}</bdi>
                </th>
                {heads.map(({ name: column }) => {
                  const found = shown.get(at(row, column))
                  return (
                    <td key={column} class={found?.isFitting === false ? 'faded' : ''}>
                      <CellView cell={found?.cell} />
                    </td>
                  )
                })}
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </div>
  )
}

function CellView({ cell }: { readonly cell: PageCell | undefined }) {
  const say = words.value
  if (cell === undefined)
    return (
      <span class="soft">
        –<span class="vh"> {say.notRun}</span>
      </span>
    )
  const look = `${cell.word}${cell.isExpected ? '' : ' unexpected'}`
  const inside = (
    <>
      {cell.text === undefined ? (
        <Verdict word={cell.word} />
      ) : (
        <span class={`w ${cell.word}`}>
          {symbolOf(cell.word)}&nbsp;{textIn(cell.text)}
        </span>
      )}
      {cell.isExpected ? null : <small>{say.unexpected}</small>}
    </>
  )
  if (cell.story === null)
    return (
      <span class={look} title={textIn(cell.note)}>
        {inside}
      </span>
    )
  const { story } = cell
  return (
    <a
      class={look}
      href={`#${encodeURI(data.value.stories[story]!.id)}`}
      aria-current={open.value === story ? 'true' : undefined}
      onClick={(event) => show(event, story)}
    >
      {inside}
    </a>
  )
}

/** Opens a story and brings it into sight. */
export function show(event: Event | null, index: number): void {
  event?.preventDefault()
  openStory(index)
  const article = document.getElementById('story')
  article?.scrollIntoView()
  article?.focus({ preventScroll: true })
}

const LISTED_FIRST = 12

/** The stories that the filter lets through, in a line each. */
function StoryList() {
  const say = words.value
  const isWhole = useSignal(false)
  const all = listed.value
  const some = isWhole.value ? all : all.slice(0, LISTED_FIRST)
  if (data.value.stories.length === 0) return null
  if (all.length === 0) return <p class="soft">{say.nothingFits}</p>
  return (
    <div class="card">
      <ol class="list">
        {some.map((index) => {
          const { id, subject, place, word, violations } = data.value.stories[index]!
          const [worst] = violations
          return (
            <li key={id} value={index + 1}>
              <a
                href={`#${encodeURI(id)}`}
                aria-current={open.value === index ? 'true' : undefined}
                onClick={(event) => show(event, index)}
              >
                <Verdict word={word} />{' '}
                <b>{data.value.kind === 'hunt' ? worst && textIn(worst.heading) : <bdi>{subject}</bdi>}</b>{' '}
                {data.value.kind === 'hunt' ? null : (
                  <span class="soft">
                    {say.inPlace} <bdi>{textIn(place)}</bdi>
                  </span>
                )}
                <span class="told">{worst === undefined ? null : textIn(worst.sentence)}</span>
                {data.value.kind === 'hunt' && place !== '' ? (
                  <span class="soft">
                    <Told text={place} />
                  </span>
                ) : null}
              </a>
            </li>
          )
        })}
      </ol>
      {all.length > some.length ? (
        <button
          type="button"
          onClick={() => {
            isWhole.value = true
          }}
        >
          {say.shown(some.length, all.length)} …
        </button>
      ) : null}
    </div>
  )
}
