/**
 * The worker's state machine over the slabs: what to read, decode, compute and finish next, and in how much memory. Pure: events in, instructions out.
 *
 *   slab   admitted -> loading (blocks missing) -> loaded -> computed
 *   block  fetching -> resident -> (no slab refers to it) freed
 *   unit   its days are computed one after the other, in order of time, whatever order they are loaded in
 *
 * Slabs are admitted in order while the blocks they bring in fit the budget; one slab is always admitted, so that a budget that is too
 * small makes a job slow and not stuck. Does not cover: which thread does what, retries, spilling.
 */
import type { Window } from "../grid/affine.ts";
import type { LatticeNodes } from "../grid/lattice.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { Plan } from "../plan/plan.ts";
import { blocksOfWindow, decodedBytes, type SourceRaster, storedRows } from "../raster/source-raster.ts";
import type { Arena } from "./arena.ts";
import { blocksOfTile, type Slab, slabSequence } from "./slabs.ts";
import { latticeBounds, sourceWindow } from "./source-window.ts";
import {
  type AccumulatorAddresses,
  type BlockTable,
  type ComputeTask,
  type FinishTask,
  type LatticeAddress,
  NOT_LOADED,
  SPARSE,
  type StoredBlock,
  type ThreadRaster,
} from "./thread-job.ts";

/** What the machine works on. Raster ids: scene * bands + band. */
export type PipelineInput = {
  readonly plan: Plan;
  readonly rasters: readonly SourceRaster[];
  readonly threadRasters: readonly ThreadRaster[];
  readonly unitSide: number;
  readonly arena: Arena;
  /** Decoded and compressed source blocks that may be in memory at once. */
  readonly readBudgetBytes: number;
  /** Neighbouring blocks this far apart in a file are read in one request. */
  readonly joinGapBytes: number;
  /** The lattices over a tile: for each lattice id, nodes and where they are in memory. */
  readonly latticesOf: (tile: Window) => readonly TileLattice[];
};

export type TileLattice = { readonly nodes: LatticeNodes; readonly address: LatticeAddress };

export type PipelineEvent =
  | { readonly type: "start" }
  | { readonly type: "decoded"; readonly load: PipelineLoad }
  | { readonly type: "computed"; readonly slab: number; readonly unit: number }
  /** The block is stored; its accumulators and output are free. */
  | { readonly type: "finished"; readonly reduction: number; readonly block: number };

/** Read `length` bytes of the file from `offset` to `address`, then decode the blocks in them. */
export type PipelineLoad = {
  readonly type: "load";
  readonly raster: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
  readonly blocks: readonly StoredBlock[];
};

export type PipelineInstruction =
  | PipelineLoad
  | { readonly type: "compute"; readonly slab: number; readonly unit: number; readonly reduction: number; readonly task: ComputeTask }
  | { readonly type: "finish"; readonly reduction: number; readonly block: number; readonly task: Omit<FinishTask, "outputs"> }
  | { readonly type: "done" };

type SlabState = {
  readonly id: number;
  readonly slab: Slab;
  /** For each unit, scene and band; undefined where the scene does not reach the unit. */
  readonly windows: readonly (readonly (readonly (Window | undefined)[])[])[];
  /** Rasters of the day's scenes, in fusing order. */
  readonly sceneRasters: readonly (readonly number[])[];
  readonly blockKeys: readonly number[];
  missing: number;
  unitsLeft: number;
};

type BlockState = {
  readonly raster: number;
  readonly block: number;
  readonly slot: number;
  readonly bytes: number;
  refs: number;
  resident: boolean;
  waiting: SlabState[];
};

type ReductionState = {
  /** Of each block from its first day on. */
  readonly accumulators: Map<number, AccumulatorAddresses>;
  readonly blocks: readonly Window[];
  /** Days done of each unit, by its upper-left corner; a unit is absent before its first. */
  readonly daysDone: Map<string, number>;
  /** Units that any scene ever touched. */
  readonly touched: Set<string>;
  /** Unit-days left of each block. */
  readonly blockLeft: number[];
  blocksLeft: number;
};

