/**
 * The adapter of a lock: about ten lines that say how lockstorm calls it, filled in as far as its shape is known. What is unclear
 * stands in it as a question.
 */
import { assertNever } from '../../sim/assert.ts'
import { type Call, callText, newText, servicesIn } from './arguments.ts'
import type { Method, Methods } from './methods.ts'
import { parametersOf, sourceOf, type Wish } from './parameters.ts'
import { clientIn, type Form, type Recognized, type ShapedFile } from './recognize.ts'
import { classesOf, type ServiceClass } from './services.ts'
import { returnsSomething, type Use, useCall } from './use.ts'

/** What an adapter calls. */
export interface Adapted {
  readonly recognized: Recognized
  readonly file: ShapedFile
  /** How the adapter imports it: `./my-lock.ts`. */
  readonly from: string
}

/** The text of the adapter, for a TypeScript file beside that of the lock. */
export function adapterText({ recognized: { key, form, words }, file, from }: Adapted): string {
  const { imports, setUp, lock } = partsOf(key, form, from, { title: '', text: file.text })
  const client = clientIn(file.text) ?? 'ioredis'
  const isGivenClient = namesIn(lock).some((name) => name === 'redis' || name === 'nodes')
  const type = isGivenClient ? TYPES[client] : undefined
  return [
    `// How lockstorm calls ${from}: ${words}.`,
    '// Written by lockstorm init, and yours to change.',
    "import { defineLock } from 'lockstorm'",
    ...(type === undefined ? [] : [`import type { ${type} } from '${client === 'node-redis' ? 'redis' : client}'`]),
    ...imports,
    '',
    ...(setUp.length === 0 ? [] : [...setUp, '']),
    ...(lock.some((line) => line.includes("missing('")) ? MISSING : []),
    `export default defineLock${type === undefined ? '' : `<${type}>`}({`,
    `  name: ${quoted(file.name)},`,
    ...(client === 'ioredis' ? [] : [`  client: '${client}',`]),
    ...lock.flatMap((lines) => lines.split('\n')).map((line) => `  ${line}`),
    '})',
    '',
  ].join('\n')
}

/** An adapter that is not filled in is no set-up, and comes to no verdict. */
const MISSING = [
  '// Put what it should be in the place of each call of this one, and remove it.',
  'const missing = (name: string): never => {',
  "  throw new TypeError(name + ' is not filled in')",
  '}',
  '',
]

const TYPES: Readonly<Record<string, string>> = { ioredis: 'Redis', iovalkey: 'Redis', 'node-redis': 'RedisClientType' }

/** The text of an adapter for a file of which nothing is known but its exports. */
export const emptyAdapterText = ({ name }: ShapedFile, from: string, exported: readonly string[]): string =>
  [
    `// How lockstorm calls ${from}. Written by lockstorm init, and to be filled in.`,
    "import { defineLock } from 'lockstorm'",
    `import * as mine from '${from}'`,
    '',
    'export default defineLock({',
    `  name: ${quoted(name)},`,
    '  // One attempt: a lease (an object, true, or a token), or null when another client has the lock.',
    '  async acquire({ redis, key, token, ttlMs }) {',
    `    throw new TypeError('take the lock here, with what the file exports: ${exported.join(', ')}')`,
    '  },',
    '  // true: it was released. false: it was no longer mine.',
    '  async release({ redis, key, token }, lease) {',
    '    return true',
    '  },',
    '})',
    '',
  ].join('\n')

interface Parts {
  readonly imports: readonly string[]
  /** What stands before the definition. */
  readonly setUp: readonly string[]
  readonly lock: readonly string[]
}

/** What the methods of the definition are called on, and how each gets at it. */
interface Target {
  /** Empty: they are functions. */
  readonly on: string
  /** The line in front of the call that takes the lock, and of the one that gives it back; empty: none is needed. */
  readonly take: string
  readonly giveBack: string
}

const asIs = (on: string): Target => ({ on, take: '', giveBack: '' })

