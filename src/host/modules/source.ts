/**
 * The file of a module, read, transformed and compiled once for all simulated processes; each of them evaluates it anew.
 *
 * ES modules and TypeScript become CommonJS functions with jiti's transform, which keeps the lines. A module is evaluated in
 * one go unless it, or something that it imports, has a top-level `await`: then its other form is an async function.
 *
 * Models          TypeScript, ESM, CommonJS and JSON; `import.meta`; dynamic `import()`; what Node and TypeScript take for a
 *                 module of which kind.
 * Does not model  `import.meta.main`; import maps and loaders; WebAssembly modules.
 */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import type { Jiti } from 'jiti'
import { asOurselves, realFs, realRequire } from '../door.ts'
import { lazyBarrel } from './barrel-code.ts'
import { makeJiti } from './jiti.ts'
import { packageOf } from './package.ts'

/** What a module's code is called with. */
export type Body = (
  this: unknown,
  ...args: [
    ...Parameters<PlainBody>,
    /** Dynamic `import()`, and each import of a module that awaits. */
    importLater: (name: string) => unknown,
    resolve: (name: string) => string,
    importNow: (name: string) => unknown,
    meta: object,
  ]
) => unknown

/** What code is called with that has no `import` of any kind. */
export type PlainBody = (
  this: unknown,
  exports: unknown,
  require: unknown,
  module: unknown,
  filename: string,
  folder: string,
) => unknown

/** `module`: it has been transformed, whatever it was written in. `native`: the host's own instance is used. */
type Format = 'module' | 'commonjs' | 'json' | 'native'

/** Makes the body for a process with these globals. */
type Make = (self: object, global: object) => Body

