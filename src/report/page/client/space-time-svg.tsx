/** A drawn space-time diagram: the names of its lanes, which stay when it scrolls, the drawing, and what is in it. */
import type { ComponentChildren } from 'preact'
import { PATTERNS_ID } from '../../../picture/patterns.ts'
import type { SpaceTime } from '../../../picture/space-time.ts'
import type { Language } from '../../../text/language.ts'
import { fit } from '../../../text/width.ts'
import { WORDS } from './words.ts'

/** How many columns of a name are shown. */
const NAME_COLUMNS = 12

export const LaneNames = ({ drawn }: { readonly drawn: SpaceTime }) => (
  <div class="names" aria-hidden="true">
    {drawn.names.map(({ text, y }) => (
      <span key={text} style={{ top: `${y - 14}px` }}>
        {fit(text, NAME_COLUMNS)}
      </span>
    ))}
  </div>
)

/** @param label what is read aloud in its place */
export const Drawing = ({ drawn, label }: { readonly drawn: SpaceTime; readonly label: string }) => (
  <svg
    class="st-svg"
    width={drawn.width}
    height={drawn.height}
    viewBox={`0 0 ${drawn.width} ${drawn.height}`}
    role="img"
    aria-label={label}
    dangerouslySetInnerHTML={{ __html: drawn.body }}
  />
)

/** The kinds of things that are in it; below them what else there is to explain. */
export const Legend = ({
  drawn: { kinds, legend },
  language,
  children,
}: {
  readonly drawn: Pick<SpaceTime, 'kinds' | 'legend'>
  readonly language: Language
  readonly children?: ComponentChildren
}) => (
  <ul class="legend" aria-label={WORDS[language].legend}>
    {[...kinds].map((kind) => (
      <li key={kind}>
        <svg aria-hidden="true">
          <use href={`#${PATTERNS_ID}-${kind}`} />
        </svg>
        {legend[kind] ?? kind}
      </li>
    ))}
    {children}
  </ul>
)