function partsOf(key: string, form: Form, from: string, use: Use): Parts {
  const isMain = key === 'default'
  const imported = (name: string): readonly string[] => [`import ${isMain ? name : `{ ${name} }`} from '${from}'`]
  switch (form.kind) {
    case 'around': {
      const name = isMain ? nameOf(form.target) : key
      return { imports: imported(name), setUp: [], lock: around(form.target, name, '', use) }
    }
    case 'object': {
      const name = isMain ? 'lock' : key
      return { imports: imported(name), setUp: [], lock: definition(form.methods, asIs(name), use) }
    }
    case 'functions': {
      // `module.exports = { acquireLock, releaseLock }`, the function itself, or exports by their names.
      const isObject = isMain && form.methods.kind === 'ends' && form.methods.release !== null
      const names = isObject
        ? 'locks'
        : isMain
          ? methodNames(form.methods)[0]
          : `{ ${methodNames(form.methods).join(', ')} }`
      return {
        imports: [`import ${names} from '${from}'`],
        setUp: [],
        lock: definition(form.methods, asIs(isObject ? 'locks' : ''), use),
      }
    }
    case 'class':
    case 'factory': {
      const name = isMain ? nameOf(form.target) : key
      return { imports: [...importsOfServices(form, use.text, from), ...imported(name)], ...made(name, form, use) }
    }
    default:
      return assertNever(form)
  }
}

/** The imports of the services that a class is made with: as its own file has them, or from that file. */
function importsOfServices(
  { making, target }: Extract<Form, { kind: 'class' | 'factory' }>,
  text: string,
  from: string,
): readonly string[] {
  return servicesIn(making, target.method).map(({ name }) => {
    const imported = new RegExp(
      `import\\s*(?:type\\s*)?\\{[^}]*\\b${name}\\b[^}]*\\}\\s*from\\s*['"]([^'"]+)['"]`,
    ).exec(text)
    if (imported !== null) return `import { ${name} } from '${imported[1]}'`
    const isMain = new RegExp(`import\\s+${name}\\s+from\\s*['"]([^'"]+)['"]`).exec(text)
    if (isMain !== null) return `import ${name} from '${isMain[1]}'`
    const isHere = new RegExp(`\\bexport\\s+class\\s+${name}\\b`).test(text)
    return isHere ? `import { ${name} } from '${from}'` : `// To be filled in: import { ${name} } from '…'`
  })
}

/** What is made by `new` or by a factory: once for each client, or for each attempt when it is made for a key. */
function made(name: string, form: Extract<Form, { kind: 'class' | 'factory' }>, use: Use): Omit<Parts, 'imports'> {
  const { kind, target, making } = form
  const make = `${kind === 'class' ? `new ${name}` : `await ${name}`}(${argumentsText(making, target)})`
  const type = kind === 'class' ? name : 'any'
  if (asks(making, 'key') || asks(making, 'keys')) {
    const take = `const lock = ${make}\n  locks.set(token, lock)`
    const giveBack = `const lock = locks.get(token) as ${type}`
    return {
      setUp: ['// Made for a key: each attempt has one of its own.', `const locks = new Map<string, ${type}>()`],
      lock: definition(form.methods ?? UNSEEN, { on: 'lock', take, giveBack }, use),
    }
  }
  return {
    setUp: [
      '// Each simulated client loads this file for itself: one lock a client.',
      ...(form.methods === null
        ? [`// ${name} is taken to give an object with acquire(key, ttlMs): correct that below.`]
        : []),
      `let lock: ${type}${type === 'any' ? '' : ' | undefined'}`,
    ],
    lock: definition(
      form.methods ?? UNSEEN,
      { on: 'lock', take: `lock ??= ${make}`, giveBack: `lock ??= ${make}` },
      use,
    ),
  }
}

/** What comes of a factory is not known before it is called: the usual names, to be corrected. */
const UNSEEN: Methods = {
  kind: 'ends',
  acquire: { name: 'acquire', method: (key: never, ttlMs: never) => [key, ttlMs] },
  release: null,
}

const nameOf = ({ name }: Method): string => (name === 'default' ? 'makeLock' : name)

const methodNames = (methods: Methods): readonly string[] =>
  methods.kind === 'around'
    ? [methods.around.name]
    : [methods.acquire.name, ...(methods.release === null ? [] : [methods.release.name])]

