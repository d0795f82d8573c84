/**
 * The state of the page as its address has it, and back: a token, which names subject, plan and seed; after a `~` the text of the
 * editor, where that is the user's own, deflated.
 *
 *   index.html#L1.ATEFbmFpdmU…      index.html#L1.…~eJxLy0_…
 */

/** What an address holds. */
export interface Address {
  readonly token: string
  /** Null: the subject came with lockstorm. */
  readonly text: string | null
}

/** Longer addresses are not kept by every browser, nor by what people send them with. */
const LENGTH_MAX = 30_000

/** The part behind the `#`; empty where the text is too long for it. */
export async function writeAddress({ token, text }: Address): Promise<string> {
  if (text === null) return token
  const packed = toBase64Url(await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw')))
  const address = `${token}~${packed}`
  return address.length > LENGTH_MAX ? '' : address
}

/** Null: there is none, or it is broken. */
export async function readAddress(hash: string): Promise<Address | null> {
  const [token = '', packed] = hash.replace(/^#/, '').split('~')
  if (token === '') return null
  if (packed === undefined) return { token, text: null }
  try {
    const bytes = await through(fromBase64Url(packed), new DecompressionStream('deflate-raw'))
    return { token, text: new TextDecoder().decode(bytes) }
  } catch {
    // A character of it was lost on the way.
    return null
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer())
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
