/** `scheduler` and `workers` of a ComputeCluster: how many pods, how large, and how their memory and spill volumes are used. */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { podTemplateSchema } from "./pod-template.ts";
import { cpuQuantity, memoryQuantity } from "./quantities.ts";
import { cel, refuse } from "./rules.ts";

/** A container's limits. Requests are the same, so that what a worker is promised is what it gets. */
export const resourcesSchema = z.strictObject({
  limits: z
    .strictObject({
      memory: memoryQuantity
        .optional()
        .describe("Memory limit, a Kubernetes quantity such as 14Gi. Hard: the container is killed above it."),
      cpu: cpuQuantity.optional().describe("CPU limit, a Kubernetes quantity such as 4 or 500m."),
    })
    .optional()
    .describe("Limits of the container; its requests are the same."),
});

const fraction = z
  .string()
  .regex(/^(0\.[0-9]{0,3}[1-9][0-9]{0,3}|1(\.0{1,4})?)$/, 'write a fraction above 0 and up to 1 as a string, for example "0.60"');

/** The fractions of the memory limit at which a worker acts, when they are not given. Source: dask.distributed's own defaults. */
export const DEFAULT_MEMORY = { target: "0.60", spill: "0.70", pause: "0.80", terminate: "0.95" } as const;

const MEMORY_ORDER = ["target", "spill", "pause", "terminate"] as const;

/** `workers.memory`: dask's four thresholds as fractions of the memory limit, in ascending order. Decimal strings keep them exact. */
export const memorySchema = z
  .strictObject({
    target: fraction.default(DEFAULT_MEMORY.target).describe("Fraction of the limit above which the chunk store spills its oldest."),
    spill: fraction.default(DEFAULT_MEMORY.spill).describe("Fraction of the limit above which, by the process's own size, it spills more."),
    pause: fraction.default(DEFAULT_MEMORY.pause).describe("Fraction of the limit above which nothing new starts."),
    terminate: fraction
      .default(DEFAULT_MEMORY.terminate)
      .describe("Fraction of the limit above which the worker gives up its work and starts anew."),
  })
  .superRefine((memory, ctx) => {
    const wrong = MEMORY_ORDER.findIndex((name, at) => Number(memory[name]) > Number(memory[MEMORY_ORDER[at + 1] ?? name]));
    const [low, high] = [MEMORY_ORDER[wrong], MEMORY_ORDER[wrong + 1]];
    if (low !== undefined && high !== undefined) {
      refuse(ctx, [low], {
        what: `${low} ${memory[low]} is above ${high} ${memory[high]}`,
        todo: "keep target <= spill <= pause <= terminate",
      });
    }
  })
  .meta(
    cel([
      "double(self.target) <= double(self.spill) && double(self.spill) <= double(self.pause) && double(self.pause) <= double(self.terminate)",
      "keep target <= spill <= pause <= terminate",
    ]),
  );

/** `workers.spill`: an emptyDir, or with `volumeClaimTemplate` a generic ephemeral volume. */
export const spillSchema = z.strictObject({
  sizeLimit: memoryQuantity
    .optional()
    .describe("Most that one worker spills. Left out: 1.2 times the plan's estimate, 50Gi for a cluster without a job of its own."),
  volumeClaimTemplate: z
    .strictObject({
      metadata: z
        .strictObject({
          labels: z.record(z.string(), z.string()).optional().describe("Labels of the claim."),
          annotations: z.record(z.string(), z.string()).optional().describe("Annotations of the claim."),
        })
        .optional()
        .describe("Metadata of the claim."),
      spec: z.looseObject({}).describe("A PersistentVolumeClaim's spec, as in a pod's generic ephemeral volume."),
    })
    .optional()
    .describe("Spill to a generic ephemeral volume instead of an emptyDir."),
});

/** `workers.autoscale`. The wanted number lives in status, never in spec. */
export const autoscaleSchema = z
  .strictObject({
    minReplicas: z.int().min(0).max(10_000).describe("Fewest workers."),
    maxReplicas: z.int().min(1).max(10_000).describe("Most workers."),
  })
  .superRefine((autoscale, ctx) => {
    if (autoscale.minReplicas > autoscale.maxReplicas) {
      refuse(ctx, [], { what: "minReplicas is above maxReplicas", todo: "keep minReplicas <= maxReplicas" });
    }
  })
  .meta(cel(["self.minReplicas <= self.maxReplicas", "minReplicas is above maxReplicas"]));

/** `scheduler` of a ComputeCluster. */
export const schedulerSchema = z.strictObject({
  disruptionBudget: z
    .boolean()
    .optional()
    .describe("Protect the scheduler's pod with a PodDisruptionBudget while a job runs. Left out: no."),
  resources: resourcesSchema.optional().describe("Limits of the scheduler's container. Left out: the operator's."),
  template: podTemplateSchema.optional().describe("What else the scheduler's pod has."),
});

/** `workers` of a ComputeCluster. */
export const workersSchema = z
  .strictObject({
    replicas: z.int().min(0).max(10_000).optional().describe("Number of workers. Instead of autoscale. Neither: the operator takes 2."),
    autoscale: autoscaleSchema.optional().describe("Let the number of workers follow the work. Instead of replicas."),
    threads: z.int().min(1).max(1024).optional().describe("Threads that compute in each worker. Left out: the CPU limit, rounded up."),
    resources: resourcesSchema.optional().describe("Limits of a worker's container. Left out: the operator's."),
    memory: memorySchema.default(DEFAULT_MEMORY).describe("When a worker spills, pauses and gives up, as fractions of its memory limit."),
    spill: spillSchema.optional().describe("Where a worker puts what does not fit in memory."),
    template: podTemplateSchema.optional().describe("What else the workers' pods have."),
  })
  .superRefine((workers, ctx) => {
    if (workers.replicas !== undefined && workers.autoscale !== undefined) {
      refuse(ctx, [], { what: "replicas and autoscale are both given", todo: "give one of them" });
    }
  })
  .meta(cel(["!(has(self.replicas) && has(self.autoscale))", "replicas and autoscale are both given"]));

/** A cluster's `workers`. */
export type Workers = DeepReadonly<z.output<typeof workersSchema>>;

/** A cluster's `workers.memory`. */
export type MemoryFractions = DeepReadonly<z.output<typeof memorySchema>>;