/** The methods of the definition. */
function definition(methods: Methods, { on, take, giveBack }: Target, use: Use): readonly string[] {
  const called = ({ name }: Method): string => (on === '' ? name : `${on}.${name}`)
  const line = (text: string): readonly string[] => (text === '' ? [] : [`  ${text}`])
  if (methods.kind === 'around') return around(methods.around, called(methods.around), take, use)
  const { acquire, release } = methods
  const taking = useCall('take', acquire.method, use)
  const taken = argumentsText(withoutCallback(taking), acquire)
  const call = `await ${called(acquire)}(${taken})`
  if (release === null) {
    return [
      '// One attempt: null when another client has the lock.',
      `async acquire(${contextText([take, taken])}) {`,
      ...line(take),
      `  const held: any = ${call}`,
      '  return held ? ({ held } as any) : null',
      '},',
      '// What acquire handed out gives the lock back: a function, or an object with release() or unlock().',
      'async release(_context, { held }: any) {',
      "  if (typeof held === 'function') await held()",
      '  else await (held.release ?? held.unlock ?? held[Symbol.asyncDispose]).call(held)',
      '  return true',
      '},',
    ]
  }
  const givingBack = argumentsText(withoutCallback(useCall('giveBack', release.method, use)), release)
  const given = asks(taking, 'token') ? givingBack : givingBack.replace(/\btoken\b/g, 'lease')
  return [
    '// One attempt: a lease (an object, true, or a token), or null when another client has the lock.',
    `async acquire(${contextText([take, taken])}) {`,
    ...line(take),
    ...(returnsSomething(acquire.method) ? [`  return ${call}`] : [`  ${call}`, '  return true']),
    '},',
    '// true: it was released. false: it was no longer mine.',
    `async release(${contextText([giveBack, given])}${/\blease\b/.test(given) ? ', lease: any' : ''}) {`,
    ...line(giveBack),
    ...(returnsSomething(release.method)
      ? [`  return Boolean(await ${called(release)}(${given}))`]
      : [`  await ${called(release)}(${given})`, '  return true']),
    '},',
  ]
}

/** A callback that is told by a function when all is done is handed one; any other is waited for. */
function around(target: Method, called: string, take: string, use: Use): readonly string[] {
  const given = argumentsText(useCall('run', target.method, use), target)
  const hasDone =
    /(callback|cb|done)[,)]/i.test(callText('', target.method)) && !/^async\b/.test(sourceOf(target.method))
  const work = '(done: () => void) => work().then(done).then(resolve, reject)'
  return [
    // It waits until it has the lock, or says that it could not have it.
    'blocking: true,',
    `async around(${contextText([take, given])}, work) {`,
    ...(take === '' ? [] : [`  ${take}`]),
    ...(hasDone
      ? [
          '  await new Promise<void>((resolve, reject) => {',
          `    ${called}(${given.replace(/\bwork\b/, work)})`,
          '  })',
        ]
      : [`  await ${called}(${given})`]),
    '},',
  ]
}

const asks = ({ args }: Call, wish: Wish): boolean => args.some((arg) => JSON.stringify(arg)?.includes(`"${wish}"`))

const IN_CONTEXT = ['redis', 'nodes', 'key', 'token', 'ttlMs']

/** The names of the context that stand in texts. */
const namesIn = (texts: readonly string[]): readonly string[] =>
  IN_CONTEXT.filter((name) => texts.some((each) => new RegExp(`\\b${name}\\b(?!:)`).test(each)))

const contextText = (texts: readonly string[]): string => {
  const names = namesIn(texts)
  return names.length === 0 ? '{}' : `{ ${names.join(', ')} }`
}

/** What stands for each wish. */
const EXPRESSIONS: Readonly<Record<Wish, string>> = {
  key: 'key',
  keys: '[key]',
  prefix: "'lock:'",
  ttl: 'ttlMs',
  ttlMs: 'ttlMs',
  ttlS: 'Math.ceil(ttlMs / 1000)',
  token: 'token',
  redis: 'redis',
  clients: '[...nodes]',
  url: "'redis://localhost:6379'",
  host: "'localhost'",
  port: '6379',
  task: 'work',
  lease: 'lease',
}

/** The arguments of a call; what is not clear is asked for where it stands. */
function argumentsText({ args, unclear, services }: Call, { method }: Method): string {
  const parameters = parametersOf(method)
  const classes = classesOf(method)
  const texts = args.map((arg, index) => {
    if (services.includes(index)) return newText(classes[index] as ServiceClass, EXPRESSIONS)
    const parameter = parameters[index]
    if (typeof arg === 'string') return EXPRESSIONS[arg]
    if (arg === null)
      return parameter?.kind === 'plain' && unclear.includes(parameter.name) ? missing(parameter.name) : 'undefined'
    const asked = parameter?.kind === 'object' ? parameter.names.filter(({ name }) => unclear.includes(name)) : []
    const fields = [
      ...Object.entries(arg).map(([name, wish]) =>
        name === EXPRESSIONS[wish] ? name : `${name}: ${EXPRESSIONS[wish]}`,
      ),
      ...asked.map(({ name }) => `${name}: ${missing(name)}`),
    ]
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
  })
  while (texts.at(-1) === 'undefined') texts.pop()
  return texts.join(', ')
}

/** Without the callback of a function that has one beside its promise. */
const withoutCallback = (call: Call): Call => ({ ...call, args: call.args.map((arg) => (arg === 'task' ? null : arg)) })

const missing = (name: string): string => `missing('${name}')`

const quoted = (name: string): string => `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
