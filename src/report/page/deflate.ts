/**
 * Deflate and its inverse, for what pages embed. In JavaScript, since the deflate of Node's zlib differs from machine to machine
 * and the same report has the same bytes everywhere.
 *
 * The build bundles fflate into this file: the package needs no further dependency for it.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc1951
 */
import { deflateSync, inflateSync } from 'fflate'

/** The compressed bytes; `dictionary`: what is likely to occur in them, at most 32 kB of it count. */
export const deflate = (
  bytes: Uint8Array<ArrayBuffer>,
  dictionary?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> => deflateSync(bytes, { level: 9, ...(dictionary === undefined ? {} : { dictionary }) })

/** The bytes again. */
export const inflate = (
  bytes: Uint8Array<ArrayBuffer>,
  dictionary?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> => inflateSync(bytes, dictionary === undefined ? {} : { dictionary })
