/** From accumulators to encoded COG blocks, with their half-size copies for the overviews; and from four such halves to an overview block. */
import { constants } from "node:zlib";
import { createDeflater } from "../codec/zlib-streams.ts";
import type { Window } from "../grid/affine.ts";
import { type Kernels, NAN_BITS } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type {
  AccumulatorAddresses,
  BlockStatistics,
  EncodedBlock,
  FinishedBlock,
  FinishTask,
  OverviewTask,
  Span,
  ThreadJob,
} from "./thread-job.ts";

const PIXELS = COG_BLOCK * COG_BLOCK;
const HALF = COG_BLOCK / 2;

/** Bytes of a half-size copy: values, then counts. */
export const HALF_BYTES = HALF * HALF * 6;

/** zlib may make noise a little longer than it was: 5 bytes each 16 KiB and 6 more (zlib's deflateBound), rounded up. */
const deflateBound = (bytes: number): number => bytes + bytes / 1024 + 64;

const VALUES_AT = 0;
const COUNTS_AT = deflateBound(PIXELS * 4);
const HALF_AT = COUNTS_AT + deflateBound(PIXELS * 2);
const RAW_AT = HALF_AT + HALF_BYTES;

/** Shared memory for one encoded block: deflated values and counts, the half-size copy, and the values as they are. */
export const BLOCK_OUTPUT_BYTES = RAW_AT + PIXELS * 4;

/**
 * Run lengths only: after predictor 3 as small as level 1 with matches, in a third of the time; memLevel 9 takes another seventh off (measured on
 * seasonal means). One a thread.
 */
const deflate = createDeflater({ level: 1, strategy: constants.Z_RLE, memLevel: 9 });

export class BlockFinisher {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #job: ThreadJob;
  readonly #encoded: number;
  readonly #counts: number;
  readonly #statistics: number;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, job: ThreadJob, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#job = job;
    this.#encoded = allocate(PIXELS * 4);
    this.#counts = allocate(PIXELS * 2);
    this.#statistics = allocate(32);
  }

  finish(task: FinishTask): readonly FinishedBlock[] {
    return this.#job.indices.map((_, index) => {
      const [sum, count, output] = [task.accumulators.sums[index]!, task.accumulators.counts[index]!, task.outputs[index]!];
      this.#clear(task, { sums: [sum], counts: [count] });
      this.#kernels.finishMean(sum, count, output + RAW_AT, PIXELS);
      const statistics = this.#blockStatistics(output + RAW_AT, count);
      // The accumulator's counts are encoded in place, so this comes last.
      return { ...this.#encode(output, count), statistics };
    });
  }

  overview(task: OverviewTask): EncodedBlock {
    const values = task.output + RAW_AT;
    this.#kernels.fill32(values, PIXELS, NAN_BITS);
    this.#kernels.fill32(this.#counts, PIXELS / 2, 0);
    task.halves.forEach((half, quarter) => {
      if (half === 0) return;
      place(new Float32Array(this.#memory.buffer, half, HALF * HALF), new Float32Array(this.#memory.buffer, values, PIXELS), quarter);
      place(
        new Uint16Array(this.#memory.buffer, half + HALF * HALF * 4, HALF * HALF),
        new Uint16Array(this.#memory.buffer, this.#counts, PIXELS),
        quarter,
      );
    });
    return this.#encode(task.output, this.#counts);
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

  #blockStatistics(values: number, counts: number): BlockStatistics {
    this.#kernels.statistics(values, COG_BLOCK, COG_BLOCK, COG_BLOCK, this.#statistics);
    const [min, max, sum, n] = new Float64Array(this.#memory.buffer, this.#statistics, 4) as unknown as [number, number, number, number]; // four were written
    const validObservations = this.#kernels.sum16(counts, PIXELS);
    return { validPixels: n, validObservations, min: n > 0 ? min : undefined, max: n > 0 ? max : undefined, sum };
  }

  /** Encodes the raw values of an output and the counts at an address, which are overwritten. */
  #encode(output: number, counts: number): EncodedBlock {
    const raw = output + RAW_AT;
    this.#kernels.halveMean(raw, COG_BLOCK, COG_BLOCK, COG_BLOCK, output + HALF_AT, HALF);
    this.#kernels.halveNearest16(counts, COG_BLOCK, COG_BLOCK, COG_BLOCK, output + HALF_AT + HALF * HALF * 4, HALF);
    this.#kernels.applyPredictorF32(raw, COG_BLOCK, COG_BLOCK, this.#encoded);
    const values = this.#deflate(this.#encoded, PIXELS * 4, output + VALUES_AT);
    if (this.#job.count) this.#kernels.applyPredictor16(counts, COG_BLOCK, COG_BLOCK);
    return {
      values,
      counts: this.#job.count ? this.#deflate(counts, PIXELS * 2, output + COUNTS_AT) : undefined,
      half: { address: output + HALF_AT, length: HALF_BYTES },
      raw: { address: raw, length: PIXELS * 4 },
    };
  }

  #deflate(address: number, bytes: number, to: number): Span {
    const output = new Uint8Array(this.#memory.buffer, to, deflateBound(bytes));
    return { address: to, length: deflate(new Uint8Array(this.#memory.buffer, address, bytes), output) };
  }
}

/** Copies a half-size block to its quarter: 0 upper left, 1 upper right, 2 lower left, 3 lower right. */
function place(half: Float32Array | Uint16Array, block: Float32Array | Uint16Array, quarter: number): void {
  const [row0, col0] = [(quarter >> 1) * HALF, (quarter & 1) * HALF];
  for (let row = 0; row < HALF; row++) block.set(half.subarray(row * HALF, (row + 1) * HALF), (row0 + row) * COG_BLOCK + col0);
}
