/**
 * Settings of a workload, declared once: as scenario files write them, and under their names in plans, which say their units.
 *
 *   every: 1s   in a scenario file        everyUs: 1000000   in a plan
 */
import * as z from 'zod'

/** A schema that reads settings as scenario files write them, gives them these names, and writes them back. */
export function renamed<Yaml extends z.ZodObject, const Names extends NamesOf<z.output<Yaml>>>(
  yaml: Yaml,
  names: Names,
) {
  const back = Object.fromEntries(Object.entries(names).map(([inFile, inPlan]) => [inPlan, inFile]))
  return z.codec(yaml, z.custom<Renamed<z.output<Yaml>, Names>>(), {
    decode: (file) => rename(file, names) as Renamed<z.output<Yaml>, Names>,
    encode: (settings) => rename(settings as object, back) as z.output<Yaml>,
  })
}

type NamesOf<File> = { readonly [Key in keyof File]: string }
type Renamed<File, Names extends NamesOf<File>> = { readonly [Key in keyof File as Names[Key]]: File[Key] }

const rename = (from: object, names: object): object =>
  Object.fromEntries(
    Object.entries(from).flatMap(([key, value]) => {
      const name = (names as Readonly<Record<string, string>>)[key]
      return name === undefined ? [] : [[name, value]]
    }),
  )
