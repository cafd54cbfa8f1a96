/** The manifest that a job means, written out: what `mayfly convert` prints and what lies beside the results as job.yaml. */
import { computeJobSchema, type ComputeJob } from "./compute-job.ts";

/** Fields of metadata that belong in a manifest; the others are the API server's. */
const MANIFEST_METADATA = ["name", "namespace", "labels", "annotations"] as const;

/**
 * The canonical manifest of a parsed job, all defaults filled in, no status, fields in the order of DESIGN section 3 however the
 * user wrote them (bands and flags keep the user's order). Parsing it gives the same job. Throws a ZodError on a job that was never parsed.
 */
export function canonicalJob(job: ComputeJob): object {
  // Parsing puts the fields in the schemas' order.
  const { apiVersion, kind, metadata, spec } = computeJobSchema.parse(job);
  const kept = MANIFEST_METADATA.filter((name) => metadata[name] !== undefined).map((name) => [name, metadata[name]]);
  return { apiVersion, kind, metadata: Object.fromEntries(kept), spec };
}
