/** `spec.mask`: which observations count. An observation is valid when it passes all of them (DESIGN section 4). */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { bandName } from "./names.ts";
import { numberRangeSchema } from "./product-table.ts";
import { cel, refuse, repeated } from "./rules.ts";

/** The values of one flag that are kept, by name. Names are strings: a single bit's are "false" and "true". */
const flagValues = z.array(z.string().min(1).max(64)).min(1).max(64);

/** A mask's `validRange`: the stored numbers that count, for every measured band of the indices. */
export const validRangeSchema = z.union([z.enum(["none", "product"]), numberRangeSchema], {
  error: "use none, product, or {min: <number>, max: <number>}",
});

/** One mask: the flags of one band. A pixel is kept when every flag named here has one of its listed values. */
export const maskSchema = z
  .strictObject({
    band: bandName.describe("The flag band, for example qa_pixel."),
    flags: z
      .record(z.string().min(1), flagValues)
      .describe("For each flag of the product's table, the values to keep. An enumerated band has one flag, its table's name."),
    validRange: validRangeSchema.default("none").describe("Stored numbers that count: none (all of them), product, or {min, max}."),
  })
  .superRefine((mask, ctx) => {
    if (Object.keys(mask.flags).length === 0) {
      refuse(ctx, ["flags"], { what: "no flag is named", todo: "name at least one, as {cloud: [not_high_confidence]}, or drop the mask" });
    }
    for (const [flag, values] of Object.entries(mask.flags)) {
      for (const value of repeated(values)) {
        refuse(ctx, ["flags", flag], { what: `value "${value}" is listed twice`, todo: "list it once" });
      }
    }
  })
  .meta(cel(["size(self.flags) > 0", "no flag is named"]));

/** `spec.mask`: all of them must hold. No default: without it, nodata alone decides. */
export const maskListSchema = z.array(maskSchema).max(16);

/** One mask of a job. */
export type Mask = DeepReadonly<z.output<typeof maskSchema>>;

/** A mask's `validRange`: `none`, the product's own, or the given interval of stored numbers (both ends valid). */
export type ValidRange = DeepReadonly<z.output<typeof validRangeSchema>>;
