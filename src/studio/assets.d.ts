/** What `build/studio.js` puts in the place of these imports. */
declare module 'wasmoon-lua5.1/dist/liblua5.1.wasm' {
  const bytes: Uint8Array
  export default bytes
}

/** The scenarios that come with lockstorm: the text of each file, by its path in `scenarios/`; and the storms of lessons, `lessons/pause/storm.yaml`. */
declare module 'lockstorm:scenarios' {
  const files: Readonly<Record<string, string>>
  export default files
}

/** The source of each built-in subject as one file that imports nothing but lockstorm, by its name. */
declare module 'lockstorm:sources' {
  const sources: Readonly<Record<string, string>>
  export default sources
}

/** The code of the lessons and of their cures, in the order of the lessons. */
declare module 'lockstorm:lessons' {
  const files: readonly {
    /** Its path in the package: `lessons/pause/lock.js`. */
    readonly name: string
    /** `4 pause` */
    readonly label: string
    readonly title: string
    readonly kind: 'lock' | 'session'
    /** The client that it needs; null: any. */
    readonly client: string | null
    /** The storm of its lesson, as the worker knows it. */
    readonly storm: string
    readonly text: string
  }[]
  export default files
}
