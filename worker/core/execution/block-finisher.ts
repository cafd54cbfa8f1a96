/** From accumulators to encoded COG blocks, with their half-size copies for the overviews; and from four such halves to an overview block. */
import type { Window } from "../grid/affine.ts";
import { DEFLATE_SCRATCH_BYTES, deflateBound, type Kernels, NAN_BITS } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import { AccumulatorClearer } from "./clear-accumulators.ts";
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

const VALUES_AT = 0;
const COUNTS_AT = deflateBound(PIXELS * 4);
const HALF_AT = COUNTS_AT + deflateBound(PIXELS * 2);
const RAW_AT = HALF_AT + HALF_BYTES;

/** Shared memory for one encoded block: deflated values and counts, the half-size copy, and the values as they are. */
export const BLOCK_OUTPUT_BYTES = RAW_AT + PIXELS * 4;

export class BlockFinisher {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #job: ThreadJob;
  readonly #encoded: number;
  readonly #counts: number;
  readonly #statistics: number;
  readonly #clearer: AccumulatorClearer;
  /** uint32[mostDays], and float32[mostDays][16]; for a median. */
  readonly #layers: number;
  readonly #sorted: number;
  readonly #deflateScratch: number;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, job: ThreadJob, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#job = job;
    this.#encoded = allocate(PIXELS * 4);
    this.#counts = allocate(PIXELS * 2);
    this.#statistics = allocate(32);
    this.#clearer = new AccumulatorClearer(kernels, job.statistic);
    this.#layers = allocate(job.mostDays * 4);
    this.#sorted = allocate(job.mostDays * 64);
    this.#deflateScratch = allocate(DEFLATE_SCRATCH_BYTES);
  }

  finish(task: FinishTask): readonly FinishedBlock[] {
    return this.#job.indices.map((_, index) => {
      const [planes, counts, output] = [task.accumulators.planes[index]!, task.accumulators.counts[index]!, task.outputs[index]!];
      this.#clear(task, { counts: [counts], planes: this.#job.statistic === "median" ? [] : [planes] });
      this.#values(task, { planes, counts, out: output + RAW_AT });
      const statistics = this.#blockStatistics(output + RAW_AT, counts);
      // The accumulator's counts are encoded in place, so this comes last.
      return { ...this.#encode(output, counts), statistics };
    });
  }

  /** The statistic of all pixels of a block: NaN where there is none. */
  #values(task: FinishTask, { planes, counts, out }: IndexResult): void {
    const k = this.#kernels;
    const [first, second] = [planes[0] ?? 0, planes[1] ?? 0];
    switch (this.#job.statistic) {
      case "mean":
        k.finishMean(first, counts, out, PIXELS);
        break;
      case "std":
        k.finishStd(second, counts, out, PIXELS);
        break;
      case "min":
      case "max":
        new Uint8Array(this.#memory.buffer).copyWithin(out, first, first + PIXELS * 4);
        break;
      case "median":
        this.#medians(task, { planes, counts, out });
        break;
      case "count":
        k.finishCount(counts, out, PIXELS);
        for (const window of withoutValue(task)) this.#fillNaN(out, window);
        break;
    }
  }

  /** Unit by unit, since days touch some and not others. */
  #medians(task: FinishTask, { planes, counts, out }: IndexResult): void {
    new Uint32Array(this.#memory.buffer, this.#layers, planes.length).set(planes);
    for (const { window, days } of task.units) {
      if (days === 0) this.#fillNaN(out, window);
      else
        for (let row = window.row0; row < window.row1; row++) {
          const at = row * COG_BLOCK + window.col0;
          const [count, to] = [counts + at * 2, out + at * 4];
          this.#kernels.finishMedian(this.#layers, days, at * 4, count, this.#sorted, to, window.col1 - window.col0);
        }
    }
    for (const window of withoutValue(task)) this.#fillNaN(out, window);
  }

  #fillNaN(out: number, { row0, col0, row1, col1 }: Window): void {
    for (let row = row0; row < row1; row++) this.#kernels.fill32(out + (row * COG_BLOCK + col0) * 4, col1 - col0, NAN_BITS);
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

  /** What no day touched still holds what was there before; off the grid it is cleared too, so that padding is nodata; so is what a region clips. */
  #clear(task: FinishTask, accumulators: AccumulatorAddresses): void {
    const untouched = task.units.filter(({ days }) => days === 0).map(({ window }) => window);
    for (const window of [...untouched, ...withoutValue(task)]) this.#clearer.clear(accumulators, window);
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
    return { address: to, length: this.#kernels.deflate(address, bytes, to, this.#deflateScratch) };
  }
}

/** One index of a block: its accumulators, and where the values go. */
type IndexResult = { readonly planes: readonly number[]; readonly counts: number; readonly out: number };

/** The parts of a block that never have a value: beyond the grid's edges, and what a region clips. */
function withoutValue({ rows, cols, clipped }: FinishTask): readonly Window[] {
  const right = { row0: 0, col0: cols, row1: rows, col1: COG_BLOCK };
  const below = { row0: rows, col0: 0, row1: COG_BLOCK, col1: COG_BLOCK };
  return [right, below, ...clipped];
}

/** Copies a half-size block to its quarter: 0 upper left, 1 upper right, 2 lower left, 3 lower right. */
function place(half: Float32Array | Uint16Array, block: Float32Array | Uint16Array, quarter: number): void {
  const [row0, col0] = [(quarter >> 1) * HALF, (quarter & 1) * HALF];
  for (let row = 0; row < HALF; row++) block.set(half.subarray(row * HALF, (row + 1) * HALF), (row0 + row) * COG_BLOCK + col0);
}
