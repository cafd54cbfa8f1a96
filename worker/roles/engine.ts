/**
 * One worker's engine in this process: joins the pipeline's decisions to byte sources and kernel threads. Reads are issued here, on the event loop;
 * inflating and everything after it happens on the threads.
 */
import { createSemaphore, type Semaphore } from "../../runtime/concurrency.ts";
import { accumulatorLayout, blockBytes, STACK_BUDGET_BYTES } from "../core/execution/accumulators.ts";
import { createArena } from "../core/execution/arena.ts";
import { Pipeline, type PipelineEvent, type PipelineInstruction } from "../core/execution/pipeline.ts";
import { BlockDamagedError } from "../core/execution/kernel-thread.ts";
import { BLOCK_OUTPUT_BYTES } from "../core/execution/block-finisher.ts";
import { type Preparation, prepareRasters, threadBands } from "../core/execution/prepare-threads.ts";
import { unitDaysOf } from "../core/execution/slabs.ts";
import { DECODED_BUDGET_BYTES } from "../core/execution/source-blocks.ts";
import { createLatticeCache } from "../core/execution/tile-lattices.ts";
import type { FinishedBlock, ThreadJob } from "../core/execution/thread-job.ts";
import { createSharedMemory } from "../core/kernels/kernels.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { createThreadPool, type ThreadPool, type ThreadStart } from "../io/threads/thread-pool.ts";
import { readTraits } from "../io/source/read-traits.ts";
import { MemoryError, SourceError } from "../../runtime/errors.ts";

/** What a thread needs beside the blocks: planes of a strip, coordinates, one source window, one block to encode; reserved, touched as used. */
const THREAD_SCRATCH_BYTES = 40 * 1024 * 1024;

/** What there is beside stacks and threads: blocks read ahead, encoded blocks, lattices; with a margin. */
const OTHER_BYTES = 256 * 1024 * 1024;

export type EngineOptions = {
  readonly plan: Plan;
  readonly source: ByteSource;
  readonly threads: number;
  readonly module: WebAssembly.Module;
  readonly signal: AbortSignal;
  /** Who runs the tasks; worker threads if left out. */
  readonly createPool?: (starts: readonly ThreadStart[]) => ThreadPool;
  /**
   * What a file does that cannot be read: end the run at once, or make it a search for all such files, which ends with {@link UnreadableFilesError}:
   * nothing more is computed, but everything is read and decoded.
   */
  readonly onError: "fail" | "skip";
};

/** Files that could not be read, each with its reason; what was computed is worth nothing. */
export class UnreadableFilesError extends Error {
  readonly files: ReadonlyMap<string, SourceError>;
  constructor(files: ReadonlyMap<string, SourceError>) {
    super(`${files.size} files cannot be read`);
    this.files = files;
  }
}

/** Seconds are summed over threads. */
export type EngineCounters = {
  readonly seconds: { decode: number; compute: number; finish: number };
  /** For each group and index: observations outside the valid range. */
  readonly outsideValidRange: Map<string, number[]>;
};

export type EngineEvents = {
  /** One unit of one day was added. */
  readonly onUnitDay: () => void;
  /** A finished block of a reduction (row-major in its tile), one entry an index; their memory is used again when the promise resolves. */
  readonly onBlock: (reduction: number, block: number, perIndex: readonly FinishedBlock[]) => Promise<void>;
};

export type Engine = {
  readonly pool: ThreadPool;
  readonly shared: SharedBuffers;
  readonly counters: EngineCounters;
  /** The share of all days of all units that is done, 0 to 1. */
  shareDone(): number;
  run(events: EngineEvents): Promise<void>;
  close(): Promise<void>;
};

/** Shared memory for whoever hands tasks to the threads. */
export type SharedBuffers = {
  allocate(bytes: number): number;
  free(address: number, bytes: number): void;
  /** A view of the bytes. */
  bytes(address: number, length: number): Uint8Array;
};

