/**
 * The style sheet of the HTML report. What pictures look like stands in `picture/`.
 *
 * Nothing is loaded: the fonts are the system's.
 */

import { PICTURE_STYLE, THEME } from '../../picture/picture-style.ts'

/** The whole style sheet. */
export const STYLE: string = `
${THEME}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink); line-height: 1.55;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
.wrap { max-width: 1300px; margin: 0 auto; padding: 0 20px; }
a { color: var(--valid-ink); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
code, pre, kbd, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 76ch; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 12px; background: var(--card); padding: 8px 14px; z-index: 9; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.brand { display: flex; align-items: center; gap: 9px; font-weight: 650; letter-spacing: .02em; color: var(--soft); margin: 0; }
.brand svg { width: 22px; height: 22px; }
h1 { font-size: clamp(1.7rem, 1.2rem + 2vw, 2.5rem); margin: 14px 0 6px; letter-spacing: -.015em; font-weight: 680; }
.lead { font-size: 1.06rem; color: var(--soft); margin: 0 0 18px; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0; padding: 12px 0 0; border-top: 1px solid var(--rule); font-size: .875rem; color: var(--soft); }
.facts div { display: flex; gap: 6px; min-width: 0; }
.facts dt::after { content: ":"; }
.facts dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; min-width: 0; }

section.block { margin: 34px 0 0; }
h2 { font-size: 1.35rem; margin: 0 0 4px; letter-spacing: -.01em; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 20px 22px; margin: 14px 0 0; }
.scroll { overflow-x: auto; position: relative; }

.matrix { border-collapse: separate; border-spacing: 3px; font-size: .875rem; }
.matrix caption { text-align: left; color: var(--soft); padding: 0 0 8px; font-size: .875rem; }
.matrix th { text-align: left; font-weight: 600; vertical-align: bottom; padding: 5px 10px; }
.matrix bdi, .others bdi { display: inline-block; max-width: 150px; overflow-wrap: break-word; }
.matrix tbody bdi { max-width: 230px; }
.matrix thead th { min-width: 92px; }
.matrix tbody th { position: sticky; left: 0; z-index: 1; background: var(--card); vertical-align: middle; font-weight: 500; min-width: 132px; }
.matrix td { padding: 0; height: 34px; }
.matrix td > a, .matrix td > span { display: block; padding: 6px 10px; border-radius: 6px; text-decoration: none; white-space: nowrap; border: 1px solid transparent; }
.matrix td > a:hover { text-decoration: underline; }
.matrix td small { display: block; font-size: .75rem; color: var(--ink); line-height: 1.2; }
.w { font-weight: 600; }
.w.violated, .w.bug { color: var(--violated-ink); }
.w.limit { color: var(--violated-ink); }
.w.unknown { color: var(--amber-ink); }
.w.vacuous { color: var(--soft); }
.w.valid { color: var(--valid-ink); font-weight: 500; }
.matrix a.bug { background: var(--violated-bg); border-color: var(--violated); }
.matrix a.limit { border-color: var(--violated); border-style: dashed; background: repeating-linear-gradient(135deg, transparent 0 6px, var(--violated-bg) 6px 10px); }
.matrix a.unknown { background: var(--amber-bg); border-color: var(--amber); }
.matrix a.vacuous { border: 1px dashed var(--grey); }
.matrix a.unexpected { border: 2px solid var(--ink); padding: 5px 9px; }
.dense { font-size: .8125rem; }
.dense th { padding: 5px 7px; }
.dense thead th { min-width: 0; }
.dense thead bdi { max-width: 108px; }
.dense td > a, .dense td > span { white-space: normal; padding: 5px 7px; line-height: 1.25; }
.dense a.unexpected { padding: 4px 6px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 12px 0 0; padding: 0; list-style: none; font-size: .8125rem; color: var(--soft); }

.others { border-collapse: collapse; font-size: .875rem; width: 100%; margin-top: 10px; }
.others th, .others td { text-align: left; padding: 6px 12px 6px 0; border-top: 1px solid var(--rule); vertical-align: top; }
.others td:last-child { overflow-wrap: anywhere; }
.others thead th { color: var(--soft); font-weight: 500; border-top: 0; }
.others td:nth-child(2) { white-space: nowrap; }

.others thead th { white-space: nowrap; }
.others .told { white-space: normal; min-width: 190px; }
.counts { width: auto; min-width: min(100%, 260px); }
.counts th { font-weight: 400; }
.counts thead th:last-child, .counts td { text-align: right; padding-right: 0; padding-left: 18px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.columns { display: flex; flex-wrap: wrap; gap: 22px 48px; }
.card h3 + .others { margin-top: 4px; }
.yaml { margin: 6px 0 0; padding: 10px 14px; border-radius: 8px; background: var(--code); overflow-x: auto; line-height: 1.45; }
.heat { border-collapse: separate; border-spacing: 3px; font-size: .875rem; font-variant-numeric: tabular-nums; }
.heat caption { text-align: left; font-weight: 600; padding: 0 0 6px; }
.heat th { text-align: right; font-weight: 600; padding: 4px 8px; white-space: nowrap; }
.heat tbody th { text-align: left; font-weight: 500; position: sticky; left: 0; z-index: 1; background: var(--card); }
.heat td { text-align: right; padding: 4px 8px; border-radius: 6px; border: 2px solid transparent; white-space: nowrap; min-width: 76px; }
.heat td small { color: var(--ink); }
.heat .safe-from { min-width: 0; }
.heat .h0 { background: var(--lane); }
.heat .h1 { background: rgb(213 94 0 / .12); }
.heat .h2 { background: rgb(213 94 0 / .24); }
.heat .h3 { background: rgb(213 94 0 / .36); }
.heat .h4 { background: rgb(213 94 0 / .48); }
.heat .bug { border: 2px solid var(--violated); }
.heat .edge { border: 2px solid var(--valid); }
.method { max-width: 76ch; padding-left: 22px; overflow-wrap: anywhere; }
.storm { margin: 4px 0; padding-left: 22px; }

h3 { font-size: 1.12rem; margin: 0; }
.sentence { font-size: 1.22rem; line-height: 1.4; margin: 12px 0 6px; font-weight: 560; max-width: 64ch; text-wrap: pretty; }
.replay { display: flex; flex-wrap: wrap; align-items: stretch; gap: 8px; margin: 12px 0 0; }
.replay code { background: var(--code); border-radius: 6px; padding: 6px 10px; overflow-wrap: anywhere; min-width: 0; }
button { font: inherit; font-size: .8125rem; color: var(--ink); background: var(--card); border: 1px solid var(--grey); border-radius: 6px; padding: 4px 12px; cursor: pointer; }
button:hover { background: var(--code); }
.also li { margin: 10px 0 0; }
.also { margin: 18px 0 0; padding: 12px 0 0; border-top: 1px solid var(--rule); }
.also ul { margin: 0; padding: 0; list-style: none; }

figure { margin: 18px 0 0; }
figure .scroll { border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
figcaption { font-size: .8125rem; color: var(--soft); margin: 8px 0 0; }
figcaption p { max-width: none; margin: 4px 0 0; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0; padding: 0; list-style: none; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { width: 26px; height: 14px; flex: none; }
.names { display: none; }

${PICTURE_STYLE}
details { margin: 14px 0 0; }
summary { cursor: pointer; font-size: .9375rem; color: var(--soft); padding: 4px 0; width: fit-content; }
kbd { border: 1px solid var(--grey); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; background: var(--card); }
.bottom { margin: 44px 0 0; padding: 18px 0 44px; border-top: 1px solid var(--rule); color: var(--soft); font-size: .875rem; }

.links { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-left: auto; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 14px; margin: 14px 0 0; padding: 0; list-style: none; }
.cards .card { margin: 0; padding: 14px 18px; }
.cards a { font-weight: 640; font-size: 1.0625rem; }
.cards p { margin: 4px 0 0; font-size: .9375rem; color: var(--soft); }
.cards .mark { display: inline-block; min-width: 1.5em; color: var(--soft); font-weight: 500; }
.answers { margin: 8px 0; padding: 0; list-style: none; display: grid; gap: 8px; max-width: 76ch; }
.answers button { width: 100%; text-align: left; font-size: 1rem; padding: 10px 14px; }
.answers button b { color: var(--soft); margin-right: .6em; }
.answers button[aria-pressed=true] { border-color: var(--violated); background: var(--violated-bg); }
.answers button.right { border-color: var(--valid); background: var(--valid-bg); }
.answers button.right::after { content: " ✓"; color: var(--valid-ink); font-weight: 650; }
.question { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 28px; }
.question section { min-width: 0; }
.pitfalls, .commands { margin: 4px 0; padding: 0; list-style: none; }
.pitfalls li { margin: 4px 0; }
.commands { font-size: .875rem; }

.head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 18px; padding: 14px 0 0; font-size: .9375rem; }
.head .verdict { margin: 0; font-weight: 600; font-size: .9375rem; letter-spacing: 0; }
h1.verdict { font-size: 1.6rem !important; flex-basis: 100%; order: 9; }
.head .counts { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none; margin: 0 auto 0 0; padding: 0; width: auto; min-width: 0; }
.story { margin-top: 12px; padding-top: 14px; scroll-margin-top: 8px; }
.story:focus { outline: none; }
.story h1.sentence, .story h2.sentence { font-size: clamp(1.25rem, 1rem + 1.2vw, 1.75rem); margin: 6px 0 0; font-weight: 640; max-width: 60ch; text-wrap: pretty; line-height: 1.25; letter-spacing: -.015em; }
.story h2 { font-size: 1.0625rem; margin: 18px 0 2px; }
.story h3 { font-size: .875rem; margin: 12px 0 2px; color: var(--soft); font-weight: 600; }
.kicker { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; margin: 0; max-width: none; font-size: .9375rem; }
.kicker .tags { display: contents; }
.tag { border: 1px solid var(--rule); border-radius: 20px; padding: 0 10px; color: var(--soft); font-size: .8125rem; white-space: nowrap; }
.tag.bug { border-color: var(--violated); background: var(--violated-bg); color: var(--violated-ink); font-weight: 650; }
.tag.limit { border: 1px dashed var(--violated); color: var(--violated-ink); font-weight: 650; }
.tag.unexpected { background: var(--ink); color: var(--card); border-color: var(--ink); }
.kicker > span:nth-last-child(2) { order: -1; font-size: 1.0625rem; }
.stories { display: inline-flex; gap: 8px; align-items: center; margin-left: auto; color: var(--soft); font-size: .875rem; }
button:disabled { opacity: .45; cursor: default; }
.story .columns { gap: 6px 40px; align-items: flex-start; }
.reasons > section { flex: 1 1 340px; min-width: 0; }
.advice { font-weight: 560; }
.diff { margin: 8px 0; padding: 8px 0; border: 1px solid var(--rule); border-radius: 8px; overflow: auto; max-height: 34em; background: var(--lane); line-height: 1.5; }
.diff span { display: block; padding: 0 12px; width: max-content; min-width: 100%; }
.diff .goes { background: var(--violated-bg); color: var(--violated-ink); }
.diff .comes { background: var(--valid-bg); color: var(--valid-ink); }
.cures { padding: 0; list-style: none; }
.compare[aria-pressed=true] { background: var(--valid-bg); border-color: var(--valid); }
.beside { font-weight: 560; }
.steps { margin: 12px 0 0; position: sticky; bottom: 0; z-index: 3; background: var(--card); padding: 8px 0; border-top: 1px solid var(--rule); display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; align-items: center; }
.steps .buttons { display: flex; gap: 4px; }
.steps button { min-width: 34px; min-height: 30px; padding: 2px 8px; }
.steps .to-violation { color: var(--violated-ink); white-space: nowrap; }
.steps input { width: 100%; margin: 0; accent-color: var(--focus); }
.steps .where { grid-column: 1 / -1; margin: 0; font-size: .875rem; font-variant-numeric: tabular-nums; max-width: none; min-height: 1.5em; }
.inspect { margin-top: 10px; }
.moment { flex: 1 1 260px; min-width: 0; }
.events { flex: 2 1 420px; min-width: 0; }
.moment dl { margin: 0; font-size: .875rem; }
.moment dt { color: var(--soft); margin-top: 8px; }
.moment dd { margin: 0; font-size: .9375rem; overflow-wrap: anywhere; }
.machines { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; }
.machines .stopped { background: var(--code); border-radius: 4px; padding: 0 6px; }
.rows { height: 320px; overflow: auto; border: 1px solid var(--rule); border-radius: 8px; position: relative; font-size: .8125rem; }
.rows > div { position: relative; }
.row { position: absolute; left: 0; right: 0; height: 26px; display: grid; grid-template-columns: 84px minmax(56px, auto) 1fr; gap: 12px; align-items: center; padding: 0 12px; cursor: pointer; white-space: nowrap; }
.row .time { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
.row .who { font-weight: 600; border-left: 4px solid var(--c); padding-left: 8px; max-width: 12ch; overflow: hidden; text-overflow: ellipsis; }
.row .what { overflow: hidden; text-overflow: ellipsis; }
.row.message .what { color: var(--soft); }
.row.fault { background: var(--code); }
.row.hover { background: var(--code); }
.row.on { background: var(--valid-bg); box-shadow: inset 3px 0 var(--focus); }
.story .also ul { margin: 4px 0 0; padding: 0; list-style: none; font-size: .9375rem; }
.filter { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin: 10px 0 0; font-size: .875rem; }
.filter input, .filter select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--grey); border-radius: 6px; padding: 4px 8px; max-width: 190px; }
.matrix-box { position: relative; overflow: auto; max-height: 78vh; padding: 0 12px 12px; }
.matrix-box .matrix { border-spacing: 2px; }
.matrix-box caption { padding: 10px 0 4px; }
.matrix-box thead th, .matrix-box thead td { position: sticky; top: 0; z-index: 2; background: var(--card); }
.matrix-box thead td { left: 0; z-index: 3; }
.matrix .faded { opacity: .25; }
.matrix a[aria-current] { outline: 3px solid var(--focus); outline-offset: -1px; }
.matrix span.valid, .matrix span.vacuous { border: 1px solid transparent; }
.list { margin: 0; padding: 0 0 0 2.4em; font-size: .9375rem; }
.list li::marker { color: var(--soft); font-size: .8125rem; }
.list a { display: flex; flex-wrap: wrap; gap: 0 10px; padding: 5px 8px; border-radius: 6px; text-decoration: none; color: var(--ink); }
.list a:hover, .list a[aria-current] { background: var(--code); }
.list .told { flex: 1 1 320px; color: var(--soft); }

@media (max-width: 1300px) {
  figure .names { display: block; position: sticky; left: 0; width: 0; height: 0; z-index: 2; }
  .names span { position: absolute; left: 6px; padding: 0 6px; border-radius: 4px; background: var(--card); opacity: .92; font: 650 12px/18px system-ui, sans-serif; white-space: nowrap; pointer-events: none; }
}
@media (max-width: 640px) {
  .head { padding-top: 10px; }
  .kicker > span:nth-last-child(2) { flex-basis: 100%; }
  .stories { margin-left: 0; }
  .steps { grid-template-columns: 1fr; }
  .row { grid-template-columns: 72px auto 1fr; gap: 8px; padding: 0 6px; }
  .filter label { flex: 1 1 44%; }
  .filter input, .filter select { width: 100%; max-width: none; }
  .wrap { padding: 0 14px; }
  .card { padding: 16px 14px; border-radius: 10px; }
  .sentence { font-size: 1.1rem; }
  .matrix tbody th { min-width: 108px; padding: 5px 6px 5px 0; }
  .matrix tbody bdi { max-width: 116px; }
  .others bdi { max-width: 96px; }
  .others th, .others td { padding-right: 9px; }
  .keys { display: none; }
  .stack thead { position: absolute; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack tr { border-top: 1px solid var(--rule); padding: 9px 0; }
  .stack tbody tr:first-child { border-top: 0; padding-top: 0; }
  .stack th, .stack td { border: 0; padding: 1px 0; min-width: 0 !important; }
  .stack [data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-weight: 400; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
@media (forced-colors: active) { .matrix td > a { border: 1px solid; } }
@media print {
  body { background: #fff; font-size: 11pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .wrap { max-width: none; padding: 0; }
  .card { break-inside: avoid-page; border-color: #bbb; }
  .scroll, .diff { overflow: visible; max-height: none; }
  .st-svg { width: 100%; height: auto; }
  figure { break-inside: avoid; }
  button, .skip, .names, .keys, .back, .filter, .steps, .inspect, .list, details:not([open]) { display: none !important; }
  .matrix-box { max-height: none; overflow: visible; }
}
`
