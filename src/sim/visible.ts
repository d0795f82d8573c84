/**
 * Text in which every character can be seen: of names and values that are code's, before anything shows them.
 *
 * It stands below everything else because messages about mistakes are made everywhere, and quote what is wrong.
 */

const DEL = 0x7f
/** The picture of a control character. By its number: a bundler would write the character itself. */
const pictureOf = (code: number): string => (code === DEL ? '\u2421' : String.fromCharCode(0x2400 + code))
const CONTROL = /[\u0000-\u001f\u007f]/g
/** C1 controls, bidirectional marks and overrides, line separators, non-characters. */
const INVISIBLE = /[\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g
const LONE_SURROGATE = /\p{Surrogate}/gu

/** One line of text in which every character can be seen. */
export function visible(text: string): string {
  return text
    .replace(CONTROL, (char) => pictureOf(char.charCodeAt(0)))
    .replace(INVISIBLE, '\ufffd')
    .replace(LONE_SURROGATE, '\ufffd')
}

/** The same for text of several lines. */
export function visibleLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').split('\n').map(visible).join('\n')
}
