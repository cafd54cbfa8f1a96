/**
 * The ComputeJob kind in its canonical form (DESIGN section 3). Fields stand in the order of the design: parsing keeps it, and
 * `mayfly convert` prints it. Short forms are not here (short-forms.ts), nor what only a cluster asks for (parse.ts).
 */
import { z } from "zod";
import { computeClusterSpecSchema } from "./compute-cluster.ts";
import { DEFAULT_INDICES, DEFAULT_REDUCE, indicesSchema, reduceSchema, valuesSchema } from "./compute.ts";
import type { DeepReadonly } from "./deep-readonly.ts";
import { chunksSchema, DEFAULT_CHUNKS, gridSchema, groupBySchema, resamplingSchema } from "./grid.ts";
import { API_VERSION } from "./group.ts";
import { maskListSchema } from "./mask.ts";
import { metadataSchema, NAME_RULE_IN_CEL } from "./metadata.ts";
import { bandList, objectName } from "./names.ts";
import { DEFAULT_OUTPUT, outputSchema } from "./output.ts";
import { productTableSchema } from "./product-table.ts";
import { regionSchema } from "./region.ts";
import { cel, given, refuse } from "./rules.ts";
import { sourceSchema } from "./source.ts";
import { computeJobStatusSchema } from "./status.ts";
import { timeSchema } from "./time.ts";

const INT32_MAX = 2_147_483_647;
const seconds = z.int().max(INT32_MAX);

/** `spec.clusterTemplate`: the job's own cluster. */
export const clusterTemplateSchema = z.strictObject({
  spec: computeClusterSpecSchema.describe("A ComputeCluster's spec."),
});

const fields = {
  source: sourceSchema.describe("Where the scenes come from: exactly one of items and stac."),
  product: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "name a product, for example landsat-c2-l2")
    .optional()
    .describe("Profile of the data: band aliases, nodata, scale and offset, valid range, flag tables. Instead of productTable."),
  productTable: productTableSchema.optional().describe("A profile of one's own. Instead of product."),
  measurements: bandList.optional().describe("Bands counted in the size report. Left out: those that the job reads."),
  region: regionSchema.optional().describe("Area to compute. Left out: the union of all items' image footprints."),
  time: timeSchema.optional().describe("Items used, by their datetime in UTC, both ends inclusive. Left out: all."),
  grid: gridSchema.describe("Lattice of the output: crs and resolution."),
  chunks: chunksSchema.default(DEFAULT_CHUNKS).describe("Unit of memory and progress, in solar days and output pixels."),
  resampling: resamplingSchema
    .optional()
    .describe("Method by band, * for all others but flag bands. Left out: nearest for flag bands, average for the others."),
  groupBy: groupBySchema
    .default("solar_day")
    .describe("Which items are one observation: those of a solar day, of a moment, or each its own."),
  mask: maskListSchema.optional().describe("Flags that a pixel must have, all of them. Left out: only nodata is left out."),
  indices: indicesSchema.default(DEFAULT_INDICES).describe("What is computed, 1 to 8, from one read of the data."),
  values: valuesSchema.default("reflectance").describe("Compute from reflectance or from the raw stored numbers."),
  reduce: reduceSchema.default(DEFAULT_REDUCE).describe("How observations become one image for each group."),
  clusterTemplate: clusterTemplateSchema
    .optional()
    .describe("The job's own cluster. Instead of clusterName; neither: a cluster of the defaults. The local commands do not use it."),
  clusterName: objectName.optional().describe("An existing cluster in the job's namespace. Instead of clusterTemplate."),
  output: outputSchema.default(DEFAULT_OUTPUT).describe("Where the results go. On a cluster url is required."),
  user: z.string().min(1).max(253).optional().describe("Whose job it is, for fair queues and quotas."),
  priority: z.int().min(-INT32_MAX).max(INT32_MAX).optional().describe("Higher goes first among one user's jobs. Left out: 0."),
  suspend: z.boolean().default(false).describe("Take the job's cluster away and keep what is finished."),
  backoffLimit: z.int().min(0).max(INT32_MAX).default(3).describe("Attempts after the first, each with a fresh cluster."),
  activeDeadlineSeconds: seconds.positive().optional().describe("Seconds after which the job fails. Left out: no deadline."),
  ttlSecondsAfterFinished: seconds
    .min(0)
    .optional()
    .describe("Seconds after which the finished ComputeJob itself goes. Left out: kept. Its cluster goes at once."),
};

/** `spec` of a ComputeJob. Required: source, product or productTable, grid. */
export const computeJobSpecSchema = z
  .strictObject(fields)
  .superRefine((spec, ctx) => {
    const products = given(spec, ["product", "productTable"]);
    if (products.length !== 1) {
      const what = products.length === 0 ? "neither product nor productTable is given" : "both product and productTable are given";
      refuse(ctx, [], { what, todo: "give exactly one of product, productTable" });
    }
    if (given(spec, ["clusterTemplate", "clusterName"]).length > 1) {
      refuse(ctx, [], { what: "both clusterTemplate and clusterName are given", todo: "give one of them, or neither" });
    }
  })
  .meta(
    cel(
      ["has(self.product) != has(self.productTable)", "give exactly one of product, productTable"],
      ["!(has(self.clusterTemplate) && has(self.clusterName))", "give at most one of clusterTemplate, clusterName"],
      [
        "has(self.output) && has(self.output.url) && self.output.url.startsWith('s3://')",
        "output.url: an s3:// URL is required on a cluster",
      ],
      [
        "!has(self.source.items) || self.source.items.matches('^(https?|s3)://')",
        "source.items: on a cluster it must be an http(s):// or s3:// URL",
      ],
    ),
  );

/** The ComputeJob kind, whole. */
export const computeJobSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe("The API group and version."),
    kind: z.literal("ComputeJob").describe("The kind."),
    metadata: metadataSchema.describe("Name, namespace, labels and annotations."),
    spec: computeJobSpecSchema.describe("What is asked for."),
    status: computeJobStatusSchema.optional().describe("What is; written by the operator alone."),
  })
  .meta(cel(NAME_RULE_IN_CEL));

/** A parsed ComputeJob: canonical, every default filled in. */
export type ComputeJob = DeepReadonly<z.output<typeof computeJobSchema>>;

/** A parsed ComputeJob's `spec`. */
export type ComputeJobSpec = DeepReadonly<z.output<typeof computeJobSpecSchema>>;
