/** The hatchings of pictures, and what a legend shows of each kind of thing in them. */

/** What the ids of the swatches begin with. */
export const PATTERNS_ID = 'l'

const SWATCHES: readonly (readonly [kind: string, drawing: string])[] = [
  ['belief', '<rect class="b o0" x="1" y="2" width="24" height="10"/>'],
  ['truth', '<rect class="t o0" x="1" y="3" width="24" height="8"/>'],
  ['copy', '<rect class="t copy o0" x="1" y="3" width="24" height="8"/>'],
  ['state', '<rect class="t o0" x="1" y="3" width="24" height="8"/>'],
  ['overlap', '<rect class="hatch" x="1" y="2" width="24" height="10"/>'],
  ['effect', '<path class="e o0" d="M8 7l5 -5l5 5l-5 5z"/>'],
  ['refused', '<path class="r o0" d="M8 7l5 -5l5 5l-5 5zm3 -3l4 6m0 -6l-4 6"/>'],
  ['operation', '<path class="op o0" d="M13 7h0"/>'],
  ['message', '<path class="m o0" d="M4 1L21 12l-6 -1M21 12l-3 -5"/>'],
  ['guilty', '<path class="m guilty" d="M4 1L21 12l-6 -1M21 12l-3 -5"/>'],
  ['lost', '<path class="m lost" d="M4 1L15 8m-3.5 -3.5l7 7m0 -7l-7 7"/>'],
  ['pause', '<rect class="pause" x="1" y="1" width="24" height="12"/>'],
  ['crash', '<rect class="crash" x="1" y="1" width="24" height="12"/>'],
  ['partition', '<path class="partition" d="M1 7h7m11 0h7"/><path class="broken" d="M9 11l3 -8m2 8l3 -8"/>'],
  ['skew', '<path class="skew" d="M1 7h24"/>'],
  ['fault', '<rect class="f" x="1" y="2" width="24" height="10"/>'],
  ['break', '<path class="slash" d="M12 1l-3 12m8 -12l-3 12"/>'],
]

/** The `<defs>` of them. */
export const PATTERNS = `<defs>
<pattern id="p-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hs" d="M0 0V7"/></pattern>
<pattern id="p-pause" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="pb" width="6" height="6"/><circle class="pd" cx="1.5" cy="1.5" r="1"/></pattern>
<pattern id="p-crash" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="pb" width="8" height="8"/><path class="cs" d="M0 0V8"/></pattern>
${SWATCHES.map(([kind, drawing]) => `<symbol id="${PATTERNS_ID}-${kind}" viewBox="0 0 26 14">${drawing}</symbol>`).join('')}
</defs>`
