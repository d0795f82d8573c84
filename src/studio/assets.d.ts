/** What `build/studio.js` puts in the place of these imports. */
declare module 'wasmoon-lua5.1/dist/liblua5.1.wasm' {
  const bytes: Uint8Array
  export default bytes
}

/** The scenarios that come with lockstorm: the text of each file, by its path in `scenarios/`. */
declare module 'lockstorm:scenarios' {
  const files: Readonly<Record<string, string>>
  export default files
}

/** The source of each built-in subject as one file that imports nothing but lockstorm, by its name. */
declare module 'lockstorm:sources' {
  const sources: Readonly<Record<string, string>>
  export default sources
}
