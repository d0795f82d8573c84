/**
 * Where the words go: stdout is the answer, stderr is progress, warnings and hints.
 *
 * A reader that stops reading (`| head`) is no error: nothing more is written to it, and callers that ask are told. Where no more can be
 * written (a full disk) nothing more is tried: of the answer that is an error, of the rest it is not.
 */
import { createPalette, type Palette } from '../text/palette.ts'

export class Terminal {
  readonly #stdout: NodeJS.WriteStream
  readonly #stderr: NodeJS.WriteStream
  readonly #broken = new Set<NodeJS.WriteStream>()
  #isCut = false
  #answerError: NodeJS.ErrnoException | null = null

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    this.#stdout = stdout
    this.#stderr = stderr
    for (const stream of [stdout, stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.#broken.add(stream)
        if (stream !== stdout) return
        this.#isCut = true
        if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') this.#answerError = error
      })
    }
  }

  /** Whether the reader of stdout has gone. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Why the answer could not be written; null: it could, or its reader has gone. */
  get answerError(): NodeJS.ErrnoException | null {
    return this.#answerError
  }

  /** A line (or more) of the answer. */
  print(text: string): void {
    if (!this.#isCut) this.#stdout.write(`${text}\n`)
  }

  /** A line of progress, a warning, a hint. */
  tell(text: string): void {
    this.draw(`${text}\n`)
  }

  /** Writes to stderr as it is: for the line of progress. */
  draw(text: string): void {
    if (!this.#broken.has(this.#stderr)) this.#stderr.write(text)
  }

  get isProgressTerminal(): boolean {
    return this.#stderr.isTTY === true
  }

  /** How wide a line of progress may be. */
  get progressWidth(): number {
    return known(this.#stderr.columns, 80)
  }

  /** How many lines stderr has, if it is a terminal. */
  get progressHeight(): number {
    return known(this.#stderr.rows, 24)
  }

  /** How wide the answer may be: a terminal's width, else 80. */
  get width(): number {
    return this.#stdout.isTTY === true ? Math.max(40, known(this.#stdout.columns, 80)) : 80
  }

  get isAnswerTerminal(): boolean {
    return this.#stdout.isTTY === true
  }

  /** Resolves when all that was written has left the process. */
  async flush(): Promise<void> {
    await Promise.all(
      [this.#stdout, this.#stderr].map(
        (stream) =>
          new Promise<void>((resolve) => {
            if (stream.destroyed || stream.writableEnded || this.#broken.has(stream)) resolve()
            else stream.write('', () => resolve())
          }),
      ),
    )
  }
}

/** A terminal that does not know its size says 0. */
const known = (size: number | undefined, usual: number): number => (size === undefined || size < 1 ? usual : size)

/** Whether to colour the answer: the flag, then `NO_COLOR`, then `FORCE_COLOR`, then whether it goes to a terminal. */
export function decideColor(
  flag: boolean | null,
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (flag !== null) return flag
  // https://no-color.org: present and not empty, whatever it says.
  if ((environment.NO_COLOR ?? '') !== '') return false
  const force = environment.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTerminal && environment.TERM !== 'dumb'
}

/** The palette for a decision. */
export async function paletteFor(isColored: boolean): Promise<Palette> {
  const { default: picocolors } = await import('picocolors')
  return createPalette(picocolors.createColors(isColored))
}
