/** The bill of a job: what it will read, hold and write, before anything is computed (`mayfly plan`, DESIGN section 2). */
import { chunkCount } from "./chunks.ts";
import { crsLabel } from "../grid/crs.ts";
import type { Plan } from "./plan.ts";
import { estimateReads } from "../execution/estimate-reads.ts";
import { sampleBytes } from "../raster/source-raster.ts";
import { accumulatorLayout, blockBytes, blocksAtOnce, STACK_BUDGET_BYTES } from "../execution/accumulators.ts";
import { passSizes } from "../execution/slabs.ts";

export type Bill = {
  readonly scenes: number;
  readonly scenesOutside: number;
  readonly solarDays: number;
  readonly groups: readonly { readonly name: string; readonly days: readonly string[] }[];
  readonly grid: {
    readonly crs: string;
    readonly height: number;
    readonly width: number;
    readonly resolutionXY: readonly [number, number];
    readonly bounds: readonly [number, number, number, number];
  };
  readonly bands: readonly string[];
  /** The bands read, on the output grid, in their stored types: what dc.load would hold. */
  readonly datasetBytes: number;
  /** The bands named in spec.measurements; those read where there are none. */
  readonly measurementsBytes: number;
  readonly chunkShape: { readonly time: number; readonly height: number; readonly width: number };
  /** Chunks of one band. */
  readonly chunks: number;
  /** The largest chunk of the widest band. */
  readonly chunkBytes: number;
  /** All images, uncompressed. */
  readonly resultBytes: number;
  /** GET requests, headers included, and bytes of blocks, as the engine would read them (execution/estimate-reads.ts). */
  readonly requests: number;
  readonly readBytes: number;
  readonly reductions: number;
  /** What a worker of one thread holds at most: accumulators or stacks, blocks read ahead, and itself. */
  readonly workerBytes: number;
  /** What it may hold: the limit of the cluster template's workers, else that of this machine. */
  readonly workerLimitBytes: number;
  readonly fits: boolean;
};

/** Resident bytes of the command with one thread beside its accumulators (npm run bench: 245 MiB in all for chunks of 2048). */
const WORKER_BASE_BYTES = 200 * 1024 * 1024;

/** How much there is to compute: what the plan alone says, without a look at how each image is sampled. */
export type JobSizes = Pick<Bill, "datasetBytes" | "chunks" | "chunkBytes" | "resultBytes">;

export function sizesOf(plan: Plan): JobSizes {
  const { grid, request, days, groups, chunks } = plan;
  const pixels = grid.height * grid.width;
  const sampleSizes = request.bands.map((_, b) =>
    Math.max(...plan.scenes.map((scene) => sampleBytes(scene.rasters[b]?.encoding.sampleType ?? "uint16"))),
  );
  const datasetBytes = sampleSizes.reduce((sum, size) => sum + size, 0) * pixels * days.length;
  return {
    datasetBytes,
    chunks: chunkCount(chunks, grid, days.length),
    chunkBytes: chunks.time * chunks.height * chunks.width * Math.max(...sampleSizes),
    resultBytes: groups.length * request.indices.length * pixels * (request.count ? 6 : 4),
  };
}

/** `measurements`: how many bands the manifest names for the size report; `traits`: of the places that are read; `limitBytes`: of one worker. */
export type BillOptions = {
  readonly measurements: number;
  readonly traits: Parameters<typeof estimateReads>[1];
  readonly limitBytes: number;
};

/** The bill of a plan. */
export function billOf(plan: Plan, { measurements, traits, limitBytes }: BillOptions): Bill {
  const { grid, request, days, groups } = plan;
  const sizes = sizesOf(plan);
  const workerBytes = WORKER_BASE_BYTES + mostAccumulatorBytes(plan);
  const [a, , c, , e, f] = grid.affine;
  return {
    ...sizes,
    ...estimateReads(plan, traits),
    scenes: plan.scenes.length,
    scenesOutside: plan.scenesOutside,
    solarDays: days.length,
    groups: groups.map((group) => ({ name: group.name, days: group.days.map((day) => day.name) })),
    grid: {
      crs: crsLabel(grid.crs),
      height: grid.height,
      width: grid.width,
      resolutionXY: [a, -e],
      bounds: [c, f + e * grid.height, c + a * grid.width, f],
    },
    bands: request.bands.map((band) => band.name),
    measurementsBytes: measurements === 0 ? sizes.datasetBytes : (sizes.datasetBytes / request.bands.length) * measurements,
    chunkShape: plan.chunks,
    reductions: plan.reductions.length,
    workerBytes,
    workerLimitBytes: limitBytes,
    fits: workerBytes <= limitBytes,
  };
}

/** Of a sum, those of the largest pass; of stacks, also those of the pass before that are not finished yet, as far as their budget goes. */
function mostAccumulatorBytes({ request, reductions }: Plan): number {
  const layout = accumulatorLayout(request.reduce.statistic, request.indices.length);
  const passes = passSizes(reductions, (days) => blocksAtOnce(layout, days, STACK_BUDGET_BYTES)).map(
    ({ blocks, days }) => blocks * blockBytes(layout, days),
  );
  const largest = passes.reduce((most, bytes) => Math.max(most, bytes), 0);
  if (!layout.stacked) return largest;
  const two = passes.reduce((most, bytes, i) => Math.max(most, bytes + (passes[i + 1] ?? 0)), 0);
  return Math.min(two, Math.max(largest, STACK_BUDGET_BYTES));
}
