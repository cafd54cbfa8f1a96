/** Looking into a schema by a path: which fields an object may have, and what a field is for. Used for the text of problems. */
import { z } from "zod";

type Path = readonly PropertyKey[];

/** The fields that the object at `path` may have, in the schema's order; none where it is not an object with fixed fields. */
export function fieldsAt(root: z.ZodType, path: Path): readonly string[] {
  const found = schemaAt(root, path);
  const object = found === undefined ? undefined : objectIn(found);
  return object === undefined ? [] : Object.keys(object.shape);
}

/** The first sentence of the description of the field at `path`. */
export function purposeAt(root: z.ZodType, path: Path): string | undefined {
  return schemaAt(root, path)?.description?.split(/\.(?:\s|$)/, 1)[0];
}

function schemaAt(root: z.ZodType, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = root;
  for (const key of path) {
    at = at === undefined ? undefined : step(at, key);
  }
  return at;
}

function step(from: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  const schema = unwrap(from);
  if (schema instanceof z.ZodArray) {
    return asType(schema.element);
  }
  if (schema instanceof z.ZodRecord) {
    return asType(schema.valueType);
  }
  if (schema instanceof z.ZodTuple) {
    return asType(schema.def.items[Number(key)]);
  }
  return asType(objectIn(schema)?.shape[String(key)]);
}

/** The object behind wrappers, or the one object among a union's options. */
function objectIn(schema: z.ZodType): z.ZodObject | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) {
    return inner.options.map((option) => asType(option)).find((option) => option instanceof z.ZodObject);
  }
  return inner instanceof z.ZodObject ? inner : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) {
    inner = asType(inner.unwrap()) ?? z.never();
  }
  return inner;
}

/** Zod types the parts of a schema by its core; all of them here were made by the classic API, so the check always holds. */
function asType(schema: unknown): z.ZodType | undefined {
  return schema instanceof z.ZodType ? schema : undefined;
}
