/** Hosts that are no machines of the world, in words. */

/** `cache.internal:6380 → redis-1`: where connections led that the code opened to them. */
export const hostTexts = ({ hosts }: { readonly hosts: Readonly<Record<string, string>> }): readonly string[] =>
  Object.entries(hosts).map(([name, machine]) => `${name} → ${machine}`)
