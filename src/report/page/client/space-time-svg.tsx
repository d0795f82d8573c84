/** A drawn space-time diagram: the names of its lanes, which stay when it scrolls, and the drawing. */
import type { SpaceTime } from '../../../picture/space-time.ts'
import { fit } from '../../../text/width.ts'

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
