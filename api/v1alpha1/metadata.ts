/** `metadata` of both kinds: what a user writes, checked, and what the API server adds, let through. */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { KUEUE_QUEUE_LABEL } from "./labels.ts";
import { namespaceName, objectName } from "./names.ts";
import { refuse } from "./rules.ts";

const serverSet = z.unknown().optional();

/**
 * Kubernetes' ObjectMeta, closed so that a misspelt field is found. The CRD has none of it but the rule on the name (CEL at a kind's
 * root sees only name and generateName: the Kueue label is refused here, and by the operator as InvalidSpec).
 */
export const metadataSchema = z
  .strictObject({
    name: objectName.describe("Name of the object; a job's own cluster has the job's name."),
    namespace: namespaceName.optional().describe("Namespace of the object. The local commands do not use it."),
    labels: z.record(z.string(), z.string()).optional().describe("Labels of the object."),
    annotations: z.record(z.string(), z.string()).optional().describe("Annotations of the object."),
    generateName: z.string().optional().describe("Prefix of a name that the API server makes."),
    uid: z.string().optional().describe("Set by the API server."),
    generation: z.int().optional().describe("Set by the API server: counts changes of spec."),
    resourceVersion: z.string().optional().describe("Set by the API server."),
    creationTimestamp: z.string().nullable().optional().describe("Set by the API server."),
    deletionTimestamp: z.string().nullable().optional().describe("Set by the API server."),
    deletionGracePeriodSeconds: serverSet.describe("Set by the API server."),
    finalizers: serverSet.describe("What must happen before the object goes."),
    managedFields: serverSet.describe("Set by the API server."),
    ownerReferences: serverSet.describe("Objects that this one goes with."),
    selfLink: serverSet.describe("Set by old API servers."),
  })
  .superRefine((metadata, ctx) => {
    if (metadata.labels?.[KUEUE_QUEUE_LABEL] !== undefined) {
      refuse(ctx, ["labels", KUEUE_QUEUE_LABEL], { what: "Kueue queues are not supported", todo: "take the label away" });
    }
  });

/** A parsed manifest's `metadata`. */
export type Metadata = DeepReadonly<z.output<typeof metadataSchema>>;

/** The rule that the API server holds on both kinds' names, at the kind's root. */
export const NAME_RULE_IN_CEL = [
  "size(self.metadata.name) <= 52 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  "metadata.name: at most 52 lower-case letters, digits and -, beginning with a letter and ending with a letter or digit",
] as const;
