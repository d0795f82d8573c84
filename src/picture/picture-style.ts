/**
 * The colours of pages and pictures, light and dark, and the style sheet of a space-time diagram.
 *
 * Okabe and Ito's colours, told apart with any colour vision; every state has a word, a symbol or a hatching as well.
 * Contrast of text is at least 4.5 to 1 in both themes.
 *
 * Source: https://jfly.uni-koeln.de/color/
 */

const LIGHT = `
  --bg: #f6f5f1; --card: #ffffff; --ink: #1c2126; --soft: #59636e; --rule: #dfdcd3; --lane: #faf9f6; --code: #f1efe9;
  --violated: #d55e00; --violated-ink: #a64300; --violated-bg: #fdf0e6;
  --amber: #e69f00; --amber-ink: #7a5600; --amber-bg: #fdf6e3;
  --valid: #0072b2; --valid-ink: #005c91; --valid-bg: #eaf3f9;
  --grey: #8b949e; --pause: #b9b6ad; --focus: #0072b2;
  --o0: #0072b2; --o1: #009e73; --o2: #b5588d; --o3: #3a96c9; --o4: #8c6a00; --o5: #6b5bb5; --ox: #7d858d;
  color-scheme: light;`

const DARK = `
  --bg: #13171c; --card: #1a2027; --ink: #e5e8eb; --soft: #a2acb7; --rule: #2f3841; --lane: #1f262e; --code: #232b34;
  --violated: #f08a3c; --violated-ink: #ffa561; --violated-bg: #33241a;
  --amber: #e8b142; --amber-ink: #f0c060; --amber-bg: #2f2918;
  --valid: #56b4e9; --valid-ink: #7cc6f2; --valid-bg: #18293a;
  --grey: #79838d; --pause: #59616a; --focus: #56b4e9;
  --o0: #56b4e9; --o1: #2fbf93; --o2: #dd94bb; --o3: #8fd0f5; --o4: #d9b23d; --o5: #a99af0; --ox: #9aa3ac;
  color-scheme: dark;`

/** The colours by name. */
export const THEME = `:root {${LIGHT}
}
@media screen and (prefers-color-scheme: dark) { :root {${DARK}
} }`

/** What is in the `<svg>` of a diagram. */
export const PICTURE_STYLE = `.st-svg { display: block; max-width: none; font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
.st-svg text { fill: var(--ink); }
.lane { fill: var(--lane); rx: 6px; }
.tab { stroke: var(--c, transparent); stroke-width: 4; stroke-linecap: round; }
.ln { font-weight: 650; font-size: 13px; }
.st-svg .lk { fill: var(--soft); font-size: 10.5px; }
.grid { stroke: var(--rule); fill: none; stroke-width: 1; }
.axis { stroke: var(--grey); fill: none; }
.tick text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
.cut { fill: var(--card); }
.slash { stroke: var(--grey); fill: none; stroke-width: 1; }
.st-svg .gap { fill: var(--soft); font-size: 10px; font-style: italic; }
.o0 { --c: var(--o0); } .o1 { --c: var(--o1); } .o2 { --c: var(--o2); } .o3 { --c: var(--o3); } .o4 { --c: var(--o4); } .o5 { --c: var(--o5); } .ox { --c: var(--ox); }
.b { rx: 4px; fill: var(--c); fill-opacity: .16; stroke: var(--c); stroke-width: 1.5; }
.t { fill: var(--c); fill-opacity: .48; stroke: var(--c); stroke-width: 1; }
.t.copy { fill-opacity: .14; stroke-dasharray: 3 2; }
.st-svg .bt { font-weight: 550; }
.tx, .mt, .ml { pointer-events: none; }
.st-svg .edged, .mt text, .st-svg .st { paint-order: stroke; stroke: var(--lane); stroke-width: 3px; stroke-linejoin: round; }
.m { fill: none; stroke: var(--c); stroke-width: 1.1; stroke-opacity: .75; }
.m.lost { stroke: var(--violated); stroke-opacity: 1; stroke-dasharray: 4 3; }
.m.far { stroke-width: .8; stroke-opacity: .3; }
.st-svg .ml text { font-size: 10.5px; fill: var(--soft); paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
.pause { fill: url(#p-pause); }
.crash { fill: url(#p-crash); }
.x { stroke: var(--ink); stroke-width: 2.4; fill: none; }
.partition { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 7 4; fill: none; }
.broken { stroke: var(--ink); stroke-width: 2; fill: none; }
.skew { stroke: var(--soft); stroke-width: 2; stroke-dasharray: 1.5 4; stroke-linecap: round; fill: none; }
.f { fill: var(--pause); fill-opacity: .45; stroke: var(--grey); stroke-width: 1; stroke-dasharray: none; }
.st-svg .st { font-size: 11px; fill: var(--soft); font-weight: 550; }
.e { fill: var(--c); stroke: var(--c); }
.r { fill: var(--card); stroke: var(--c); stroke-width: 1.4; }
.op { fill: none; stroke: var(--c); stroke-width: 5.5; stroke-linecap: round; }
.st-svg .mt text { font-size: 10.5px; fill: var(--soft); }
.hatch { fill: url(#p-hatch); stroke: var(--violated); stroke-width: 1.5; }
.fb { fill: var(--violated); fill-opacity: .07; }
.fi { stroke: var(--violated); stroke-width: 1.5; stroke-dasharray: 3 3; fill: none; }
.fl { stroke: var(--violated); stroke-width: 2; fill: none; }
.fp { fill: var(--violated); }
.st-svg .ft { fill: var(--violated-ink); font-weight: 650; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.cur { stroke: var(--focus); stroke-width: 2; fill: none; visibility: hidden; }
.cur.on { visibility: visible; }
.defs { position: absolute; width: 0; height: 0; }
.hs { stroke: var(--violated); stroke-width: 2.4; }
.pd { fill: var(--pause); }
.pb { fill: var(--pause); fill-opacity: .28; }
.cs { stroke: var(--grey); stroke-width: 1; }
.m.other { stroke-opacity: .38; stroke-width: .9; }
.m.guilty { stroke: var(--violated); stroke-width: 2.6; stroke-opacity: 1; }
.m.on { stroke-width: 2.8; stroke-opacity: 1; }
.st-svg .ml .telling { fill: var(--ink); font-size: 11px; }
.st-svg .ml .guilty { fill: var(--violated-ink); font-weight: 700; font-size: 11.5px; }
.st-svg .ml .on { fill: var(--focus); font-weight: 700; }
.st-svg [data-m] { cursor: pointer; pointer-events: auto; }
[data-lane].on .lane { stroke: var(--focus); stroke-width: 1.5; }
`
