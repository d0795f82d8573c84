/**
 * `zlib` of a simulated process: what has a callback does what its synchronous form does, and a stream compresses what was
 * written to it when it ends.
 *
 * Does not model  compressed bytes that come before the end of the stream (`flush`).
 */
import { Transform, type TransformCallback } from 'node:stream'
import zlib from 'node:zlib'
import { inSameTurn } from './answer.ts'
import { dispatch, type Target } from './dispatch.ts'

const NAMES = [
  ...['gzip', 'gunzip', 'deflate', 'inflate', 'deflateRaw', 'inflateRaw', 'unzip'],
  ...['brotliCompress', 'brotliDecompress', 'zstdCompress', 'zstdDecompress'],
]

type Direct = (bytes: Buffer, options?: object) => Buffer

/** Makes compressing take no turn of the real event loop. */
export function installCompressing(): void {
  for (const name of NAMES) {
    inSameTurn(zlib, name)
    const direct = (zlib as unknown as Target)[`${name}Sync`] as Direct | undefined
    if (direct === undefined) continue
    const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
    for (const maker of [`create${title}`, title]) {
      dispatch(zlib, maker, (_process, options?: object) => streamOf(direct, options))
    }
  }
}

function streamOf(direct: Direct, options: object | undefined): Transform {
  const chunks: Buffer[] = []
  return new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      chunks.push(chunk)
      done()
    },
    flush(done: TransformCallback) {
      try {
        done(null, direct(Buffer.concat(chunks), options))
      } catch (error) {
        done(error as Error)
      }
    },
  })
}
