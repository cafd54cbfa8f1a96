/** From accumulators to encoded COG blocks, with their half-size copies for the overviews; and from four such halves to an overview block. */
import { deflateSync, constants } from "node:zlib";
import type { Window } from "../grid/affine.ts";
import { type Kernels, NAN_BITS } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { AccumulatorAddresses, BlockStatistics, EncodedBlock, FinishedBlock, FinishTask, OverviewTask, ThreadJob } from "./thread-job.ts";

const PIXELS = COG_BLOCK * COG_BLOCK;
const HALF = COG_BLOCK / 2;

/** Run lengths at level 1: after predictor 3 as small as level 1 with matches, in a third of the time (measured on seasonal means). */
const DEFLATE = { level: 1, strategy: constants.Z_RLE, chunkSize: PIXELS * 4 + 64 * 1024 };

export class BlockFinisher {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #job: ThreadJob;
  readonly #values: number;
  readonly #encoded: number;
  readonly #counts: number;
  readonly #half: number;
  readonly #statistics: number;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, job: ThreadJob, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#job = job;
    this.#values = allocate(PIXELS * 4);
    this.#encoded = allocate(PIXELS * 4);
    this.#counts = allocate(PIXELS * 2);
    this.#half = allocate((PIXELS / 4) * 4);
    this.#statistics = allocate(32);
  }

  finish(task: FinishTask): readonly FinishedBlock[] {
    return this.#job.indices.map((_, index) => {
      const [sum, count] = [task.accumulators.sums[index]!, task.accumulators.counts[index]!];
      this.#clear(task, { sums: [sum], counts: [count] });
      this.#kernels.finishMean(sum, count, this.#values, PIXELS);
      const statistics = this.#blockStatistics(count);
      // The accumulator's counts are encoded in place below, so this comes last.
      const block = this.#encode(count, this.#job.count, this.#job.keepValues);
      return { ...block, statistics };
    });
  }

  overview(task: OverviewTask): EncodedBlock {
    this.#kernels.fill32(this.#values, PIXELS, NAN_BITS);
    this.#kernels.fill32(this.#counts, PIXELS / 2, 0);
    task.values.forEach((half, i) => half && place(new Float32Array(half), new Float32Array(this.#memory.buffer, this.#values, PIXELS), i));
    task.counts.forEach((half, i) => half && place(new Uint16Array(half), new Uint16Array(this.#memory.buffer, this.#counts, PIXELS), i));
    return this.#encode(this.#counts, this.#job.count, task.keepValues);
  }

  /** What no day touched still holds what was there before; off the grid it is cleared too, so that padding is nodata. */
  #clear(task: FinishTask, accumulators: AccumulatorAddresses): void {
    const right = { row0: 0, col0: task.cols, row1: task.rows, col1: COG_BLOCK };
    const below = { row0: task.rows, col0: 0, row1: COG_BLOCK, col1: COG_BLOCK };
    for (const window of [...task.untouched, right, below]) this.#clearWindow(window, accumulators);
  }

  #clearWindow({ row0, col0, row1, col1 }: Window, { sums, counts }: AccumulatorAddresses): void {
    if (col1 <= col0) return;
    for (let row = row0; row < row1; row++) {
      const at = row * COG_BLOCK + col0;
      for (const sum of sums) this.#kernels.fill32(sum + at * 8, (col1 - col0) * 2, 0);
      for (const count of counts) this.#kernels.fill16(count + at * 2, col1 - col0, 0);
    }
  }

  #blockStatistics(counts: number): BlockStatistics {
    this.#kernels.statistics(this.#values, COG_BLOCK, COG_BLOCK, COG_BLOCK, this.#statistics);
    const [min, max, sum, n] = new Float64Array(this.#memory.buffer, this.#statistics, 4) as unknown as [number, number, number, number]; // four were written
    let validObservations = 0;
    for (const count of new Uint16Array(this.#memory.buffer, counts, PIXELS)) validObservations += count;
    return { validPixels: n, validObservations, min: n > 0 ? min : undefined, max: n > 0 ? max : undefined, sum };
  }

  /** Encodes `#values` and the counts at an address, which are overwritten. */
  #encode(counts: number, withCounts: boolean, keepValues: boolean): EncodedBlock {
    this.#kernels.halveMean(this.#values, COG_BLOCK, COG_BLOCK, COG_BLOCK, this.#half, HALF);
    const halfValues = this.#copy(this.#half, HALF * HALF * 4);
    this.#kernels.applyPredictorF32(this.#values, COG_BLOCK, COG_BLOCK, this.#encoded);
    const values = this.#deflate(this.#encoded, PIXELS * 4);
    const raw = keepValues ? this.#copy(this.#values, PIXELS * 4) : undefined;
    if (!withCounts) return { values, counts: undefined, halfValues, halfCounts: undefined, raw };
    this.#kernels.halveNearest16(counts, COG_BLOCK, COG_BLOCK, COG_BLOCK, this.#half, HALF);
    const halfCounts = this.#copy(this.#half, HALF * HALF * 2);
    this.#kernels.applyPredictor16(counts, COG_BLOCK, COG_BLOCK);
    return { values, counts: this.#deflate(counts, PIXELS * 2), halfValues, halfCounts, raw };
  }

  #deflate(address: number, bytes: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(deflateSync(new Uint8Array(this.#memory.buffer, address, bytes), DEFLATE));
  }

  #copy(address: number, bytes: number): ArrayBuffer {
    return Uint8Array.from(new Uint8Array(this.#memory.buffer, address, bytes)).buffer;
  }
}

/** Copies a half-size block to its quarter: 0 upper left, 1 upper right, 2 lower left, 3 lower right. */
function place(half: Float32Array | Uint16Array, block: Float32Array | Uint16Array, quarter: number): void {
  const [row0, col0] = [(quarter >> 1) * HALF, (quarter & 1) * HALF];
  for (let row = 0; row < HALF; row++) block.set(half.subarray(row * HALF, (row + 1) * HALF), (row0 + row) * COG_BLOCK + col0);
}
