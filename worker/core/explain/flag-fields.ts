/** The code of a flag band in words. */
import type { Mask } from "../../../api/v1alpha1/mask.ts";
import type { FlagField, ProductTable } from "../../../api/v1alpha1/product-table.ts";
import type { Band, FlagBand } from "../plan/request.ts";

export type FlagFields = Readonly<Record<string, FlagField>>;

/** The fields of a band of the product's table; none where the table has no such flag band. */
export function fieldsOf(table: ProductTable, band: string): FlagFields {
  return (Object.hasOwn(table.flags ?? {}, band) ? table.flags?.[band] : undefined) ?? {};
}

/** Each field by the name of its value, or the number where the table names none: `{cloud: "high_confidence"}`. */
export function nameFields(fields: FlagFields, code: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueName(field, fieldValue(field, code))]));
}

/** The masks of a band, which they may call by another of its names. */
export function masksOf({ assetKeys }: FlagBand, masks: readonly Mask[]): readonly Mask[] {
  return masks.filter(({ band }) => assetKeys.includes(band));
}

/** For each flag band, the flags that the masks ask about. */
export function maskFlags(bands: readonly Band[], masks: readonly Mask[]): Readonly<Record<string, readonly string[]>> {
  const flagsOf = (band: FlagBand) => masksOf(band, masks).flatMap(({ flags }) => Object.keys(flags));
  return Object.fromEntries(bands.flatMap((band) => (band.type === "flags" ? [[band.name, [...new Set(flagsOf(band))]]] : [])));
}

/** What the masks hold against a code of a band: `cloud is high_confidence, the mask wants not_high_confidence`. */
export function maskReasons(fields: FlagFields, masks: readonly Mask[], code: number): readonly string[] {
  const reasons = masks.flatMap(({ flags }) =>
    Object.entries(flags).flatMap(([flag, wanted]) => {
      const field = fields[flag];
      if (!field) return [];
      const value = fieldValue(field, code);
      if (wanted.some((name) => field.values[name] === value)) return [];
      return [`${flag} is ${valueName(field, value)}, the mask wants ${wanted.join(" or ")}`];
    }),
  );
  return [...new Set(reasons)];
}

/** Division, not shifts: a field may be as wide as 32 bits. */
function fieldValue({ bit, width }: FlagField, code: number): number {
  return Math.floor(code / 2 ** bit) % 2 ** width;
}

function valueName({ values }: FlagField, value: number): string {
  return Object.entries(values).find(([, number]) => number === value)?.[0] ?? String(value);
}
