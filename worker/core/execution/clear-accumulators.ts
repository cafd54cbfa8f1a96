/** Accumulators of one block set to nothing seen: memory is used again and again, and never zeroed. */
import type { Statistic } from "../../../api/v1alpha1/compute.ts";
import type { Window } from "../grid/affine.ts";
import { type Kernels, NAN_BITS } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { AccumulatorAddresses } from "./thread-job.ts";

export class AccumulatorClearer {
  readonly #kernels: Kernels;
  /** What one element of a plane is filled with: float64 zeros, or float32 NaNs. */
  readonly #fill: { readonly words: number; readonly bits: number };

  constructor(kernels: Kernels, statistic: Statistic) {
    this.#kernels = kernels;
    this.#fill = statistic === "mean" || statistic === "std" ? { words: 2, bits: 0 } : { words: 1, bits: NAN_BITS };
  }

  /** Counts and planes of a window, which is relative to the block. */
  clear(accumulators: AccumulatorAddresses, window: Window): void {
    this.clearPlanes(accumulators, window);
    const { row0, col0, row1, col1 } = window;
    for (let row = row0; row < row1; row++)
      for (const counts of accumulators.counts) this.#kernels.fill16(counts + (row * COG_BLOCK + col0) * 2, col1 - col0, 0);
  }

  clearPlanes({ planes }: AccumulatorAddresses, { row0, col0, row1, col1 }: Window): void {
    const { words, bits } = this.#fill;
    for (let row = row0; row < row1; row++)
      for (const plane of planes.flat()) this.#kernels.fill32(plane + (row * COG_BLOCK + col0) * words * 4, (col1 - col0) * words, bits);
  }
}
