/**
 * `spec.productTable`: what a product's profile says (DESIGN section 4), for data that has none. The tables of the known products
 * are data files of the worker in this same shape.
 */
import { z } from "zod";
import { bandName } from "./names.ts";
import type { DeepReadonly } from "./deep-readonly.ts";
import { cel, refuse } from "./rules.ts";

/** A closed interval of numbers, min < max. */
export const numberRangeSchema = z
  .strictObject({
    min: z.number().describe("Smallest valid number."),
    max: z.number().describe("Largest valid number."),
  })
  .superRefine((range, ctx) => {
    if (range.min >= range.max) {
      refuse(ctx, [], { what: "min is not below max", todo: `put the smaller first: min ${range.max}, max ${range.min}` });
    }
  })
  .meta(cel(["self.min < self.max", "min is not below max"]));

/** A measured band of a product. */
export const bandTableSchema = z.strictObject({
  aliases: z.array(bandName).max(64).optional().describe("Other names of the band, as the items' assets have them."),
  nodata: z.number().optional().describe("Stored number that means no observation. Left out: the file's own."),
  scale: z.number().optional().describe("Reflectance = scale x stored + offset. Left out: 1."),
  offset: z.number().optional().describe("Reflectance = scale x stored + offset. Left out: 0."),
  validRange: numberRangeSchema.optional().describe("Stored numbers that are valid when validRange asks for the product's."),
});

/** A named field of bits in a flag band. */
export const flagFieldSchema = z
  .strictObject({
    bit: z.int().min(0).max(31).describe("Lowest bit of the field; 0 is the least significant."),
    width: z.int().min(1).max(32).describe("Number of bits. An enumerated band is one field from bit 0 as wide as the band."),
    values: z.record(z.string(), z.int().min(0)).describe("Name of each value of the field."),
  })
  .superRefine((field, ctx) => {
    if (field.bit + field.width > 32) {
      refuse(ctx, ["width"], { what: "the field ends beyond bit 31", todo: "flag bands have at most 32 bits" });
    }
    if (Object.keys(field.values).length === 0) {
      refuse(ctx, ["values"], { what: "no value is named", todo: "name at least one, as {clear: 0, cloudy: 1}" });
    }
    for (const [name, value] of Object.entries(field.values)) {
      if (value >= 2 ** field.width) {
        refuse(ctx, ["values", name], { what: `${value} does not fit in ${field.width} bit`, todo: "correct the value or the width" });
      }
    }
  })
  .meta(cel(["self.bit + self.width <= 32", "the field ends beyond bit 31"], ["size(self.values) > 0", "no value is named"]));

/** `spec.productTable`. */
export const productTableSchema = z
  .strictObject({
    bands: z.record(bandName, bandTableSchema).describe("The measured bands by name."),
    flags: z
      .record(bandName, z.record(z.string(), flagFieldSchema))
      .optional()
      .describe("For each flag band, its fields by name. Flag bands are only ever resampled by nearest."),
  })
  .superRefine((table, ctx) => {
    if (Object.keys(table.bands).length === 0) {
      refuse(ctx, ["bands"], { what: "no band is described", todo: "describe at least one, as {red: {aliases: [B4], nodata: 0}}" });
    }
  })
  .meta(cel(["size(self.bands) > 0", "no band is described"]));

/** A job's `productTable`. */
export type ProductTable = DeepReadonly<z.output<typeof productTableSchema>>;

/** One flag field of a product table. */
export type FlagField = DeepReadonly<z.output<typeof flagFieldSchema>>;

/** One measured band of a product table. */
export type BandTable = DeepReadonly<z.output<typeof bandTableSchema>>;

/** A closed interval, min < max. */
export type NumberRange = DeepReadonly<z.output<typeof numberRangeSchema>>;
