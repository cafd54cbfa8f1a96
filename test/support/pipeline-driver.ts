/**
 * Stands in for files and threads: takes a pipeline's instructions and answers them in any order, holding every promise of pipeline.ts
 * against what it sees from outside.
 */
import { type Arena, createArena } from "../../worker/core/execution/arena.ts";
import { Pipeline, type PipelineEvent, type PipelineInput, type PipelineInstruction } from "../../worker/core/execution/pipeline.ts";
import { blocksOfTile, unitDaysOf } from "../../worker/core/execution/slabs.ts";
import type { ComputeTask } from "../../worker/core/execution/thread-job.ts";
import { sampleBytes, type SourceRaster } from "../../worker/core/raster/source-raster.ts";

type Load = Extract<PipelineInstruction, { type: "load" }>;
type Decode = Extract<PipelineInstruction, { type: "decode" }>;
type Compute = Extract<PipelineInstruction, { type: "compute" }>;
type Finish = Extract<PipelineInstruction, { type: "finish" }>;

/** What a run showed. */
export type PipelineRecord = {
  /** `reduction day row0,col0` of each computed unit, in the order of their being asked for. */
  readonly computed: readonly string[];
  /** `reduction block` of each finished block. */
  readonly finished: readonly string[];
  /** Most bytes of decoded source blocks, and of source blocks as stored, held at once. */
  readonly mostDecodedBytes: number;
  readonly mostStoredBytes: number;
  /** Most COG blocks that had been begun and not finished. */
  readonly mostBlocksOpen: number;
  readonly loads: readonly Load[];
  readonly arena: Arena;
};