/** A file that is not what its name says. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(message: string, file: string, line: number, column: number) {
    super(message)
    this.file = file
    this.line = line
    this.column = column
  }
}

const PARAMETERS =
  'exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve, lockstormImport, lockstormMeta'
const ESM_SYNTAX =
  /(?:^|[\s;}])(?:import[\s\w$*,{}]*from\s*["']|import\s*["']|export\s*(?:[*{]|default\b|class\b|const\b|let\b|var\b|function\b|async\b)|import\.meta\b)/m
/** `@decorator() name!: Type`: the transform refuses the mark, which is a word to the compiler. */
const DEFINITE_FIELD =
  /(@[\w.]+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\s+(?:(?:public|private|protected|readonly|override)\s+)*[\w$#]+)!(\s*:)/g

/** A field with a decorator keeps its value: the transform leaves that to another one, which jiti does not have. */
const DECORATED_FIELD = /(function _initializerWarningHelper\()\w+, \w+(\) \{)throw Error\([^)]*\);/
const INITIAL_VALUE = '$1r, e$2return r && r.initializer ? r.initializer.call(e) : void 0;'

const known = new Map<string, Source>()

/** The source of a file, by its real path. */
export function sourceOf(file: string): Source {
  let source = known.get(file)
  if (source === undefined) {
    source = new Source(file)
    known.set(file, source)
  }
  return source
}

export class Source {
  readonly file: string
  readonly folder: string
  readonly url: string
  /** Installed, not the user's own. */
  readonly isInPackage: boolean
  /** Whether Node takes it for an ES module: then the default import of a CommonJS module is all that this exports. */
  readonly isNodeModule: boolean
  readonly nativeRequire: NodeJS.Require
  /** It, or something that it imports, awaits at its top level. */
  isAsync = false
  /** It is a barrel whose imports are made when they are asked for; null: nobody has asked yet. */
  isLazy: boolean | null = null
  #format: Format | null = null
  #text: string | null = null
  #code: string | null = null
  #importsNothing: boolean | null = null
  #awaits: boolean | null = null
  #lazyCode: string | null | undefined
  #now: Make | null = null
  #later: Make | null = null

  constructor(file: string) {
    this.file = file
    this.folder = path.dirname(file)
    this.url = pathToFileURL(file).href
    this.isInPackage = `${this.folder}${path.sep}`.includes(`${path.sep}node_modules${path.sep}`)
    this.nativeRequire = realRequire(file)
    const extension = path.extname(file)
    this.isNodeModule =
      /^\.m[jt]s$/.test(extension) || (/^\.[jt]sx?$/.test(extension) && packageOf(this.folder).type === 'module')
  }

  get text(): string {
    this.#text ??= realFs.readFileSync(this.file, 'utf8')
    return this.#text
  }

  get format(): Format {
    this.#format ??= this.#formatOf(path.extname(this.file))
    return this.#format
  }

  #formatOf(extension: string): Format {
    if (extension === '.node') return 'native'
    if (extension === '.json') return 'json'
    if (this.isNodeModule || /^\.([cm]?ts|[jt]sx)$/.test(extension)) return 'module'
    return extension !== '.cjs' && ESM_SYNTAX.test(this.text) ? 'module' : 'commonjs'
  }

  /** CommonJS as most packages are: it asks by `require` alone, and what serves imports need not be made for each process. */
  get importsNothing(): boolean {
    this.#importsNothing ??= this.format === 'commonjs' && !/\bimport\b/.test(this.text)
    return this.#importsNothing
  }

  /** The code of this module; `isAsync` says whether it is an async function. */
  body(globals: object): Body {
    if (!this.isAsync && this.#now === null && this.format === 'module') this.isAsync = this.awaits
    if (this.isAsync) this.#later ??= this.#compile(true)
    else this.#now ??= this.#compile(false)
    return (this.isAsync ? (this.#later as Make) : (this.#now as Make))(globals, globals)
  }

  /** Whether something but its imports is awaited at its top level: there the word is one in a static block, and refused. */
  get awaits(): boolean {
    this.#awaits ??= this.#looksForAwait()
    return this.#awaits
  }

  #looksForAwait(): boolean {
    if (!/\bawait\b/.test(this.text)) return false
    const code = this.#codeOf(false)
    if (!/\bawait\b/.test(code)) return false
    try {
      new vm.Script(`(class { static { ${code}\n} })`)
      return false
    } catch {
      return true
    }
  }

  /** Its code as a barrel; null: it is none. */
  get lazyCode(): string | null {
    if (this.#lazyCode === undefined) this.#lazyCode = this.format === 'module' ? lazyBarrel(this.#codeOf(true)) : null
    return this.#lazyCode
  }

  /** The imports come first in a module, each awaited; where nothing else awaits they are had at once. */
  #codeOf(isAsync: boolean): string {
    this.#code ??= this.#transformed()
    return isAsync ? this.#code : this.#code.replaceAll('await jitiImport(', 'lockstormImport(')
  }

  #compile(isAsync: boolean): Make {
    const code = (this.isLazy === true ? this.lazyCode : null) ?? this.#codeOf(isAsync)
    try {
      return compile(code, this.file, isAsync)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      // Only `import.meta` by itself is left by the transform.
      if (error.message.includes('import.meta'))
        return compile(code.replace(/\bimport\.meta\b/g, 'lockstormMeta'), this.file, isAsync)
      // Babel says where.
      if (this.format === 'commonjs') this.#transform(this.text)
      throw error
    }
  }

  #transformed(): string {
    const { text, format } = this
    const code = text.replace(/^#!.*/, '')
    if (format === 'module') return this.#transform(code)
    if (!/\bimport\s*\(/.test(code)) return code
    const transformed = this.#transform(code)
    return /^\s*(['"])use strict\1/.test(code) ? transformed : transformed.replace(/^"use strict";/, '')
  }

  #transform(text: string): string {
    const extension = path.extname(this.file)
    const options = {
      source: text,
      filename: this.file,
      ts: /^\.([cm]?ts|tsx)$/.test(extension),
      jsx: extension.endsWith('x'),
      async: true,
      retainLines: true,
      interopDefault: false,
    }
    let code = asOurselves(() => transformer().transform(options))
    if (code.includes('Definitely assigned fields cannot be initialized here')) {
      const source = text.replace(DEFINITE_FIELD, '$1$2')
      code = asOurselves(() => transformer().transform({ ...options, source }))
    }
    if (!code.startsWith('exports.__JITI_ERROR__')) return code.replace(DECORATED_FIELD, INITIAL_VALUE)
    const { filename, line, column, message } = JSON.parse(code.slice(code.indexOf('{'))) as {
      readonly filename: string
      readonly line: number
      readonly column: number
      readonly message: string
    }
    throw new ParseError((message.split('\n')[0] ?? '').replace(/\s*(\(\d+:\d+\))?$/, ''), filename, line, column)
  }
}

let jiti: Jiti | null = null
const transformer = (): Jiti => {
  jiti ??= makeJiti(import.meta.url, { interopDefault: false })
  return jiti
}

function compile(code: string, filename: string, isAsync: boolean): Make {
  const head = `(function (globalThis, global) { return ${isAsync ? 'async ' : ''}function (${PARAMETERS}) { `
  const script = new vm.Script(`${head}${code}\n} })`, { filename, columnOffset: -head.length })
  return script.runInThisContext() as Make
}
