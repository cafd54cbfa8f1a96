/**
 * `status` of both kinds. Only the operator writes it, by the status subresource, in one write. Unlike spec it is not closed: a newer
 * operator's fields are dropped on reading. All sizes are bounded: a job's status stays under 32 KiB (DESIGN section 3).
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";

const count = z.int().min(0);
const bytes = z.int().min(0);
const time = z.string();

/** A condition, as Kubernetes' meta/v1 has it. */
export const conditionSchema = z.object({
  type: z.string().max(316).describe("Which condition."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: z.string().max(1024).describe("Why, in one PascalCase word."),
  message: z.string().max(4096).describe("Why, and what to do about it."),
  observedGeneration: count.optional().describe("Generation of the spec that this was said of."),
  lastTransitionTime: time.describe("When status last changed, RFC 3339."),
});

const observed = {
  observedGeneration: count.optional().describe("Generation of the spec that this status was written for."),
  conditions: z
    .array(conditionSchema)
    .max(16)
    .optional()
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .describe("How it stands."),
};

/** `status` of a ComputeCluster. */
export const computeClusterStatusSchema = z.object({
  ...observed,
  image: z.string().optional().describe("The image in use, resolved when the cluster was made."),
  workers: z
    .object({ desired: count.describe("Workers wanted now."), ready: count.describe("Workers connected to the scheduler.") })
    .optional()
    .describe("Workers wanted and ready."),
  selector: z.string().optional().describe("Label selector of the workers' pods, for the scale subresource."),
  schedulerAddress: z.string().optional().describe("host:port of the scheduler's API."),
  memoryBytes: bytes.optional().describe("Bytes that the workers' chunk stores hold in memory."),
  spilledBytes: bytes.optional().describe("Bytes that the workers have spilled."),
  workerFailures: z
    .array(
      z.object({
        pod: z.string().max(253).describe("The worker's pod."),
        reason: z.string().max(128).describe("Why it ended, for example OOMKilled."),
        exitCode: z.int().optional().describe("Exit code of its container."),
        time: time.describe("When it ended, RFC 3339."),
      }),
    )
    .max(10)
    .optional()
    .describe("The last ten workers that failed, newest first."),
});

/** What a job's plan expects. */
export const estimateSchema = z.object({
  scenes: count.describe("Items that take part."),
  solarDays: count.describe("Observations after fusing."),
  chunks: count.describe("Chunks to compute."),
  chunkBytes: bytes.describe("Bytes of one whole chunk of one band."),
  datasetBytes: bytes.describe("Bytes of all bands read, on the output grid."),
  resultBytes: bytes.describe("Bytes of the results, uncompressed."),
  requests: count.describe("GET requests."),
  bytesToRead: bytes.describe("Bytes to read from the source."),
  workerMemoryBytes: bytes.describe("Memory that one worker needs."),
  spillBytes: bytes.describe("Bytes that one worker may spill."),
});

/** How far a job is; written at most every 5 seconds. */
export const progressSchema = z.object({
  chunksDone: count.describe("Chunks finished."),
  chunksTotal: count.describe("Chunks in all."),
  percent: z.int().min(0).max(100).describe("Chunks finished in percent, rounded down."),
  bytesRead: bytes.describe("Bytes read from the source."),
  spilledBytes: bytes.describe("Bytes spilled so far."),
  etaSeconds: count.optional().describe("Seconds left at the present pace."),
});

/** `status` of a ComputeJob. */
export const computeJobStatusSchema = z.object({
  ...observed,
  jobHash: z.string().max(128).optional().describe("sha256 of what decides the results' bytes."),
  estimate: estimateSchema.optional().describe("What the plan expects."),
  progress: progressSchema.optional().describe("How far the job is."),
  result: z
    .object({
      url: z.string().max(2048).describe("Prefix of the results."),
      groups: z
        .array(
          z.object({
            name: z.string().max(64).describe("For example ndvi_DJF."),
            url: z.string().max(256).describe("The group's image, relative to url."),
          }),
        )
        .max(64)
        .optional()
        .describe("The images, up to 64."),
    })
    .optional()
    .describe("Where the results are."),
  attempts: count.optional().describe("Clusters started for the job."),
  disruptions: count
    .optional()
    .describe("Losses that were not the job's doing: evictions, preemptions, lost nodes. They use up no attempt."),
  failure: z
    .object({
      reason: z.string().max(128).describe("Why, in one PascalCase word."),
      message: z.string().max(4096).describe("Why, and what to do about it."),
      logLines: z.array(z.string().max(512)).max(20).optional().describe("The log's last lines, URLs redacted."),
    })
    .optional()
    .describe("Why the last attempt failed."),
  startTime: time.optional().describe("When the job was admitted, RFC 3339."),
  completionTime: time.optional().describe("When the job finished, RFC 3339."),
});

/** A condition of either kind. */
export type Condition = DeepReadonly<z.output<typeof conditionSchema>>;

/** A ComputeCluster's `status`. */
export type ComputeClusterStatus = DeepReadonly<z.output<typeof computeClusterStatusSchema>>;

/** A ComputeJob's `status`. */
export type ComputeJobStatus = DeepReadonly<z.output<typeof computeJobStatusSchema>>;