export class Pipeline {
  readonly #input: PipelineInput;
  readonly #sequence: Generator<Slab>;
  /** The slab to admit next. */
  #next: SlabState | undefined;
  #slabCount = 0;
  /** Admitted and not yet computed. */
  readonly #slabs = new Map<number, SlabState>();
  /** Loaded units that wait for an earlier day of theirs, by reduction, corner and day. */
  readonly #waitingUnits = new Map<string, { readonly state: SlabState; readonly unit: number }>();
  readonly #blocks = new Map<number, BlockState>();
  readonly #reductions = new Map<number, ReductionState>();
  #readBytes = 0;
  #reductionsLeft: number;

  constructor(input: PipelineInput) {
    this.#input = input;
    this.#sequence = slabSequence(input.plan.reductions, input.unitSide);
    this.#next = this.#nextSlab();
    this.#reductionsLeft = input.plan.reductions.length;
  }

  handle(event: PipelineEvent): readonly PipelineInstruction[] {
    const out: PipelineInstruction[] = [];
    switch (event.type) {
      case "start":
        break;
      case "decoded":
        this.#input.arena.free(event.load.address, event.load.length);
        for (const { block } of event.load.blocks) this.#decoded(blockKey(event.load.raster, block), out);
        break;
      case "computed":
        this.#computed(event.slab, event.unit, out);
        break;
      case "finished":
        this.#finished(event.reduction, event.block, out);
        break;
    }
    this.#admit(out);
    return out;
  }

  /** Throws where an invariant does not hold; for tests. */
  assertInvariants(): void {
    for (const state of this.#slabs.values()) {
      const missing = state.blockKeys.filter((key) => !this.#blocks.get(key)?.resident).length;
      if (missing !== state.missing) throw new Error(`Slab ${state.id} counts ${state.missing} missing blocks, but ${missing} are`);
    }
    const referred = [...this.#slabs.values()].flatMap((state) => state.blockKeys);
    for (const [key, block] of this.#blocks) {
      const refs = referred.filter((other) => other === key).length;
      if (block.refs !== refs || refs === 0) throw new Error(`Block ${key} counts ${block.refs} slabs, but ${refs} refer to it`);
    }
    const bytes = [...this.#blocks.values()].reduce((sum, block) => sum + block.bytes, 0);
    if (bytes !== this.#readBytes) throw new Error(`${this.#readBytes} bytes are counted, but ${bytes} held`);
  }

  #admit(out: PipelineInstruction[]): void {
    while (this.#next) {
      const state = this.#next;
      const bytes = state.blockKeys.reduce((sum, key) => sum + (this.#blocks.has(key) ? 0 : this.#blockBytes(key)), 0);
      if (this.#slabs.size > 0 && this.#readBytes + bytes > this.#input.readBudgetBytes) return;
      this.#slabs.set(state.id, state);
      this.#next = this.#nextSlab();
      this.#reduction(state.slab.reduction);
      this.#request(state, out);
      if (state.missing === 0) this.#loaded(state, out);
    }
  }

  #nextSlab(): SlabState | undefined {
    const slab = this.#sequence.next();
    return slab.done ? undefined : this.#slabState(slab.value);
  }

  #slabState(slab: Slab): SlabState {
    const { plan, threadRasters } = this.#input;
    const reduction = plan.reductions[slab.reduction];
    const day = reduction?.group.days[slab.day];
    if (!reduction || !day) throw new Error(`No day ${slab.day} in reduction ${slab.reduction}`);
    const lattices = this.#input.latticesOf(reduction.tile);
    const bands = plan.request.bands.length;
    const sceneRasters = day.scenes.map((scene) => Array.from({ length: bands }, (_, band) => plan.scenes.indexOf(scene) * bands + band));
    const windows = slab.units.map((unit) => {
      const bounds = lattices.map(({ nodes }) => latticeBounds(nodes, unit));
      return sceneRasters.map((ids) =>
        ids.map((id) => {
          const raster = threadRasters[id];
          return raster && sourceWindow(raster, unit, bounds[raster.lattice]);
        }),
      );
    });
    const keys = new Set<number>();
    sceneRasters.forEach((ids, scene) =>
      ids.forEach((id, band) => {
        for (const unit of windows) for (const block of this.#blocksOf(id, unit[scene]?.[band])) keys.add(blockKey(id, block));
      }),
    );
    return { id: this.#slabCount++, slab, windows, sceneRasters, blockKeys: [...keys], missing: 0, unitsLeft: slab.units.length };
  }

  /** Blocks with bytes in the file. */
  #blocksOf(id: number, window: Window | undefined): readonly number[] {
    const raster = this.#input.rasters[id];
    if (!raster || !window) return [];
    const range = blocksOfWindow(raster, window);
    const found: number[] = [];
    for (let row = range.row0; row < range.row1; row++)
      for (let col = range.col0; col < range.col1; col++) {
        const block = row * raster.blocks.across + col;
        if ((raster.blocks.byteCounts[block] ?? 0) > 0) found.push(block);
      }
    return found;
  }

  #blockBytes(key: number): number {
    const [raster, block] = this.#parse(key);
    return decodedBytes(raster, block) + (raster.blocks.byteCounts[block] ?? 0);
  }

  #parse(key: number): readonly [raster: SourceRaster, block: number, id: number] {
    const [id, block] = [Math.floor(key / MAX_BLOCKS), key % MAX_BLOCKS];
    const raster = this.#input.rasters[id];
    if (!raster) throw new Error(`No raster of block ${key}`);
    return [raster, block, id];
  }

  /** Refers to the slab's blocks, and asks for those that are not there yet, neighbours together. */
  #request(state: SlabState, out: PipelineInstruction[]): void {
    const wanted = new Map<number, number[]>();
    for (const key of state.blockKeys) {
      const [raster, block, id] = this.#parse(key);
      const known = this.#blocks.get(key);
      if (known) known.refs++;
      else {
        const bytes = this.#blockBytes(key);
        this.#readBytes += bytes;
        this.#blocks.set(key, {
          raster: id,
          block,
          slot: this.#input.arena.allocate(decodedBytes(raster, block)),
          bytes,
          refs: 1,
          resident: false,
          waiting: [],
        });
        const list = wanted.get(id);
        if (list) list.push(block);
        else wanted.set(id, [block]);
      }
      const held = this.#blocks.get(key);
      if (held?.resident === false) {
        state.missing++;
        held.waiting.push(state);
      }
    }
    for (const [id, blocks] of wanted) this.#load(id, blocks, out);
  }

