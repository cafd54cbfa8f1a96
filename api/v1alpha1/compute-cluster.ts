/** The ComputeCluster kind: one scheduler pod and some worker pods, each under a hard memory limit (DESIGN section 3). */
import { z } from "zod";
import { DEFAULT_MEMORY, schedulerSchema, workersSchema } from "./cluster-parts.ts";
import type { DeepReadonly } from "./deep-readonly.ts";
import { API_VERSION } from "./group.ts";
import { metadataSchema, NAME_RULE_IN_CEL } from "./metadata.ts";
import { cel, refuse } from "./rules.ts";
import { computeClusterStatusSchema } from "./status.ts";

/** `deletion`: what becomes of a cluster after it was suspended as idle. */
export const deletionSchema = z
  .strictObject({
    policy: z.enum(["Keep", "Delete"]).describe("Keep the suspended cluster, or delete it."),
    afterSeconds: z.int().min(0).optional().describe("With Delete: seconds after it was suspended as idle."),
  })
  .superRefine((deletion, ctx) => {
    if (deletion.policy === "Delete" && deletion.afterSeconds === undefined) {
      refuse(ctx, [], { what: "Delete needs afterSeconds", todo: "add afterSeconds, for example 86400" });
    }
  })
  .meta(cel(["self.policy != 'Delete' || has(self.afterSeconds)", "Delete needs afterSeconds"]));

/** `spec` of a ComputeCluster. Nothing is required: `{}` is a cluster of the defaults. */
export const computeClusterSpecSchema = z.strictObject({
  image: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe("Image of scheduler and workers. Left out: the operator's, resolved once into status.image."),
  suspend: z.boolean().default(false).describe("Take all pods away and keep the cluster."),
  idleTimeoutSeconds: z.int().positive().optional().describe("Seconds without work after which the cluster is suspended. Left out: never."),
  deletion: deletionSchema.optional().describe("What becomes of the cluster after it was suspended as idle. Left out: Keep."),
  scheduler: schedulerSchema.optional().describe("The scheduler's pod."),
  workers: workersSchema.default({ memory: { ...DEFAULT_MEMORY } }).describe("The workers' pods."),
});

/** The ComputeCluster kind, whole. */
export const computeClusterSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe("The API group and version."),
    kind: z.literal("ComputeCluster").describe("The kind."),
    metadata: metadataSchema.describe("Name, namespace, labels and annotations."),
    spec: computeClusterSpecSchema.describe("What is asked for."),
    status: computeClusterStatusSchema.optional().describe("What is; written by the operator alone."),
  })
  .meta(cel(NAME_RULE_IN_CEL));

/** A parsed ComputeCluster: every default is filled in. */
export type ComputeCluster = DeepReadonly<z.output<typeof computeClusterSchema>>;

/** A parsed ComputeCluster's `spec`. */
export type ComputeClusterSpec = DeepReadonly<z.output<typeof computeClusterSpecSchema>>;
