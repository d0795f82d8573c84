/** What the playground adds to the style sheet of reports. */
export const STUDIO_STYLE = `
:root { --string: #00704f; }
@media screen and (prefers-color-scheme: dark) { :root { --string: #2fbf93; } }
body { min-height: 100vh; }
.bar-top { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 26px; padding: 12px 20px; border-bottom: 1px solid var(--rule); background: var(--card); }
.bar-top .brand { font-size: 1.05rem; color: var(--ink); }
.bar-top .brand span { color: var(--soft); font-weight: 450; }
.choices { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: end; flex: 1; }
.field { display: grid; gap: 2px; font-size: .75rem; color: var(--soft); min-width: 0; }
.field select, .field input { font: inherit; font-size: .875rem; color: var(--ink); background: var(--bg); border: 1px solid var(--rule); border-radius: 7px; padding: 5px 8px; height: 34px; max-width: 100%; }
.field select { max-width: 240px; }
.field input[type=number] { width: 84px; }
.field .seed { width: 150px; }
.panes { display: grid; grid-template: 'code stage' auto / minmax(340px, 31vw) minmax(0, 1fr); align-items: start; }
.stage { grid-area: stage; padding: 18px 20px 40px; min-width: 0; }
.starting { padding: 20vh 0; text-align: center; margin: 0 auto; }
.code { grid-area: code; position: sticky; top: 0; height: 100vh; display: flex; flex-direction: column; border-right: 1px solid var(--rule); background: var(--card); min-width: 0; }
.code .file { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 10px; margin: 0; padding: 10px 14px; border-bottom: 1px solid var(--rule); font-size: .8125rem; max-width: none; }
.code .file button { margin-left: auto; }
.editor { flex: 1; min-height: 0; overflow: hidden; }

.verdict { border-left: 5px solid var(--valid); padding: 2px 0 2px 16px; min-height: 84px; }
.verdict.violated { border-color: var(--violated); }
.verdict.unknown, .verdict.vacuous { border-color: var(--amber); }
.verdict.trying { border-left-style: dashed; }
.verdict h1 { font-size: clamp(1.15rem, .95rem + .75vw, 1.5rem); font-weight: 560; margin: 0; letter-spacing: -.01em; text-wrap: pretty; }
.verdict h1 .w { font-weight: 700; }
.verdict .why { margin: 6px 0 0; color: var(--soft); max-width: 90ch; }
.verdict .held { color: var(--ink); font-variant-numeric: tabular-nums; }
.problem { background: var(--amber-bg); color: var(--amber-ink); border-radius: 8px; padding: 8px 12px; margin: 0 0 10px; max-width: none; }

.picture { margin: 14px 0 0; }
.canvas { position: relative; }
.canvas > svg { position: absolute; inset: 0; }
.handles { overflow: visible; pointer-events: none; }
.handle { pointer-events: auto; touch-action: none; }
.handle .grip { fill: var(--focus); stroke: var(--card); stroke-width: 1.5; cursor: ew-resize; }
.handle.message .grip { fill-opacity: 0; stroke-opacity: 0; }
.handle.message:hover .grip, .handle.message.late .grip { fill-opacity: 1; stroke-opacity: 1; }
.handle .reach { stroke: transparent; stroke-width: 11; fill: none; cursor: ew-resize; pointer-events: stroke; }
.handle.message:hover .reach { stroke: var(--focus); stroke-opacity: .14; }
.handle.pause-end .grip { fill: var(--ink); }
.handle.clock { cursor: ew-resize; }
.handle.clock .grip { fill: var(--card); stroke: var(--grey); stroke-width: 1.5; }
.handle.clock .hands { stroke: var(--soft); stroke-width: 1.5; stroke-linecap: round; fill: none; pointer-events: none; }
.handle.clock:hover .grip { stroke: var(--focus); }
.handle.clock.wrong .grip { stroke: var(--violated); fill: var(--violated-bg); }
.handle.clock.wrong .hands { stroke: var(--violated-ink); }
.slack { pointer-events: none; }
.slack path { stroke: var(--valid); stroke-width: 3; stroke-dasharray: 5 3; fill: none; }
.slack .turn { stroke-dasharray: none; stroke-width: 2.5; }
.ghost { pointer-events: none; }
.ghost path { stroke: var(--focus); stroke-width: 2; }
.ghost text { font: 650 12px system-ui, sans-serif; fill: var(--focus); paint-order: stroke; stroke: var(--card); stroke-width: 5px; }
.handle.message.picked .reach { stroke: var(--focus); stroke-opacity: .3; }
.picture .legend { margin-top: 8px; font-size: .8125rem; color: var(--soft); }
.slack-key { width: 22px; border-top: 3px dashed var(--valid); }
/* A first look is at the violation, which may be far from the names. */
.picture .names { display: block; position: sticky; left: 0; width: 0; height: 0; z-index: 2; }
.picture .names span { position: absolute; left: 6px; padding: 0 6px; border-radius: 4px; background: var(--card); opacity: .92; font: 650 12px/18px system-ui, sans-serif; white-space: nowrap; pointer-events: none; }

.below { display: grid; grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); gap: 16px; margin-top: 16px; align-items: start; }
.below section { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 14px 18px; min-width: 0; }
.below > div { display: grid; gap: 16px; align-content: start; min-width: 0; }
.actions { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
.actions select { font: inherit; font-size: .875rem; color: var(--ink); background: var(--bg); border: 1px solid var(--rule); border-radius: 7px; padding: 4px 8px; max-width: 100%; }
button.primary { background: var(--focus); color: var(--card); border-color: var(--focus); font-weight: 600; padding: 5px 18px; }
.hunt p { margin: 4px 0; }
.hunt ol { margin: 8px 0 0; padding: 0; list-style: none; }
.hunt li { border-top: 1px solid var(--rule); padding: 8px 0; font-size: .9375rem; }
.hunt progress { width: 100%; height: 8px; accent-color: var(--focus); }
.below h2 { font-size: 1rem; margin: 0 0 4px; }
.storm-list ol { margin: 0; padding: 0; list-style: none; }
.storm-list li { padding: 10px 0; border-top: 1px solid var(--rule); }
.storm-list li:first-child { border-top: 0; padding-top: 2px; }
.storm-list p { margin: 0; max-width: none; }
.remove { float: right; padding: 0 9px; line-height: 24px; }
.size { display: flex; align-items: center; gap: 10px; margin-top: 6px; color: var(--soft); font-size: .875rem; }
.storm-list .size { margin-top: 6px; }
.track { flex: 1; min-width: 60px; position: relative; padding-bottom: 7px; }
.track input { display: block; width: 100%; accent-color: var(--focus); height: 20px; margin: 0; }
.track .band { position: absolute; bottom: 0; height: 0; min-width: 3px; border-top: 3px dashed var(--valid); }
.size input[type=number] { width: 92px; font: inherit; color: var(--ink); background: var(--bg); border: 1px solid var(--rule); border-radius: 6px; padding: 3px 7px; }
.storm-list .turns { font-size: .8125rem; margin-top: 4px; }
.picked-message { border-top: 1px solid var(--rule); margin-top: 10px; padding-top: 10px; }
.picked-message h3 { font-size: .9375rem; overflow-wrap: anywhere; }
.menu { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px; }
.command { background: var(--code); border-radius: 8px; padding: 9px 12px; margin: 6px 0 10px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 130px; overflow-y: auto; font-size: .8125rem; }

@media (max-width: 980px) {
  .panes { grid-template: 'stage' auto 'code' auto / minmax(0, 1fr); }
  .code { position: static; height: 62vh; border-right: 0; border-top: 1px solid var(--rule); }
}
@media (max-width: 640px) {
  .bar-top .brand, .choices { flex: 1 1 100%; }
  .bar-top, .stage { padding-left: 14px; padding-right: 14px; }
  .below { grid-template-columns: minmax(0, 1fr); }
  .field { flex: 1 1 40%; }
  .field select, .field input[type=number], .field .seed { width: 100%; max-width: none; }
}
`
