/**
 * The shape of a record's value: named fields in a fixed order, declared once. From it come the type of what is written,
 * the functions that read a field, and the schema that a line of a history file must fit.
 *
 * A value is flat, because it is hashed and written as it is: a lone atom where there is one field, else an array of atoms.
 * Code outside `record/` does not know at which place a field stands.
 */
import * as z from 'zod'
import type { Atom } from '../sim/trace.ts'

/** A field: its name and what it may hold. */
export type Field<Name extends string = string, Value extends Atom = Atom> = readonly [Name, z.ZodType<Value>]

export interface Shape<Fields extends readonly Field[] = readonly Field[], IsOptional extends boolean = boolean> {
  readonly fields: Fields
  /** Whether the last field may be missing. */
  readonly isLastOptional: IsOptional
}

/** The values of all fields, in their order. */
type Tuple<Fields extends readonly Field[]> = { readonly [Index in keyof Fields]: z.output<Fields[Index][1]> }

/** What is written for these fields: nothing, the lone atom of one field, or the tuple. */
type Flat<Fields extends readonly Field[]> = Fields extends readonly []
  ? null
  : Fields extends readonly [Field<string, infer Only>]
    ? Only
    : Tuple<Fields>

/** What is written for a shape. */
export type Written<S extends Shape> =
  S extends Shape<infer Fields, infer IsOptional>
    ?
        | Flat<Fields>
        | (true extends IsOptional
            ? Fields extends readonly [...infer Rest extends readonly Field[], Field]
              ? Flat<Rest>
              : never
            : never)
    : never

/** A shape of these fields. */
export const shape = <const Fields extends readonly Field[]>(...fields: Fields): Shape<Fields, false> => ({
  fields,
  isLastOptional: false,
})

/** The same shape, whose last field may be missing. */
export const lastOptional = <Fields extends readonly Field[]>({ fields }: Shape<Fields>): Shape<Fields, true> => ({
  fields,
  isLastOptional: true,
})

/** A function that reads one field of a shape out of the fields of a value. */
export function reader<Fields extends readonly Field[], Name extends Fields[number][0]>(
  { fields }: Shape<Fields>,
  name: Name,
): (fields: readonly Atom[]) => z.output<Extract<Fields[number], Field<Name>>[1]> {
  const index = fields.findIndex(([each]) => each === name)
  return (values) => values[index] as never
}

/** What a value of this shape must look like, as it stands in a history file. */
export function schemaOf(shape: Shape): z.ZodType {
  let schema = schemas.get(shape)
  if (schema === undefined) {
    schema = makeSchema(shape)
    schemas.set(shape, schema)
  }
  return schema
}

/** Made when a shape is first asked for: most runs read no file. */
const schemas = new WeakMap<Shape, z.ZodType>()

function makeSchema({ fields, isLastOptional }: Shape): z.ZodType {
  const full = flatSchema(fields.map(([, schema]) => schema))
  return isLastOptional ? z.union([full, flatSchema(fields.slice(0, -1).map(([, schema]) => schema))]) : full
}

function flatSchema([first, ...others]: readonly z.ZodType[]): z.ZodType {
  if (first === undefined) return z.null()
  return others.length === 0 ? first : z.tuple([first, ...others])
}

// What fields hold.
export const text = z.string()
/** Of a history file, what JSON has no number for is a text: a lease may be valid until Infinity. */
export const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)])
/** What code under test says of itself. It should be of this type, and a history is read even if it was not. */
export const said = <Value extends Atom>(type: z.ZodType<Value>) =>
  z.union([type, z.string(), z.number(), z.boolean(), z.null()]) as z.ZodType<Value>
export const orNull = <Value extends Atom>(schema: z.ZodType<Value>) => schema.nullable() as z.ZodType<Value | null>

// Fields that many records share.
/** The attempt, or the request, that a record belongs to. */
export const TOKEN = ['token', text] as const
/** Why something failed, in the words of the code that says so. */
export const REASON = ['reason', said(text)] as const
