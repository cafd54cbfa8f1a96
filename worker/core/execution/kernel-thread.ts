/** One kernel thread without the thread: a task in, a result out. Throws what decoding throws; {@link ThreadRaster} ids name the place. */
import { decodeBlock } from "../codec/decode-block.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { BlockFinisher } from "./block-finisher.ts";
import type { DecodeTask, ThreadJob, ThreadResult, ThreadTask } from "./thread-job.ts";
import { UnitComputer } from "./unit-computer.ts";

/** A stored block that could not be decoded. */
export class BlockDamagedError extends Error {
  readonly tag = "BlockDamagedError";
  readonly raster: number;
  readonly block: number;

  constructor(at: { readonly raster: number; readonly block: number }, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.raster = at.raster;
    this.block = at.block;
  }
}

/** Gives addresses of a thread's own memory, one after the other and for good. */
export function scratchAllocator(scratch: { readonly address: number; readonly bytes: number }): (bytes: number) => number {
  let next = scratch.address;
  return (bytes) => {
    const address = next;
    next += Math.ceil(bytes / 64) * 64 + 64;
    if (next > scratch.address + scratch.bytes) throw new Error(`A kernel thread needs more than ${scratch.bytes} bytes of its own`);
    return address;
  };
}

export class KernelThread {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #job: ThreadJob;
  readonly #units: UnitComputer;
  readonly #finisher: BlockFinisher;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, job: ThreadJob, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#job = job;
    this.#units = new UnitComputer(kernels, memory, job, allocate);
    this.#finisher = new BlockFinisher(kernels, memory, job, allocate);
  }

  /** `now` gives seconds, for the report only. */
  run(task: ThreadTask, now: () => number): ThreadResult {
    const start = now();
    switch (task.type) {
      case "decode":
        this.#decode(task);
        return { type: "decode", seconds: now() - start };
      case "compute": {
        const outsideValidRange = this.#units.compute(task);
        return { type: "compute", seconds: now() - start, outsideValidRange };
      }
      case "finish": {
        const blocks = this.#finisher.finish(task);
        return { type: "finish", seconds: now() - start, blocks };
      }
      case "overview": {
        const block = this.#finisher.overview(task);
        return { type: "overview", seconds: now() - start, block };
      }
    }
  }

  #decode(task: DecodeTask): void {
    const raster = this.#job.rasters[task.raster];
    if (!raster) throw new Error(`No raster ${task.raster}`);
    for (const { block, address, length, rows, slot } of task.blocks) {
      const stored = new Uint8Array(this.#memory.buffer, address, length);
      try {
        decodeBlock(this.#kernels, this.#memory, stored, {
          encoding: raster.encoding,
          rows,
          cols: raster.blockWidth,
          slot,
        });
      } catch (cause) {
        throw new BlockDamagedError({ raster: task.raster, block }, cause);
      }
    }
  }
}
