/** What reflect-metadata adds to `Reflect`, and an injector's decorator. */
type Decorate = (target: object) => void
interface Metadata {
  metadata?: (key: string, value: unknown) => Decorate
  getMetadata?: (key: string, target: object) => unknown
  getMetadataKeys?: (target: object) => readonly string[]
}

const kept = new WeakMap<object, Map<string, unknown>>()
const reflect = Reflect as Metadata
reflect.metadata ??= (key, value) => (target) => {
  const own = kept.get(target) ?? new Map<string, unknown>()
  kept.set(target, own.set(key, value))
}
reflect.getMetadata ??= (key, target) => kept.get(target)?.get(key)
reflect.getMetadataKeys ??= (target) => [...(kept.get(target)?.keys() ?? [])]

export const Injectable = (): Decorate => reflect.metadata?.('injectable', true) as Decorate
