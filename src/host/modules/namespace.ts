/**
 * What an `import` gives of a module that is not written as an ES module: its exports by name, and as `default`.
 *
 * A file that Node takes for an ES module gets all that a CommonJS module exports as its default; one that a compiler turns
 * into CommonJS gets its `exports.default`, if it calls itself `__esModule`.
 *
 * Source: https://nodejs.org/docs/latest-v20.x/api/esm.html#commonjs-namespaces, and esbuild's and TypeScript's interop.
 */

interface Exporter {
  readonly exports: unknown
  /** For an importer that is an ES module by Node's rules. */
  readonly isForNode: boolean
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

function read({ exports, isForNode }: Exporter, name: PropertyKey): unknown {
  const value = isObject(exports) ? Reflect.get(exports, name) : undefined
  if (name !== 'default') return value
  const isCompiled = isObject(exports) && Reflect.get(exports, '__esModule') === true
  return isCompiled && !isForNode && value !== undefined ? value : exports
}

/** Asks the exports each time: they may change, and in a circle they are not complete. */
const HANDLER: ProxyHandler<Exporter> = {
  get: read,
  has: ({ exports }, name) => name === 'default' || (isObject(exports) && Reflect.has(exports, name)),
  ownKeys: ({ exports }) => {
    const names = isObject(exports) ? Object.keys(exports) : []
    return names.includes('default') ? names : ['default', ...names]
  },
  getOwnPropertyDescriptor: (target, name) => ({
    value: read(target, name),
    enumerable: true,
    configurable: true,
    writable: true,
  }),
}

/** The namespace of exports that may still change. */
export const namespaceOf = (exports: unknown, isForNode: boolean): object => new Proxy({ exports, isForNode }, HANDLER)

const known = new WeakMap<object, object>()

/** The namespace of a module that all processes share: faster to use, because its names do not change. */
export function fixedNamespaceOf(exports: object): object {
  let namespace = known.get(exports)
  if (namespace === undefined) {
    namespace = {}
    for (const name of Object.keys(exports)) {
      Object.defineProperty(namespace, name, { get: () => Reflect.get(exports, name), enumerable: true })
    }
    if (!Object.hasOwn(exports, 'default')) {
      Object.defineProperty(namespace, 'default', { value: exports, enumerable: true })
    }
    known.set(exports, namespace)
  }
  return namespace
}
