/**
 * A YAML text as plain data, with the line and column of every node, so that what is wrong with the data can be shown
 * where it stands.
 *
 * YAML 1.2 core only: no tags, no merge keys, no types besides strings, numbers, booleans, null, lists and mappings.
 * Data never runs code, and never grows: an alias may not contain itself, and together they may not repeat much.
 *
 * Source: https://yaml.org/spec/1.2.2/
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml'

/** Keys and indices from the root to a node. */
export type Path = readonly PropertyKey[]

/** Something wrong at a place of the file. */
export interface Problem {
  readonly line: number
  readonly column: number
  readonly path: Path
  readonly message: string
}

/** More repeated nodes than this is an attack, not a story. */
const ALIASES_MAX = 100

/** Deeper than any story; a parser that follows a hundred thousand brackets runs out of memory. */
const DEPTH_MAX = 100

const TOO_DEEP = 'nested too deeply'

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the same key stands above already: remove one of them',
  MULTIPLE_DOCS: 'expected one scenario a file: put what follows "---" into a file of its own',
  TAB_AS_INDENT: 'tabs may not indent YAML: use spaces',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line: put the text in quotes',
  NON_STRING_KEY: 'expected a simple key',
  TAG_RESOLVE_FAILED: 'tags such as !name are not used here: remove it',
}

export class YamlSource {
  readonly #document: Document
  readonly #lines = new LineCounter()
  /** What keeps the text from being data; empty when `value` may be used. */
  readonly problems: readonly Problem[]
  readonly value: unknown

  constructor(text: string) {
    const tooDeepAt = depthExceededAt(text)
    this.#document = parseDocument(tooDeepAt === null ? text : '', {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
      schema: 'core',
      resolveKnownTags: false,
      logLevel: 'error',
    })
    const problems = tooDeepAt === null ? this.#syntaxProblems() : [{ ...tooDeepAt, path: [], message: TOO_DEEP }]
    if (problems.length === 0) problems.push(...this.#aliasProblems())
    this.value = problems.length === 0 ? this.#toData(problems) : null
    this.problems = problems
  }

  /** A problem with the node at `path` (its key, if it stands in a mapping and `at` says so), or its nearest parent. */
  problem(path: Path, message: string, at: 'key' | 'value' = 'value'): Problem {
    return { ...this.#position(this.#offset(path, at)), path, message }
  }

  #syntaxProblems(): Problem[] {
    const problems: Problem[] = []
    const { errors, warnings } = this.#document
    for (const { code, message, pos } of [...errors, ...warnings]) {
      const position = this.#position(pos[0])
      // One slip often breaks everything behind it: the first complaint about a line is enough.
      if (problems.some((problem) => problem.line === position.line)) continue
      problems.push({ ...position, path: [], message: SYNTAX_MESSAGES[code] ?? `not YAML: ${message}` })
    }
    return problems
  }

  #aliasProblems(): Problem[] {
    const problems: Problem[] = []
    visit(this.#document, {
      Alias: (_, alias) => {
        const [start = 0] = alias.range ?? []
        const range = alias.resolve(this.#document)?.range
        const message =
          range == null
            ? `expected an anchor &${alias.source} above this alias`
            : range[0] <= start && start < range[1]
              ? `the alias *${alias.source} contains itself`
              : null
        if (message !== null) problems.push({ ...this.#position(start), path: [], message })
      },
    })
    return problems
  }

  #toData(problems: Problem[]): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: ALIASES_MAX })
    } catch (error) {
      // The one thing it throws for, once aliases are known to resolve: they multiply.
      if (!(error instanceof ReferenceError)) throw error
      problems.push({ line: 1, column: 1, path: [], message: 'aliases repeat too much: write the values out' })
      return null
    }
  }

  #position(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  #offset(path: Path, at: 'key' | 'value'): number {
    let node: Node | null = this.#resolved(this.#document.contents)
    let offset = node?.range?.[0] ?? 0
    for (const [index, step] of path.entries()) {
      const isLast = index === path.length - 1
      if (isMap(node)) {
        const pair: Pair | undefined = node.items.find(({ key }) => isScalar(key) && key.value === step)
        if (pair === undefined) return offset
        const key = pair.key as Node
        const value = pair.value as Node | null
        offset = isLast && at === 'key' ? (key.range?.[0] ?? offset) : (value?.range?.[0] ?? key.range?.[0] ?? offset)
        node = this.#resolved(value)
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(step)]
        if (!isNode(item)) return offset
        offset = item.range?.[0] ?? offset
        node = this.#resolved(item)
      } else return offset
    }
    return offset
  }

  #resolved(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node
  }
}

/**
 * Where brackets, or `- - -` on one line, go deeper than any story; null: nowhere. Brackets in texts count too, but
 * those close again.
 */
function depthExceededAt(text: string): { readonly line: number; readonly column: number } | null {
  let brackets = 0
  for (const [index, line] of text.split('\n').entries()) {
    let indicators = 0
    for (let at = 0; at < line.length; at += 1) {
      const char = line[at] as string
      if (char === '[' || char === '{') brackets += 1
      else if (char === ']' || char === '}') brackets = Math.max(0, brackets - 1)
      else if ((char === '-' || char === '?' || char === ':') && /\s/.test(line[at + 1] ?? ' ')) indicators += 1
      if (brackets > DEPTH_MAX || indicators > DEPTH_MAX) return { line: index + 1, column: at + 1 }
    }
  }
  return null
}