function check(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

/** Runs a plan to its end; `pick(n)` chooses which of n open instructions is answered next. */
export function drivePipeline(given: Omit<PipelineInput, "arena">, pick: (n: number) => number): PipelineRecord {
  const plain = createArena();
  const driver = new Driver(
    given,
    watched(plain, (address) => driver.onFree(address)),
  );
  driver.run(pick);
  const { computed, finished, mostDecodedBytes, mostStoredBytes, mostBlocksOpen, loads } = driver;
  return { computed, finished, mostDecodedBytes, mostStoredBytes, mostBlocksOpen, loads, arena: plain };
}

function watched(arena: Arena, onFree: (address: number) => void): Arena {
  return {
    allocate: (bytes) => arena.allocate(bytes),
    free: (address, bytes) => {
      onFree(address);
      arena.free(address, bytes);
    },
    get highWaterBytes() {
      return arena.highWaterBytes;
    },
    get allocatedBytes() {
      return arena.allocatedBytes;
    },
  };
}

class Driver {
  readonly computed: string[] = [];
  readonly finished: string[] = [];
  readonly loads: Load[] = [];
  mostDecodedBytes = 0;
  mostStoredBytes = 0;
  mostBlocksOpen = 0;
  readonly #blocksOpen = new Set<string>();
  readonly #input: PipelineInput;
  readonly #pipeline: Pipeline;
  readonly #open: (Load | Decode | Compute | Finish)[] = [];
  /** Source blocks in memory by address of their slot: whose, and whether decoded. */
  readonly #held = new Map<number, { readonly key: string; readonly bytes: number; decoded: boolean }>();
  /** Blocks of loads that are not decoded yet. */
  readonly #stored = new Map<string, number>();
  readonly #lastDay = new Map<string, number>();
  /** Accumulator planes that each unit was given. */
  readonly #planes = new Map<string, readonly number[]>();
  #done = 0;

  constructor(given: Omit<PipelineInput, "arena">, arena: Arena) {
    this.#input = { ...given, arena };
    this.#pipeline = new Pipeline(this.#input);
  }

  run(pick: (n: number) => number): void {
    this.#send({ type: "start" });
    while (this.#open.length > 0) {
      const [next] = this.#open.splice(pick(this.#open.length), 1);
      if (next) this.#answer(next);
    }
    check(this.#done === 1, `The pipeline said ${this.#done} times that it is done`);
    check(this.#held.size === 0, `${this.#held.size} source blocks are still held`);
    const unitDays = unitDaysOf(this.#input.plan.reductions, this.#input.unitSide);
    check(this.#pipeline.unitDaysDone === unitDays, `${this.#pipeline.unitDaysDone} of ${unitDays} days of units are said to be done`);
  }

  onFree(address: number): void {
    this.#held.delete(address);
    const users = this.#open.filter((open) => open.type === "compute" && slotsOf(open.task).includes(address));
    check(users.length === 0, "A block was freed that a unit under way reads");
  }

  #send(event: PipelineEvent): void {
    const instructions = this.#pipeline.handle(event);
    for (const instruction of instructions) this.#take(instruction);
    this.#pipeline.assertInvariants();
    const decoded = [...this.#held.values()].reduce((sum, block) => sum + block.bytes, 0);
    this.mostDecodedBytes = Math.max(this.mostDecodedBytes, decoded);
    const stored = [...this.#stored.values()].reduce((sum, bytes) => sum + bytes, 0);
    this.mostStoredBytes = Math.max(this.mostStoredBytes, stored);
  }

  #take(instruction: PipelineInstruction): void {
    check(this.#done === 0, `${instruction.type} was asked for after the end`);
    switch (instruction.type) {
      case "load":
        this.#takeLoad(instruction);
        this.#open.push(instruction);
        break;
      case "decode":
        this.#takeDecode(instruction);
        this.#open.push(instruction);
        break;
      case "compute":
        this.#takeCompute(instruction);
        this.#open.push(instruction);
        break;
      case "finish":
        this.finished.push(`${instruction.reduction} ${instruction.block}`);
        this.#open.push(instruction);
        break;
      case "done":
        check(this.#open.length === 0, "The pipeline is done, but work is under way");
        this.#done++;
        break;
    }
  }

  #takeLoad(load: Load): void {
    this.loads.push(load);
    const { offsets, byteCounts } = this.#raster(load).blocks;
    for (const block of load.blocks) {
      const [key, offset, length] = [`${load.raster} ${block}`, offsets[block] ?? 0, byteCounts[block] ?? 0];
      const here = this.#stored.has(key) || [...this.#held.values()].some((other) => other.key === key);
      check(!here, `Block ${key} is loaded, but is here already`);
      check(offset >= load.offset && offset + length <= load.offset + load.length, `Block ${key} lies outside what is read`);
      this.#stored.set(key, length);
    }
  }

  #takeDecode({ load, blocks }: Decode): void {
    const raster = this.#raster(load);
    check(!this.#open.includes(load), "Blocks are decoded that have not arrived");
    check(
      blocks.map(({ block }) => block).join() === load.blocks.join(),
      `Other blocks of raster ${load.raster} are decoded than were read`,
    );
    for (const { block, address, length, rows, slot } of blocks) {
      const key = `${load.raster} ${block}`;
      check(!this.#held.has(slot), `Block ${key} is to go where another one is`);
      const inFile = load.offset + address - load.address;
      check(
        inFile === raster.blocks.offsets[block] && length === raster.blocks.byteCounts[block],
        `Block ${key} is decoded from a wrong place`,
      );
      this.#held.set(slot, { key, bytes: rows * raster.blocks.width * sampleBytes(raster.encoding.sampleType), decoded: false });
    }
  }

  #raster(load: Load): SourceRaster {
    const raster = this.#input.rasters[load.raster];
    if (!raster) throw new Error(`No raster ${load.raster}`);
    return raster;
  }

  #takeCompute({ reduction, task }: Compute): void {
    const slots = slotsOf(task);
    check(
      slots.every((slot) => this.#held.get(slot)?.decoded === true),
      "A unit is computed whose blocks are not all decoded",
    );
    const unit = `${reduction} ${task.unit.row0},${task.unit.col0}`;
    const day = this.#dayOf(reduction, task);
    const last = this.#lastDay.get(unit);
    check(task.first === (last === undefined), `Unit ${unit} is cleared on day ${day}, or never`);
    this.#takeAccumulators(unit, task);
    check(last === undefined || last < day, `Unit ${unit} has day ${day} after day ${last}`);
    const busy = this.#open.some((open) => open.type === "compute" && open.reduction === reduction && sameCorner(open.task, task));
    check(!busy, `Unit ${unit} is computed twice at once`);
    this.#lastDay.set(unit, day);
    this.#blocksOpen.add(`${reduction} ${task.blockRow0},${task.blockCol0}`);
    this.mostBlocksOpen = Math.max(this.mostBlocksOpen, this.#blocksOpen.size);
    this.computed.push(`${reduction} ${day} ${task.unit.row0},${task.unit.col0}`);
  }

  /** Sums stay where they are from a unit's first day to its last; a stack has a layer of its own for each. */
  #takeAccumulators(unit: string, { accumulators }: ComputeTask): void {
    const { statistic } = this.#input.plan.request.reduce;
    const planes = accumulators.planes.flat();
    const before = this.#planes.get(unit) ?? [];
    if (statistic === "median") check(!planes.some((plane) => before.includes(plane)), `A layer of unit ${unit} is written twice`);
    else check(before.length === 0 || planes.every((plane) => before.includes(plane)), `The sums of unit ${unit} have moved`);
    this.#planes.set(unit, [...before, ...planes]);
  }

  /** By the first raster that the task reads. */
  #dayOf(reduction: number, task: ComputeTask): number {
    const { plan } = this.#input;
    const raster = task.scenes.flat().find((table) => table !== undefined)?.raster ?? Number.NaN;
    const scene = plan.scenes[Math.floor(raster / plan.request.bands.length)];
    return plan.reductions[reduction]?.group.days.findIndex((day) => scene && day.scenes.includes(scene)) ?? -1;
  }

  #closeBlock(reduction: number, block: number): void {
    const tile = this.#input.plan.reductions[reduction]?.tile;
    const window = tile && blocksOfTile(tile)[block];
    this.#blocksOpen.delete(`${reduction} ${window?.row0},${window?.col0}`);
  }

  #answer(instruction: Load | Decode | Compute | Finish): void {
    switch (instruction.type) {
      case "load":
        this.#send({ type: "fetched", load: instruction });
        break;
      case "decode":
        for (const { slot, block } of instruction.blocks) {
          const held = this.#held.get(slot);
          if (held) held.decoded = true;
          this.#stored.delete(`${instruction.load.raster} ${block}`);
        }
        this.#send({ type: "decoded", load: instruction.load });
        break;
      case "compute":
        this.#send({ type: "computed", slab: instruction.slab, unit: instruction.unit });
        break;
      case "finish":
        this.#closeBlock(instruction.reduction, instruction.block);
        this.#send({ type: "finished", reduction: instruction.reduction, block: instruction.block });
        break;
    }
  }
}

/** Addresses of blocks: what is not loaded (0) counts, so that it is missed; sparse ones (-1) do not. */
function slotsOf(task: ComputeTask): readonly number[] {
  return task.scenes.flat().flatMap((table) => table?.slots.filter((slot) => slot !== -1) ?? []);
}

function sameCorner(a: ComputeTask, b: ComputeTask): boolean {
  return a.unit.row0 === b.unit.row0 && a.unit.col0 === b.unit.col0;
}
