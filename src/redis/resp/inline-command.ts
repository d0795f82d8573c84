/**
 * An inline command as arguments: words, "double quotes" with escapes, 'single quotes'.
 *
 * Source: sds.c (`sdssplitargs`) of Redis 7.0.
 */

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** The words of a line, or null when a quote is not closed or is followed by something else than a blank. */
export function splitInline(line: string): string[] | null {
  const words: string[] = []
  let index = 0
  for (;;) {
    while (isBlank(line[index])) index++
    if (index >= line.length) return words
    const word = readWord(line, index)
    if (word === null) return null
    words.push(word.text)
    index = word.end
  }
}

/** One word that begins at `start`; quotes may open in its middle, and close it. */
function readWord(line: string, start: number): { readonly text: string; readonly end: number } | null {
  let text = ''
  for (let index = start; index < line.length; index++) {
    const char = line[index]!
    if (char === '"' || char === "'") {
      const quoted = char === '"' ? readDoubleQuoted(line, index + 1) : readSingleQuoted(line, index + 1)
      if (quoted === null || !(quoted.end >= line.length || isBlank(line[quoted.end]))) return null
      return { text: text + quoted.text, end: quoted.end + 1 }
    }
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') return { text, end: index + 1 }
    text += char
  }
  return { text, end: line.length }
}

/** `end` is the index after the closing quote. */
function readDoubleQuoted(line: string, start: number): { readonly text: string; readonly end: number } | null {
  let text = ''
  for (let index = start; index < line.length; index++) {
    const char = line[index]!
    if (char === '"') return { text, end: index + 1 }
    if (char !== '\\' || index + 1 >= line.length) {
      text += char
      continue
    }
    const hexadecimal = /^x[0-9a-fA-F]{2}/.exec(line.slice(index + 1, index + 4))
    if (hexadecimal !== null) {
      text += String.fromCharCode(Number.parseInt(line.slice(index + 2, index + 4), 16))
      index += 3
    } else {
      index++
      text += ESCAPES[line[index]!] ?? line[index]
    }
  }
  return null
}

function readSingleQuoted(line: string, start: number): { readonly text: string; readonly end: number } | null {
  let text = ''
  for (let index = start; index < line.length; index++) {
    const char = line[index]!
    if (char === "'") return { text, end: index + 1 }
    if (char === '\\' && line[index + 1] === "'") index++
    text += line[index]
  }
  return null
}

/** C's isspace. */
const isBlank = (char: string | undefined): boolean => char !== undefined && ' \t\n\v\f\r'.includes(char)
