/** `spec.indices`, `values` and `reduce`: what is computed from the observations that count. */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { bandName, indexName } from "./names.ts";
import { cel, refuse, repeated } from "./rules.ts";

/** Most indices that one job computes from one read of the data (DESIGN section 3). */
export const MAX_INDICES = 8;

/** One index: a known name alone, or a name of one's own with a normalised difference or a plain band. */
export const indexSchema = z
  .strictObject({
    name: indexName.describe("Name in the output's files. Alone, it is an index that the product knows, for example ndvi."),
    normalizedDifference: z
      .tuple([bandName, bandName])
      .optional()
      .describe("Two bands [a, b]; the index is (a - b) / (a + b). Instead of band."),
    band: bandName.optional().describe("The index is this band itself. Instead of normalizedDifference."),
  })
  .superRefine((index, ctx) => {
    if (index.normalizedDifference !== undefined && index.band !== undefined) {
      refuse(ctx, [], { what: "normalizedDifference and band are both given", todo: "give one of them, or the name alone" });
    }
    if (index.normalizedDifference !== undefined && index.normalizedDifference[0] === index.normalizedDifference[1]) {
      refuse(ctx, ["normalizedDifference"], { what: "both bands are the same", todo: "name two different bands" });
    }
  })
  .meta(
    cel(
      ["!(has(self.normalizedDifference) && has(self.band))", "normalizedDifference and band are both given"],
      ["!has(self.normalizedDifference) || self.normalizedDifference[0] != self.normalizedDifference[1]", "both bands are the same"],
    ),
  );

/** `spec.indices`: 1 to 8, no name twice. */
export const indicesSchema = z
  .array(indexSchema)
  .min(1)
  .max(MAX_INDICES)
  .superRefine((indices, ctx) => {
    for (const name of repeated(indices.map((index) => index.name))) {
      refuse(ctx, [], { what: `index "${name}" is given twice`, todo: "give each a name of its own: it names the files" });
    }
  })
  .meta(cel(["self.all(a, self.exists_one(b, b.name == a.name))", "an index's name is given twice"]));

/** What `indices` is when it is not given. */
export const DEFAULT_INDICES: z.output<typeof indicesSchema> = [{ name: "ndvi" }];

/** `spec.values`: reflectance (scale x stored + offset) or the stored numbers, as the notebook uses them. */
export const valuesSchema = z.enum(["reflectance", "raw"]);

/** How the observations of one group are put together. */
export const statisticSchema = z.enum(["mean", "median", "min", "max", "std", "count"]);

/** `spec.reduce`. `each` and `calendar` have no default: left out, years are pooled and the label is the UTC one. */
export const reduceSchema = z.strictObject({
  by: z
    .enum(["season", "month", "quarter", "year", "all"])
    .default("season")
    .describe("What makes a group of observations. Seasons are DJF, MAM, JJA and SON."),
  each: z
    .enum(["year"])
    .optional()
    .describe("year: one group for each year, December going with the next January's season. Left out: all years together."),
  statistic: statisticSchema.default("mean").describe("What each group becomes, pixel by pixel, over its valid observations."),
  calendar: z
    .enum(["utc", "solar"])
    .optional()
    .describe("Which date an observation has: its first item's in UTC, as in the notebook, or its solar day. Left out: utc."),
});

/** What `reduce` is when it is not given. */
export const DEFAULT_REDUCE: z.output<typeof reduceSchema> = { by: "season", statistic: "mean" };

/** One index of a job. */
export type IndexSpec = DeepReadonly<z.output<typeof indexSchema>>;

/** A job's `values`. */
export type Values = z.output<typeof valuesSchema>;

/** A job's `reduce`. */
export type Reduce = DeepReadonly<z.output<typeof reduceSchema>>;

/** A statistic over the valid observations of a group. */
export type Statistic = z.output<typeof statisticSchema>;
