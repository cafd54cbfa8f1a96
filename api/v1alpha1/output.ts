/** `spec.output`: where the results go. */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { cel, refuse } from "./rules.ts";
import { awsRegion, credentialsSecretName, httpUrl } from "./source.ts";

/** How S3 is written. It has nothing to do with how the source is read: the two may belong to different accounts. */
export const outputS3Schema = z
  .strictObject({
    region: awsRegion.optional().describe("Region of the bucket."),
    endpoint: httpUrl.optional().describe("Another S3 server than AWS."),
    credentialsSecretName: credentialsSecretName.optional(),
    serverSideEncryption: z
      .enum(["AES256", "aws:kms", "aws:kms:dsse"])
      .optional()
      .describe("Encryption asked of S3. Left out: the bucket's own."),
    kmsKeyId: z.string().min(1).max(2048).optional().describe("KMS key, with serverSideEncryption aws:kms or aws:kms:dsse."),
  })
  .superRefine((s3, ctx) => {
    if (s3.kmsKeyId !== undefined && s3.serverSideEncryption?.startsWith("aws:kms") !== true) {
      refuse(ctx, ["kmsKeyId"], { what: "kmsKeyId needs KMS encryption", todo: "add serverSideEncryption: aws:kms" });
    }
  })
  .meta(
    cel([
      "!has(self.kmsKeyId) || (has(self.serverSideEncryption) && self.serverSideEncryption.startsWith('aws:kms'))",
      "kmsKeyId needs serverSideEncryption aws:kms or aws:kms:dsse",
    ]),
  );

/** `spec.output`. On a cluster `url` is required and is an s3:// URL; a command may take a directory instead (parse.ts). */
export const outputSchema = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe("Prefix that the results are written under: s3://bucket/prefix/; in the commands also a directory."),
  count: z.boolean().default(true).describe("Also write the number of valid observations of each pixel."),
  quicklook: z.boolean().default(true).describe("Also write a picture of each group."),
  overwrite: z.boolean().optional().describe("Replace another job's results under url. Left out: refuse."),
  s3: outputS3Schema.optional().describe("How S3 is written."),
});

/** What `output` is when it is not given, which only a command allows. */
export const DEFAULT_OUTPUT: z.output<typeof outputSchema> = { count: true, quicklook: true };

/** A job's `output`. */
export type Output = DeepReadonly<z.output<typeof outputSchema>>;

/** A job's `output.s3`. */
export type OutputS3 = DeepReadonly<z.output<typeof outputS3Schema>>;
