/** Sections of words, code and tables. */
import type { ComponentChildren } from 'preact'
import type { PagePart, PageSection, PageTable, PageText, TableCell } from '../page-data.ts'
import { Copy } from './copy.tsx'
import { Diff } from './diff.tsx'
import { data, language, termIn, textIn, words } from './state.ts'

export const Sections = ({ sections }: { readonly sections: readonly PageSection[] }) => (
  <>
    {sections.map(({ title, parts }) => (
      <section class="block" key={termIn(title)} aria-label={termIn(title)}>
        <h2>{termIn(title)}</h2>
        {parts.map((part, index) => (
          <Part key={`${index}`} part={part} title={title} />
        ))}
      </section>
    ))}
  </>
)

function Part({ part, title }: { readonly part: PagePart; readonly title: PageText }): ComponentChildren {
  switch (part.kind) {
    case 'text':
      return (
        <p>
          <Marked text={part.text} />
        </p>
      )
    case 'list':
      return (
        <ul class="method">
          {part.items.map((item) => (
            <li key={textIn(item)}>
              <Marked text={item} />
            </li>
          ))}
        </ul>
      )
    case 'code':
      return (
        <pre class="yaml" tabIndex={0} role="group" aria-label={termIn(title)}>
          {textIn(part.text)}
        </pre>
      )
    case 'diff':
      return <Diff lines={part.lines} label={termIn(title)} />
    case 'command':
      return <Copy text={part.text} what={words.value.again} />
    case 'hidden':
      return (
        <details>
          <summary>{part.summary}</summary>
          <p>{part.text}</p>
        </details>
      )
    case 'links':
      return (
        <ul class="method">
          {part.links.map(({ title: name, address }) => (
            <li key={address}>
              <a href={address}>{termIn(name)}</a>
            </li>
          ))}
        </ul>
      )
    case 'cards':
      return (
        <ul class="cards">
          {part.cards.map(({ title: name, address, text, mark }) => (
            <li key={address} class="card">
              <a href={address}>
                {mark === undefined ? null : <span class="mark">{mark}</span>}
                {termIn(name)}
              </a>
              <p>
                <Marked text={text} />
              </p>
            </li>
          ))}
        </ul>
      )
    case 'counts':
      return (
        <div class="card columns">
          {part.tables.map((table) => (
            <div key={table.title}>
              <h3>{termIn(table.title)}</h3>
              <TableView table={table} look="others counts" />
            </div>
          ))}
        </div>
      )
    case 'table':
      return (
        <div class="card">
          <div
            class="scroll"
            tabIndex={0}
            role="group"
            aria-label={part.table.title === '' ? termIn(title) : termIn(part.table.title)}
          >
            <TableView table={part.table} look={part.look === 'heat' ? 'heat' : 'others stack'} isCaptioned />
          </div>
        </div>
      )
  }
}

interface TableProps {
  readonly table: PageTable
  readonly look: string
  readonly isCaptioned?: boolean
}

const TableView = ({ table: { title, heads, rows }, look, isCaptioned = false }: TableProps) => (
  <table class={look}>
    {isCaptioned && title !== '' ? <caption>{title}</caption> : null}
    <thead>
      <tr>
        {heads.map((head) =>
          head === '' ? (
            <td key="" />
          ) : (
            <th scope="col" key={termIn(head)}>
              {termIn(head)}
            </th>
          ),
        )}
      </tr>
    </thead>
    <tbody>
      {rows.map(([head, ...cells], row) => (
        <tr key={`${row}`}>
          {head === undefined ? null : (
            <th scope="row" data-label={labelOf(heads[0])}>
              <bdi>{textIn(head.text)}</bdi>
            </th>
          )}
          {cells.map((cell, index) => (
            <td key={`${index}`} class={cell.look ?? ''} data-label={labelOf(heads[index + 1])}>
              <CellText cell={cell} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

/** What stands before a cell where a row is a card. */
const labelOf = (head: PageText | undefined): string | undefined => (head === undefined ? undefined : termIn(head))

const CellText = ({ cell: { text, small, command } }: { readonly cell: TableCell }) => (
  <>
    <Marked text={text} />
    {small === undefined ? null : <small> {small}</small>}
    {command === undefined ? null : <Copy text={command} what={words.value.again} />}
  </>
)

/** Text in which `code` and **bold** are marked. */
export const Marked = ({ text }: { readonly text: PageText }) => (
  // A page in one language has its texts in that one; a report has them in English.
  <span lang={typeof text === 'string' && language.value === 'zh' && data.value.language === null ? 'en' : undefined}>
    {textIn(text)
      .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
      .map((piece, index) => {
        if (index % 2 === 0) return piece
        return piece.startsWith('`') ? (
          <code key={`${index}`}>{piece.slice(1, -1)}</code>
        ) : (
          <b key={`${index}`}>{piece.slice(2, -2)}</b>
        )
      })}
  </span>
)