  #load(id: number, blocks: readonly number[], out: PipelineInstruction[]): void {
    const raster = this.#input.rasters[id];
    if (!raster) throw new Error(`No raster ${id}`);
    const { offsets, byteCounts } = raster.blocks;
    const at = (block: number) => offsets[block] ?? 0;
    const end = (block: number) => at(block) + (byteCounts[block] ?? 0);
    const sorted = blocks.toSorted((a, b) => at(a) - at(b));
    let run: number[] = [];
    const flush = () => {
      const [first, last] = [run[0], run.at(-1)];
      if (first === undefined || last === undefined) return;
      const [offset, length] = [at(first), Math.max(...run.map(end)) - at(first)];
      const address = this.#input.arena.allocate(length);
      const parts = run.map((block): StoredBlock => {
        const slot = this.#blocks.get(blockKey(id, block))?.slot ?? NOT_LOADED;
        return { block, address: address + at(block) - offset, length: byteCounts[block] ?? 0, rows: storedRows(raster, block), slot };
      });
      out.push({ type: "load", raster: id, offset, address, length, blocks: parts });
      run = [];
    };
    for (const block of sorted) {
      const last = run.at(-1);
      const far = last !== undefined && at(block) - end(last) > this.#input.joinGapBytes;
      if (far || (run[0] !== undefined && end(block) - at(run[0]) > MAX_LOAD_BYTES)) flush();
      run.push(block);
    }
    flush();
  }

  #decoded(key: number, out: PipelineInstruction[]): void {
    const block = this.#blocks.get(key);
    if (!block || block.resident) throw new Error(`Block ${key} was decoded, but is ${block ? "resident already" : "not wanted"}`);
    block.resident = true;
    for (const state of block.waiting.splice(0)) {
      state.missing--;
      if (state.missing === 0) this.#loaded(state, out);
    }
  }

  #loaded(state: SlabState, out: PipelineInstruction[]): void {
    state.slab.units.forEach((_, unit) => this.#tryUnit(state, unit, out));
  }

  #tryUnit(state: SlabState, unit: number, out: PipelineInstruction[]): void {
    const { reduction, day, units } = state.slab;
    const corner = cornerKey(units[unit]);
    const progress = this.#reduction(reduction);
    if ((progress.daysDone.get(corner) ?? 0) !== day) {
      this.#waitingUnits.set(`${reduction}/${corner}/${day}`, { state, unit });
      return;
    }
    const task = this.#computeTask(state, unit, progress);
    if (task) out.push({ type: "compute", slab: state.id, unit, reduction, task });
    else this.#computed(state.id, unit, out);
  }

  /** Undefined where no scene of the day reaches the unit. */
  #computeTask(state: SlabState, unit: number, progress: ReductionState): ComputeTask | undefined {
    const window = state.slab.units[unit];
    const tile = this.#input.plan.reductions[state.slab.reduction]?.tile;
    if (!window || !tile) throw new Error(`No unit ${unit} in slab ${state.id}`);
    const scenes = state.sceneRasters
      .map((ids, scene) => ids.map((id, band) => this.#blockTable(id, state.windows[unit]?.[scene]?.[band])))
      .filter((tables) => tables.some((table) => table !== undefined));
    if (scenes.length === 0) return undefined;
    const corner = cornerKey(window);
    const first = !progress.touched.has(corner);
    progress.touched.add(corner);
    const block = this.#blockOfUnit(progress, window);
    const accumulators = this.#accumulators(progress, block);
    const origin = progress.blocks[block];
    if (!origin) throw new Error(`No block ${block}`);
    const lattices = this.#input.latticesOf(tile).map((lattice) => lattice.address);
    return { type: "compute", unit: window, blockRow0: origin.row0, blockCol0: origin.col0, first, accumulators, scenes, lattices };
  }

  #blockTable(id: number, window: Window | undefined): BlockTable | undefined {
    const raster = this.#input.rasters[id];
    if (!raster || !window) return undefined;
    const blocks = blocksOfWindow(raster, window);
    const slots: number[] = [];
    for (let row = blocks.row0; row < blocks.row1; row++)
      for (let col = blocks.col0; col < blocks.col1; col++) {
        const block = row * raster.blocks.across + col;
        slots.push(raster.blocks.byteCounts[block] === 0 ? SPARSE : (this.#blocks.get(blockKey(id, block))?.slot ?? NOT_LOADED));
      }
    return { raster: id, blocks, slots };
  }

  #computed(slab: number, unit: number, out: PipelineInstruction[]): void {
    const state = this.#slabs.get(slab);
    const window = state?.slab.units[unit];
    if (!state || !window) throw new Error(`Unit ${unit} of slab ${slab} was computed, but is not under way`);
    const { reduction, day } = state.slab;
    const progress = this.#reduction(reduction);
    const corner = cornerKey(window);
    progress.daysDone.set(corner, day + 1);
    state.unitsLeft--;
    if (state.unitsLeft === 0) this.#release(state);
    const block = this.#blockOfUnit(progress, window);
    progress.blockLeft[block] = (progress.blockLeft[block] ?? 0) - 1;
    if (progress.blockLeft[block] === 0) this.#finish(reduction, block, out);
    const key = `${reduction}/${corner}/${day + 1}`;
    const waiting = this.#waitingUnits.get(key);
    this.#waitingUnits.delete(key);
    if (waiting) this.#tryUnit(waiting.state, waiting.unit, out);
  }

  #release(state: SlabState): void {
    this.#slabs.delete(state.id);
    for (const key of state.blockKeys) {
      const block = this.#blocks.get(key);
      if (!block) throw new Error(`Block ${key} of slab ${state.id} is gone`);
      block.refs--;
      if (block.refs > 0) continue;
      this.#blocks.delete(key);
      this.#readBytes -= block.bytes;
      const [raster] = this.#parse(key);
      this.#input.arena.free(block.slot, decodedBytes(raster, block.block));
    }
  }

  #finish(reduction: number, block: number, out: PipelineInstruction[]): void {
    const progress = this.#reduction(reduction);
    const [window, accumulators] = [progress.blocks[block], this.#accumulators(progress, block)];
    if (!window) throw new Error(`No block ${block} in reduction ${reduction}`);
    const untouched = this.#unitsOfBlock(window)
      .filter((unit) => !progress.touched.has(cornerKey(unit)))
      .map((unit) => ({
        row0: unit.row0 - window.row0,
        col0: unit.col0 - window.col0,
        row1: unit.row1 - window.row0,
        col1: unit.col1 - window.col0,
      }));
    const size = { rows: window.row1 - window.row0, cols: window.col1 - window.col0 };
    out.push({ type: "finish", reduction, block, task: { type: "finish", accumulators, ...size, untouched } });
  }

  #finished(reduction: number, block: number, out: PipelineInstruction[]): void {
    const progress = this.#reduction(reduction);
    const accumulators = progress.accumulators.get(block);
    if (!accumulators) throw new Error(`No block ${block} in reduction ${reduction}`);
    for (const address of accumulators.sums) this.#input.arena.free(address, SUM_BYTES);
    for (const address of accumulators.counts) this.#input.arena.free(address, COUNT_BYTES);
    progress.blocksLeft--;
    if (progress.blocksLeft > 0) return;
    this.#reductions.delete(reduction);
    this.#reductionsLeft--;
    if (this.#reductionsLeft === 0) out.push({ type: "done" });
  }

  #reduction(index: number): ReductionState {
    const known = this.#reductions.get(index);
    if (known) return known;
    const reduction = this.#input.plan.reductions[index];
    if (!reduction) throw new Error(`No reduction ${index}`);
    const blocks = blocksOfTile(reduction.tile);
    const days = reduction.group.days.length;
    const blockLeft = blocks.map((block) => this.#unitsOfBlock(block).length * days);
    const state: ReductionState = {
      accumulators: new Map(),
      blocks,
      daysDone: new Map(),
      touched: new Set<string>(),
      blockLeft,
      blocksLeft: blocks.length,
    };
    this.#reductions.set(index, state);
    return state;
  }

  #accumulators(progress: ReductionState, block: number): AccumulatorAddresses {
    const known = progress.accumulators.get(block);
    if (known) return known;
    const { arena, plan } = this.#input;
    const { indices } = plan.request;
    const made = { sums: indices.map(() => arena.allocate(SUM_BYTES)), counts: indices.map(() => arena.allocate(COUNT_BYTES)) };
    progress.accumulators.set(block, made);
    return made;
  }

  #unitsOfBlock(block: Window): readonly Window[] {
    const side = this.#input.unitSide;
    const units: Window[] = [];
    for (let row0 = block.row0; row0 < block.row1; row0 += side)
      for (let col0 = block.col0; col0 < block.col1; col0 += side)
        units.push({ row0, col0, row1: Math.min(row0 + side, block.row1), col1: Math.min(col0 + side, block.col1) });
    return units;
  }

  #blockOfUnit(progress: ReductionState, unit: Window): number {
    return progress.blocks.findIndex((b) => unit.row0 >= b.row0 && unit.row0 < b.row1 && unit.col0 >= b.col0 && unit.col0 < b.col1);
  }
}

const SUM_BYTES = COG_BLOCK * COG_BLOCK * 8;
const COUNT_BYTES = COG_BLOCK * COG_BLOCK * 2;

/** A request is no longer than this, so that decoding can begin before all is there, on several threads. */
const MAX_LOAD_BYTES = 1024 * 1024;

/** More blocks than a file can list. */
const MAX_BLOCKS = 2 ** 32;

/** Of a raster's block, in one number. */
function blockKey(raster: number, block: number): number {
  return raster * MAX_BLOCKS + block;
}

function cornerKey(unit: Window | undefined): string {
  return `${unit?.row0},${unit?.col0}`;
}
