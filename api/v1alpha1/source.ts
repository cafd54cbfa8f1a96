/** `spec.source`: where the STAC items come from, and how the bands behind them are read. */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { referenceName } from "./names.ts";
import { cel, given, refuse } from "./rules.ts";

/** An http(s) URL. Hosts and addresses that are not allowed are refused where it is opened, not here. */
export const httpUrl = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s/]+/, "give a URL that begins with https:// or http://");

/** An AWS region's name, as the SDK takes it. */
export const awsRegion = z.string().regex(/^[a-z0-9-]{1,64}$/, "give a region such as us-west-2");

/** The Secret with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if any, AWS_SESSION_TOKEN. */
export const credentialsSecretName = referenceName.describe(
  "Secret in the job's namespace with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if any, AWS_SESSION_TOKEN. Left out: the pod's own identity.",
);

/** A search in a STAC API. The words are those of the API's search (and of pystac-client). */
export const stacSearchSchema = z.strictObject({
  url: httpUrl.describe("Root of the STAC API."),
  collections: z.array(z.string().min(1)).max(100).optional().describe("Collections to search."),
  query: z.record(z.string(), z.unknown()).optional().describe("The API's query extension, for example {eo:cloud_cover: {lt: 50}}."),
  filter: z.record(z.string(), z.unknown()).optional().describe("A CQL2 JSON filter (the API's filter extension)."),
  ids: z.array(z.string().min(1)).max(10_000).optional().describe("Only items with these ids."),
  limit: z.int().positive().optional().describe("Items asked for per page. Left out: the API's own page size."),
});

/** How S3 is read. Nothing here has a default: the SDK's own chain holds. */
export const sourceS3Schema = z.strictObject({
  requesterPays: z.boolean().optional().describe("Whether the reader pays for requests, as the usgs-landsat bucket asks. Left out: no."),
  unsigned: z.boolean().optional().describe("Read without credentials, for public buckets. Left out: no."),
  region: awsRegion.optional().describe("Region of the bucket."),
  endpoint: httpUrl.optional().describe("Another S3 server than AWS."),
  credentialsSecretName: credentialsSecretName.optional(),
});

/** `spec.source`: exactly one of `items` and `stac`. */
export const sourceSchema = z
  .strictObject({
    items: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe("A STAC ItemCollection: an http(s):// or s3:// URL; in the commands also a path. Instead of stac."),
    stac: stacSearchSchema.optional().describe("A search in a STAC API, within the job's region and time. Instead of items."),
    s3: sourceS3Schema.optional().describe("How S3 is read."),
    onError: z
      .enum(["fail", "skip"])
      .optional()
      .describe("What a scene that stays unreadable after retries does: fail the job, or be left out and listed. Left out: fail."),
  })
  .superRefine((source, ctx) => {
    const forms = given(source, ["items", "stac"]);
    if (forms.length !== 1) {
      const what = forms.length === 0 ? "neither items nor stac is given" : "both items and stac are given";
      refuse(ctx, [], { what, todo: "give exactly one of items, stac" });
    }
    if (source.s3?.unsigned === true && source.s3.credentialsSecretName !== undefined) {
      refuse(ctx, ["s3"], { what: "unsigned and credentialsSecretName are both given", todo: "give one of them" });
    }
  })
  .meta(
    cel(
      ["has(self.items) != has(self.stac)", "give exactly one of items, stac"],
      [
        "!has(self.s3) || !has(self.s3.unsigned) || !self.s3.unsigned || !has(self.s3.credentialsSecretName)",
        "s3: unsigned and credentialsSecretName are both given",
      ],
    ),
  );

/** A job's `source`. */
export type Source = DeepReadonly<z.output<typeof sourceSchema>>;

/** A job's `source.stac`. */
export type StacSearch = DeepReadonly<z.output<typeof stacSearchSchema>>;

/** A job's `source.s3`. */
export type SourceS3 = DeepReadonly<z.output<typeof sourceS3Schema>>;
