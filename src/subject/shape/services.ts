/**
 * The services that a class wants of an injector (NestJS, TypeDI, tsyringe), made as it would make them: each once for a client, from
 * the classes that TypeScript writes down beside a decorated constructor.
 *
 *   constructor(private redis: RedisService, config: ConfigService)   new RedisService(new ConfigService()), new ConfigService()
 *
 * Models          `emitDecoratorMetadata`; services that want services; `@Optional()`.
 * Does not model  tokens (`@Inject('REDIS')`), interfaces and values of a module: what stands for them only its author knows.
 * Source          https://www.typescriptlang.org/tsconfig/#emitDecoratorMetadata
 */
import type { AnyFunction } from './methods.ts'
import { isClass, sourceOf } from './parameters.ts'

/** A class whose instances an injector makes. */
export type ServiceClass = new (...args: never[]) => object

interface Metadata {
  readonly getMetadata?: (key: string, target: object) => unknown
  readonly getMetadataKeys?: (target: object) => readonly unknown[]
}

/** reflect-metadata adds itself to the one `Reflect` that there is. */
const metadata = Reflect as Metadata

const listOf = (key: string, target: object): readonly unknown[] => {
  const list = metadata.getMetadata?.(key, target)
  return Array.isArray(list) ? list : []
}

/** The class of each parameter of a constructor; where it is unknown, or none, there is null. */
export const classesOf = (target: AnyFunction): readonly (ServiceClass | null)[] =>
  listOf('design:paramtypes', target).map((type) => (isOwnClass(type) ? type : null))

/** Whether an injector does without the parameter at `index`. */
export const isOptional = (target: AnyFunction, index: number): boolean =>
  listOf('optional:paramtypes', target).includes(index)

/** Whether a class is decorated as one that an injector makes. */
export const isInjectable = (type: ServiceClass): boolean => (metadata.getMetadataKeys?.(type) ?? []).length > 0

/** What interfaces and types of the language come as (`Object`, `String`) is no service. */
const isOwnClass = (type: unknown): type is ServiceClass =>
  typeof type === 'function' &&
  !/\{\s*\[native code\]\s*\}$/.test(sourceOf(type as AnyFunction)) &&
  isClass(type as AnyFunction)

const made = new WeakMap<ServiceClass, WeakMap<object, object>>()

/** The one service of a class that a client has; `make` is called when it has none yet. */
export function serviceOf(type: ServiceClass, client: object, make: () => object): object {
  const ofClients = made.get(type) ?? new WeakMap<object, object>()
  made.set(type, ofClients)
  let service = ofClients.get(client)
  if (service === undefined) {
    service = make()
    ofClients.set(client, service)
  }
  return service
}
