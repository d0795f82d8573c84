/**
 * `docs/pitfalls.md`, made of the registry and of what its runs said.
 *
 * Write it anew with `npx vitest run test/catalogue/pitfalls/pitfalls.test.ts --update`.
 */
import { PROPERTIES } from '../../src/check/verdict.ts'
import { addressOf, type Pitfall, type PitfallGroup, type Run, type ShownPitfall } from '../../src/pitfall/pitfall.ts'
import { GROUPS, label, PITFALLS, SHOWN } from '../../src/pitfall/registry.ts'
import { isCounted } from '../../src/world/topology.ts'
import { commandOf, modelPath, scenarioOf, stormPath } from './running.ts'

/** What the run of a pitfall said, in one sentence; by number. */
export type Sentences = ReadonlyMap<number, string>

/** Shown by servers that replicate. */
const REPLICATING = SHOWN.filter(({ shows }) => !isCounted(scenarioOf(shows).plan('', 'direct').topology))

const names = (pitfalls: readonly Pitfall[]): string =>
  `${pitfalls.slice(0, -1).map(link).join(', ')} and ${pitfalls.slice(-1).map(link).join('')}`

/** The page. */
export function page(sentences: Sentences): string {
  return `${[introduction(), summary(), ...GROUPS.map((group) => chapter(group, sentences))].join('\n\n')}\n`
}

function introduction(): string {
  return `<!-- Made by catalogue/pitfalls/page.ts. Do not edit: change the registry and run
     npx vitest run test/catalogue/pitfalls/pitfalls.test.ts --update -->
# Pitfalls

${PITFALLS.length} ways in which locks and sessions on Redis break, each with the people who met it. ${SHOWN.length} of them are shown by a run: a
storm (a scenario file) and a subject, which is a built-in lock or store, or a small model of a library's algorithm in
\`catalogue/pitfalls/models/\`. A model sends the same commands in the same order as the code it stands for, and is not that code.

A test does every run, and fails when the pitfall no longer shows or when its cure does not come through the same storm
without any violation. A second test holds every history to that of a real redis-server, but for ${names(REPLICATING)}, whose servers
replicate: real ones would do so past the world's network and clocks, so what they say to each other and to clients is compared by itself
([topologies.md](topologies.md)). To see one for yourself, run its
command in a clone of this repository after \`npm ci && npm run build\` (\`lockstorm\` is \`node dist/cli/main.js\` there); it runs the
broken subject and, where it takes the same storm, the cure. With \`--redis server\` the same happens on a real redis-server, where it is compared.

*Bug*: a correct lock or store would not have done this. *Limit*: the lease ended while its holder believed in it.
Seen from outside that is the same whether no lock could have prevented it (a pause) or this one could (its cure did); only
a storage that checks fencing tokens is safe against all of them.`
}

function summary(): string {
  const rows = PROPERTIES.flatMap((property) => {
    const shown = SHOWN.filter((pitfall) => pitfall.property === property)
    return shown.length === 0 ? [] : [`| ${property} | ${shown.length} | ${shown.map(link).join(' ')} |`]
  })
  const reasons = new Map<string, Pitfall[]>()
  for (const pitfall of PITFALLS) {
    if (pitfall.notShown === undefined) continue
    reasons.set(pitfall.notShown, [...(reasons.get(pitfall.notShown) ?? []), pitfall])
  }
  return [
    '| broken property | pitfalls | |',
    '|---|---|---|',
    ...rows,
    '',
    `Not shown yet: ${PITFALLS.length - SHOWN.length}.`,
    '',
    '| why not | pitfalls | |',
    '|---|---|---|',
    ...[...reasons].map(([reason, pitfalls]) => `| ${reason} | ${pitfalls.length} | ${pitfalls.map(link).join(' ')} |`),
  ].join('\n')
}

const heading = (pitfall: Pitfall): string => `${label(pitfall)} ${pitfall.name}`
/** As GitHub makes anchors of headings. */
const anchor = (pitfall: Pitfall): string =>
  heading(pitfall)
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
const link = (pitfall: Pitfall): string => `[${label(pitfall)}](#${anchor(pitfall)})`

function chapter({ title, pitfalls }: PitfallGroup, sentences: Sentences): string {
  return [
    `## ${title}`,
    [
      '| | pitfall | faults | breaks | shown by | cured by |',
      '|---|---|---|---|---|---|',
      ...pitfalls.map((pitfall) =>
        pitfall.notShown === undefined
          ? row(pitfall, `${pitfall.property} (${pitfall.kind})`, subject(pitfall.shows), subject(pitfall.cure))
          : row(pitfall, pitfall.property, '', ''),
      ),
    ].join('\n'),
    ...pitfalls.map((pitfall) => section(pitfall, sentences)),
  ].join('\n\n')
}

const row = (pitfall: Pitfall, breaks: string, shownBy: string, curedBy: string): string =>
  `| ${link(pitfall)} | ${pitfall.name} | ${faultsOf(pitfall)} | ${breaks} | ${shownBy} | ${curedBy} |`

const faultsOf = ({ faults }: Pitfall): string => (faults.length === 0 ? 'none' : faults.join(', '))

/** A subject's name, with its model's file. */
function subject(run: Run): string {
  const file = modelPath(run)
  return file === null ? `\`${run.subject}\`` : `[\`${run.subject}\`](../${file})`
}

function section(pitfall: Pitfall, sentences: Sentences): string {
  const parts = [`### ${heading(pitfall)}`, pitfall.mechanism]
  if (pitfall.notShown === undefined) parts.push(...demonstration(pitfall, sentences))
  else parts.push(`Not shown: ${pitfall.notShown}.`)
  if (pitfall.citations.length > 0) parts.push(`Seen in ${pitfall.citations.map(citation).join('; ')}.`)
  return parts.join('\n\n')
}

function demonstration(pitfall: ShownPitfall, sentences: Sentences): string[] {
  const { shows, cure, number, property, kind } = pitfall
  const storm = (run: Run): string => `[${run.storm}](../${stormPath(run)})`
  const cured =
    cure.storm === shows.storm
      ? `${subject(cure)} comes through the same storm.`
      : `${subject(cure)} comes through [${cure.storm}](../${stormPath(cure)}), the same storm with one setting changed.`
  return [
    `${subject(shows)} in ${storm(shows)} breaks *${property}* (${kind}): “${sentences.get(number) ?? ''}”. ${cured}`,
    `\`\`\`sh\n${commandOf(shows, cure)}\n\`\`\``,
  ]
}

/** A link where there is something to open. */
function citation(text: string): string {
  const address = addressOf(text)
  if (address === null) return text
  return address === text ? `<${text}>` : `[${text}](${address})`
}
