/**
 * What is kept of the observations of one COG block, for each statistic, and how much of it at once.
 *
 *   all      counts   uint16[512][512] valid observations
 *   mean     sum      float64[512][512]
 *   std      mean, sum of squared differences from it   2 x float64[512][512]
 *   min max  the smallest, largest so far   float32[512][512], NaN at first
 *   median   a layer for each day that touches a unit   float32[512][512], NaN where it has no observation
 *
 * A layer is written once, by one day, and only read when its block is finished: so a stack can be written out layer by layer and read back. The
 * n-th layer of a block holds, unit by unit, the n-th day that touched that unit.
 */
import type { Statistic } from "../../../api/v1alpha1/compute.ts";
import { COG_BLOCK } from "../plan/chunks.ts";

const PIXELS = COG_BLOCK * COG_BLOCK;

/** Bytes of one block's counts. */
export const COUNT_BYTES = PIXELS * 2;

export type AccumulatorLayout = {
  /** Bytes of each plane that an index has beside its counts; of one layer where they are stacked. */
  readonly planeBytes: readonly number[];
  /** Whether there is a plane for each day that touches the block. */
  readonly stacked: boolean;
  readonly indices: number;
};

export function accumulatorLayout(statistic: Statistic, indices: number): AccumulatorLayout {
  return { planeBytes: planeBytes(statistic), stacked: statistic === "median", indices };
}

function planeBytes(statistic: Statistic): readonly number[] {
  switch (statistic) {
    case "mean":
      return [PIXELS * 8];
    case "std":
      return [PIXELS * 8, PIXELS * 8];
    case "min":
    case "max":
    case "median":
      return [PIXELS * 4];
    case "count":
      return [];
  }
}

/** Most bytes of one block's accumulators, all indices together, for a group of so many days. */
export function blockBytes({ planeBytes, stacked, indices }: AccumulatorLayout, days: number): number {
  const planes = planeBytes.reduce((sum, bytes) => sum + bytes, 0);
  return indices * (COUNT_BYTES + planes * (stacked ? days : 1));
}

/**
 * Bytes of stacks that are held at once: half in the blocks that take days, half in those that are being finished. As much as sixteen blocks (a chunk
 * of 2048 x 2048) of a season of fifteen days take twice. One block always is held, however deep its stack.
 */
export const STACK_BUDGET_BYTES = 512 * 1024 * 1024;

/** How many blocks may take days side by side for a group of so many days: any number of sums, a bounded one of stacks. */
export function blocksAtOnce(layout: AccumulatorLayout, days: number, stackBudgetBytes: number): number {
  if (!layout.stacked) return Infinity;
  return Math.max(1, Math.floor(stackBudgetBytes / 2 / blockBytes(layout, days)));
}
