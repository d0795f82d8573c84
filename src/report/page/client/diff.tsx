/** How code changes, a line each. */
import type { DiffLine } from '../../../text/line-diff.ts'

export const Diff = ({ lines, label }: { readonly lines: readonly DiffLine[]; readonly label: string }) => (
  <pre class="diff" tabIndex={0} role="group" aria-label={label}>
    {lines.map(({ sign, line }, index) => (
      <span key={`${index} ${line}`} class={sign === '-' ? 'goes' : sign === '+' ? 'comes' : ''}>
        {`${sign} ${line}\n`}
      </span>
    ))}
  </pre>
)