export function createEngine(options: EngineOptions): Engine {
  const { plan } = options;
  const memory = createSharedMemory();
  const arena = createArena();
  const preparation = prepareRasters(plan);
  refuseDeepStacks(plan, memory.buffer.byteLength - options.threads * THREAD_SCRATCH_BYTES - OTHER_BYTES);

  function checkMemory(): void {
    const limit = memory.buffer.byteLength;
    if (arena.highWaterBytes <= limit) return;
    const todo = "use smaller chunks (spec.chunks height and width), fewer threads or fewer indices";
    throw new MemoryError([{ what: "the pixels of one worker do not fit", where: `${limit / 2 ** 20} MiB of shared memory`, todo }]);
  }

  function place(data: Uint8Array | Float64Array): number {
    const address = arena.allocate(data.byteLength);
    checkMemory();
    new Uint8Array(memory.buffer, address, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return address;
  }

  const job: ThreadJob = {
    gridHeight: plan.grid.height,
    gridWidth: plan.grid.width,
    bands: threadBands(plan.request.bands, place),
    indices: plan.request.indices,
    statistic: plan.request.reduce.statistic,
    mostDays: mostDaysOf(plan),
    count: plan.request.count,
    rasters: preparation.threadRasters,
  };
  const starts = Array.from({ length: options.threads }, () => {
    const address = arena.allocate(THREAD_SCRATCH_BYTES);
    return { module: options.module, memory, job, scratch: { address, bytes: THREAD_SCRATCH_BYTES } };
  });
  checkMemory();
  const pool = (options.createPool ?? startThreads)(starts);
  const counters: EngineCounters = {
    seconds: { decode: 0, compute: 0, finish: 0 },
    outsideValidRange: new Map(),
  };
  const pipeline = new Pipeline({
    plan,
    rasters: preparation.rasters,
    threadRasters: preparation.threadRasters,
    unitSide: preparation.unitSide,
    arena,
    stackBudgetBytes: STACK_BUDGET_BYTES,
    decodedBudgetBytes: DECODED_BUDGET_BYTES,
    ...readTraits(preparation.rasters.map(({ href }) => href)),
    latticesOf: createLatticeCache(plan, preparation, place),
  });

  const unitDays = unitDaysOf(plan.reductions, preparation.unitSide);

  const shared: SharedBuffers = {
    allocate(bytes) {
      const address = arena.allocate(bytes);
      checkMemory();
      return address;
    },
    free: (address, bytes) => arena.free(address, bytes),
    bytes: (address, length) => new Uint8Array(memory.buffer, address, length),
  };
  return {
    pool,
    shared,
    counters,
    shareDone: () => pipeline.unitDaysDone / unitDays,
    run: (events) => new EngineRun({ options, pipeline, pool, shared, counters, preparation, checkMemory, events }).start(),
    close: () => pool.close(),
  };
}

function startThreads(starts: readonly ThreadStart[]): ThreadPool {
  return createThreadPool(new URL("./kernel-thread-main.ts", import.meta.url), starts);
}

function mostDaysOf(plan: Plan): number {
  return plan.groups.reduce((most, { days }) => Math.max(most, days.length), 0);
}

/** Throws MemoryError where the observations of one COG block alone (which a median keeps, all of them) leave no room for anything else. */
function refuseDeepStacks(plan: Plan, roomBytes: number): void {
  const { reduce, indices } = plan.request;
  const bytes = blockBytes(accumulatorLayout(reduce.statistic, indices.length), mostDaysOf(plan));
  if (bytes <= roomBytes) return;
  const what = `the ${reduce.statistic} keeps every observation: ${mostDaysOf(plan)} days of ${indices.length} indices take ${mebibytes(bytes)} a block`;
  const todo = "use shorter groups (spec.reduce.each: year, or by: month), fewer indices, or another statistic";
  throw new MemoryError([{ what, where: `${mebibytes(Math.max(0, roomBytes))} of shared memory`, todo }]);
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}

type RunParts = {
  readonly options: EngineOptions;
  readonly pipeline: Pipeline;
  readonly pool: ThreadPool;
  readonly shared: SharedBuffers;
  readonly counters: EngineCounters;
  readonly preparation: Preparation;
  readonly checkMemory: () => void;
  readonly events: EngineEvents;
};

type Instruction<T extends PipelineInstruction["type"]> = Extract<PipelineInstruction, { type: T }>;

class EngineRun {
  readonly #parts: RunParts;
  readonly #finishing: Semaphore;
  /** By href. Once there is one, the run only goes on to find the others. */
  readonly #unreadable = new Map<string, SourceError>();
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(parts: RunParts) {
    this.#parts = parts;
    // One more than can be encoded at once, for the one that is being stored.
    this.#finishing = createSemaphore(parts.options.threads + 1);
  }

  async start(): Promise<void> {
    const { signal } = this.#parts.options;
    const done = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const stop = () => this.#reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", stop, { once: true });
    try {
      this.#handle({ type: "start" });
      await done;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #handle(event: PipelineEvent): void {
    const instructions = this.#parts.pipeline.handle(event);
    this.#parts.checkMemory();
    for (const instruction of instructions) this.#follow(instruction);
  }

  #follow(instruction: PipelineInstruction): void {
    switch (instruction.type) {
      case "load":
        this.#own(this.#load(instruction));
        break;
      case "decode":
        this.#own(this.#decode(instruction));
        break;
      case "compute":
        this.#own(this.#compute(instruction));
        break;
      case "finish":
        this.#own(this.#finish(instruction));
        break;
      case "done":
        if (this.#unreadable.size === 0) this.#resolve();
        else this.#reject(new UnreadableFilesError(this.#unreadable));
        break;
    }
  }

  /** A step that fails ends the run. */
  #own(step: Promise<void>): void {
    step.catch((error: unknown) => this.#reject(error));
  }

  async #load(load: Instruction<"load">): Promise<void> {
    const { raster, offset, address, length } = load;
    const { options, shared, preparation } = this.#parts;
    const object = preparation.rasters[raster];
    if (!object) throw new Error(`No raster ${raster}`);
    await this.#reading(object.href, () => options.source.read(object, offset, shared.bytes(address, length), options.signal));
    this.#handle({ type: "fetched", load });
  }

  /** A step that reads a file: not done where the file is known to be unreadable, and what it throws is kept where others are to be found too. */
  async #reading(href: string, step: () => Promise<void>): Promise<void> {
    if (this.#unreadable.has(href)) return;
    try {
      await step();
    } catch (error) {
      if (!(error instanceof SourceError) || this.#parts.options.onError === "fail") throw error;
      if (!this.#unreadable.has(href)) this.#unreadable.set(href, error);
    }
  }

  async #decode({ load, blocks }: Instruction<"decode">): Promise<void> {
    const { pool, counters, preparation } = this.#parts;
    const href = preparation.rasters[load.raster]?.href ?? "";
    await this.#reading(href, async () => {
      try {
        const { seconds } = await pool.run({ type: "decode", raster: load.raster, blocks });
        counters.seconds.decode += seconds;
      } catch (cause) {
        if (!(cause instanceof BlockDamagedError)) throw cause;
        const what = `block ${cause.block} cannot be decoded (${cause.message})`;
        throw new SourceError({ href, what, todo: "the file is damaged; fetch it again, or drop its item" }, cause);
      }
    });
    this.#handle({ type: "decoded", load });
  }

  async #compute({ slab, unit, reduction, task }: Instruction<"compute">): Promise<void> {
    const { counters, pool, options, events } = this.#parts;
    if (this.#unreadable.size > 0) return this.#handle({ type: "computed", slab, unit });
    const { seconds, outsideValidRange } = await pool.run(task);
    counters.seconds.compute += seconds;
    const group = options.plan.reductions[reduction]?.group.name ?? "";
    const sums = counters.outsideValidRange.get(group) ?? outsideValidRange.map(() => 0);
    counters.outsideValidRange.set(
      group,
      sums.map((sum, i) => sum + (outsideValidRange[i] ?? 0)),
    );
    events.onUnitDay();
    this.#handle({ type: "computed", slab, unit });
  }

  async #finish({ reduction, block, task }: Instruction<"finish">): Promise<void> {
    const { counters, pool, shared, events, options } = this.#parts;
    if (this.#unreadable.size > 0) return this.#handle({ type: "finished", reduction, block });
    await this.#finishing.acquire();
    const outputs = options.plan.request.indices.map(() => shared.allocate(BLOCK_OUTPUT_BYTES));
    try {
      const { seconds, blocks } = await pool.run({ ...task, outputs });
      counters.seconds.finish += seconds;
      await events.onBlock(reduction, block, blocks);
    } finally {
      for (const address of outputs) shared.free(address, BLOCK_OUTPUT_BYTES);
      this.#finishing.release();
    }
    this.#handle({ type: "finished", reduction, block });
  }
}
