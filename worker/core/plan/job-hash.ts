/** The job hash: sha256 of what decides the bytes of the result, and of nothing else (DESIGN section 6). */
import { createHash } from "node:crypto";
import type { ComputeJobSpec } from "../../../api/v1alpha1/compute-job.ts";
import type { ProductProfile } from "./compile-request.ts";
import type { Plan } from "./plan.ts";

/** Raised by whoever changes a kernel so that its results differ. */
export const KERNEL_VERSION = 2;

/**
 * Hexadecimal. Scenes as planned: their ids, times, hrefs without query, sizes and versions count, and not where their list lies; and a day's label
 * where it is that of a scene outside, which is none of them.
 */
export function jobHash(spec: ComputeJobSpec, product: ProductProfile, { scenes, days }: Pick<Plan, "scenes" | "days">): string {
  const { source, region, time, grid, chunks, resampling, groupBy, mask, indices, values, reduce } = spec;
  const { stac, onError } = source;
  const labels = days.filter((day) => day.labelMs !== day.scenes[0]?.timeMs).map(({ name, labelMs }) => ({ name, labelMs }));
  const decides = {
    kernelVersion: KERNEL_VERSION,
    source: { stac, onError },
    product,
    ...{ region, time, grid, chunks, resampling, groupBy, mask, indices, values, reduce },
    count: spec.output?.count ?? true,
    scenes: scenes.map(({ id, timeMs, rasters }) => ({
      id,
      timeMs,
      files: rasters.map(({ href, file }) => ({ href: href.split("?")[0], ...file })),
    })),
    ...(labels.length === 0 ? {} : { labels }),
  };
  return createHash("sha256").update(canonicalJson(decides)).digest("hex");
}

/** JSON with keys in order, so that a rewritten manifest is the same job. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}
