/**
 * The worker's state machine over the slabs: what to read, decode, compute and finish next, and in how much memory. Pure: events in, instructions out.
 *
 *   slab   ahead (its blocks are fetched) -> admitted (they are decoded) -> loaded -> computed
 *   block  fetching -> stored -> decoding -> resident -> (no slab refers to it) freed
 *   unit   its days are computed one after the other, in order of time, whatever order they are loaded in
 *
 * Slabs go ahead in order while what they fetch fits the one budget, and are admitted in order while their decoded blocks fit the other, and
 * the stacks they begin fit theirs. Compressed
 * blocks are small, so that many requests can be under way for little memory: over a network that hides the time to the first byte. One slab
 * is always under way, so that a budget that is too small makes a job slow and not stuck. Does not cover: which thread does what, retries, spilling.
 */
import type { Window } from "../grid/affine.ts";
import type { LatticeNodes } from "../grid/lattice.ts";
import { anyInside } from "../grid/region-mask.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scene } from "../plan/scene.ts";
import type { SourceRaster } from "../raster/source-raster.ts";
import type { Arena } from "./arena.ts";
import { accumulatorLayout, type AccumulatorLayout, blockBytes, blocksAtOnce } from "./accumulators.ts";
import { BlockReservations } from "./block-reservations.ts";
import { cornerKey, ReductionProgress } from "./reduction-progress.ts";
import { type Slab, slabSequence } from "./slabs.ts";
import { type Decode, type JoinRule, type Load, SourceBlocks } from "./source-blocks.ts";
import { latticeBounds, sourceWindow } from "./source-window.ts";
import type { ComputeTask, FinishTask, LatticeAddress, ThreadRaster } from "./thread-job.ts";

/** What the machine works on. Raster ids: scene * bands + band. */
export type PipelineInput = {
  readonly plan: Plan;
  readonly rasters: readonly SourceRaster[];
  readonly threadRasters: readonly ThreadRaster[];
  readonly unitSide: number;
  readonly arena: Arena;
  /** Decoded source blocks that may be in memory at once. */
  readonly decodedBudgetBytes: number;
  /** Source blocks as stored, fetched or being fetched, that may be in memory at once. */
  readonly readAheadBytes: number;
  readonly joinRule: JoinRule;
  /** Observations that a median keeps, of all blocks at once. */
  readonly stackBudgetBytes: number;
  /** The lattices over a tile: for each lattice id, nodes and where they are in memory. */
  readonly latticesOf: (tile: Window) => readonly TileLattice[];
};

export type TileLattice = { readonly nodes: LatticeNodes; readonly address: LatticeAddress };

export type PipelineEvent =
  | { readonly type: "start" }
  /** The bytes of a load are at their address. */
  | { readonly type: "fetched"; readonly load: Load }
  | { readonly type: "decoded"; readonly load: Load }
  | { readonly type: "computed"; readonly slab: number; readonly unit: number }
  /** The block is stored; its accumulators and output are free. */
  | { readonly type: "finished"; readonly reduction: number; readonly block: number };

export type PipelineInstruction =
  | Load
  | Decode
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
  /** Loads of its own that have arrived before it was admitted. */
  readonly arrived: Load[];
  admitted: boolean;
  /** Blocks that are not resident; known once it is admitted. */
  missing: number;
  unitsLeft: number;
};

export class Pipeline {
  readonly #input: PipelineInput;
  readonly #sequence: Generator<Slab>;
  readonly #blocks: SourceBlocks;
  readonly #layout: AccumulatorLayout;
  readonly #reservations: BlockReservations;
  readonly #sceneNumbers: ReadonlyMap<Scene, number>;
  /** The slab to fetch next. */
  #next: SlabState | undefined;
  #slabCount = 0;
  /** Fetched or being fetched, in order, and not yet admitted. */
  readonly #ahead: SlabState[] = [];
  /** The slab that each load is for first: the earliest that refers to its blocks. */
  readonly #slabOfLoad = new Map<Load, SlabState>();
  /** Admitted and not yet computed. */
  readonly #slabs = new Map<number, SlabState>();
  /** Slabs that wait for a block, by its key. */
  readonly #waitingSlabs = new Map<number, SlabState[]>();
  /** Loaded units that wait for an earlier day of theirs, by reduction, corner and day. */
  readonly #waitingUnits = new Map<string, { readonly state: SlabState; readonly unit: number }>();
  /** Begun and not finished. */
  readonly #reductions = new Map<number, ReductionProgress>();
  #reductionsLeft: number;
  #unitDaysDone = 0;

  constructor(input: PipelineInput) {
    this.#input = input;
    this.#blocks = new SourceBlocks(input.rasters, input.arena, input.joinRule);
    this.#sceneNumbers = new Map(input.plan.scenes.map((scene, i) => [scene, i]));
    const { request, reductions } = input.plan;
    this.#layout = accumulatorLayout(request.reduce.statistic, request.indices.length);
    this.#sequence = slabSequence(reductions, input.unitSide, (days) => blocksAtOnce(this.#layout, days, input.stackBudgetBytes));
    const budget = this.#layout.stacked ? input.stackBudgetBytes : Infinity;
    this.#reservations = new BlockReservations(budget, (id) => blockBytes(this.#layout, reductions[id]?.group.days.length ?? 0));
    this.#next = this.#nextSlab();
    this.#reductionsLeft = input.plan.reductions.length;
  }

  handle(event: PipelineEvent): readonly PipelineInstruction[] {
    const out: PipelineInstruction[] = [];
    switch (event.type) {
      case "start":
        break;
      case "fetched":
        this.#fetched(event.load, out);
        break;
      case "decoded":
        this.#slabOfLoad.delete(event.load);
        for (const key of this.#blocks.decoded(event.load)) this.#resident(key, out);
        break;
      case "computed":
        this.#computed(event.slab, event.unit, out);
        break;
      case "finished":
        this.#finished(event.reduction, event.block, out);
        break;
    }
    this.#advance(out);
    return out;
  }

  /** Units computed, once for each of their days, those that no scene reaches among them. */
  get unitDaysDone(): number {
    return this.#unitDaysDone;
  }

  /** Throws where an invariant does not hold; for tests. */
  assertInvariants(): void {
    for (const state of this.#slabs.values()) {
      const missing = state.blockKeys.filter((key) => !this.#blocks.isResident(key)).length;
      if (missing !== state.missing) throw new Error(`Slab ${state.id} counts ${state.missing} missing blocks, but ${missing} are`);
    }
    this.#blocks.assertInvariants([...this.#slabs.values(), ...this.#ahead].map((state) => state.blockKeys));
  }

  /** Admits and fetches until neither goes any further: a slab that is admitted makes room to fetch another. */
  #advance(out: PipelineInstruction[]): void {
    for (;;) {
      if (this.#mayFetch()) this.#fetchNext(out);
      else if (this.#mayAdmit()) this.#admitNext(out);
      else return;
    }
  }

  #mayFetch(): boolean {
    if (!this.#next) return false;
    const bytes = this.#blocks.storedBytes + this.#blocks.storedBytesToAdd(this.#next.blockKeys);
    return (this.#ahead.length === 0 && this.#slabs.size === 0) || bytes <= this.#input.readAheadBytes;
  }

  #fetchNext(out: PipelineInstruction[]): void {
    const state = this.#next;
    if (!state) return;
    this.#next = this.#nextSlab();
    this.#ahead.push(state);
    const loads = this.#blocks.refer(state.blockKeys);
    for (const load of loads) this.#slabOfLoad.set(load, state);
    out.push(...loads);
  }

  #mayAdmit(): boolean {
    const [first] = this.#ahead;
    if (!first) return false;
    const bytes = this.#blocks.decodedBytes + this.#blocks.decodedBytesToAdd(first.blockKeys);
    return (this.#slabs.size === 0 || bytes <= this.#input.decodedBudgetBytes) && this.#reservations.fits(first.slab);
  }

  #admitNext(out: PipelineInstruction[]): void {
    const state = this.#ahead.shift();
    if (!state) return;
    state.admitted = true;
    this.#reservations.reserve(state.slab);
    this.#slabs.set(state.id, state);
    this.#blocks.admit(state.blockKeys);
    const missing = state.blockKeys.filter((key) => !this.#blocks.isResident(key));
    state.missing = missing.length;
    for (const key of missing) this.#waitingSlabs.set(key, [...(this.#waitingSlabs.get(key) ?? []), state]);
    for (const load of state.arrived.splice(0)) out.push(this.#blocks.decode(load));
    if (state.missing === 0) this.#loaded(state, out);
  }

  #fetched(load: Load, out: PipelineInstruction[]): void {
    const state = this.#slabOfLoad.get(load);
    if (!state) throw new Error(`Bytes of raster ${load.raster} have arrived, but were not asked for`);
    if (state.admitted) out.push(this.#blocks.decode(load));
    else state.arrived.push(load);
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
    const sceneRasters = day.scenes.map((scene) => this.#rasterIds(scene));
    const windows = slab.units.map((unit) => {
      // What lies outside a region that clips is not even read.
      if (plan.clip && !anyInside(plan.clip, unit)) return [];
      const bounds = lattices.map(({ nodes }) => latticeBounds(nodes, unit));
      const windowOf = (id: number): Window | undefined => {
        const raster = threadRasters[id];
        return raster && sourceWindow(raster, unit, bounds[raster.lattice]);
      };
      return sceneRasters.map((ids) => ids.map(windowOf));
    });
    const keys = windows.flatMap((unit) =>
      sceneRasters.flatMap((ids, scene) => ids.flatMap((id, band) => this.#blocks.keysOf(id, unit[scene]?.[band]))),
    );
    const blockKeys = [...new Set(keys)];
    const progress = { arrived: [], admitted: false, missing: 0, unitsLeft: slab.units.length };
    return { id: this.#slabCount++, slab, windows, sceneRasters, blockKeys, ...progress };
  }

  #rasterIds(scene: Scene): readonly number[] {
    const bands = this.#input.plan.request.bands.length;
    const first = (this.#sceneNumbers.get(scene) ?? Number.NaN) * bands;
    return Array.from({ length: bands }, (_, band) => first + band);
  }

  #resident(key: number, out: PipelineInstruction[]): void {
    const waiting = this.#waitingSlabs.get(key) ?? [];
    this.#waitingSlabs.delete(key);
    for (const state of waiting) {
      state.missing--;
      if (state.missing === 0) this.#loaded(state, out);
    }
  }

  #loaded(state: SlabState, out: PipelineInstruction[]): void {
    state.slab.units.forEach((window, unit) => this.#tryUnit(state, unit, window, out));
  }

  #tryUnit(state: SlabState, unit: number, window: Window, out: PipelineInstruction[]): void {
    const { reduction, day } = state.slab;
    const progress = this.#reduction(reduction);
    if (progress.daysDone(window) !== day) {
      this.#waitingUnits.set(`${reduction}/${cornerKey(window)}/${day}`, { state, unit });
      return;
    }
    const task = this.#computeTask(state, unit, window);
    if (task) out.push({ type: "compute", slab: state.id, unit, reduction, task });
    else this.#computed(state.id, unit, out);
  }

  /** Undefined where no scene of the day reaches the unit. */
  #computeTask(state: SlabState, unit: number, window: Window): ComputeTask | undefined {
    const scenes = state.sceneRasters
      .map((ids, scene) => ids.map((id, band) => this.#blocks.table(id, state.windows[unit]?.[scene]?.[band])))
      .filter((tables) => tables.some((table) => table !== undefined));
    if (scenes.length === 0) return undefined;
    const progress = this.#reduction(state.slab.reduction);
    const block = progress.blockOf(window);
    const [origin, tile] = [progress.blocks[block], this.#input.plan.reductions[state.slab.reduction]?.tile];
    if (!origin || !tile) throw new Error(`Unit ${cornerKey(window)} lies in no block of reduction ${state.slab.reduction}`);
    const lattices = this.#input.latticesOf(tile).map((lattice) => lattice.address);
    const place = { unit: window, blockRow0: origin.row0, blockCol0: origin.col0 };
    return { type: "compute", ...place, ...progress.touch(window), scenes, lattices };
  }

  #computed(slab: number, unit: number, out: PipelineInstruction[]): void {
    const state = this.#slabs.get(slab);
    const window = state?.slab.units[unit];
    if (!state || !window) throw new Error(`Unit ${unit} of slab ${slab} was computed, but is not under way`);
    const { reduction, day } = state.slab;
    state.unitsLeft--;
    this.#unitDaysDone++;
    if (state.unitsLeft === 0) {
      this.#slabs.delete(slab);
      this.#blocks.release(state.blockKeys);
    }
    const progress = this.#reduction(reduction);
    const complete = progress.dayDone(window, day);
    if (complete !== undefined) out.push({ type: "finish", reduction, block: complete, task: progress.finishTask(complete) });
    const key = `${reduction}/${cornerKey(window)}/${day + 1}`;
    const waiting = this.#waitingUnits.get(key);
    this.#waitingUnits.delete(key);
    if (waiting) this.#tryUnit(waiting.state, waiting.unit, window, out);
  }

  #finished(reduction: number, block: number, out: PipelineInstruction[]): void {
    const progress = this.#reduction(reduction);
    const window = progress.blocks[block];
    if (window) this.#reservations.release(reduction, window);
    if (!progress.finished(block)) return;
    this.#reductions.delete(reduction);
    this.#reductionsLeft--;
    if (this.#reductionsLeft === 0) out.push({ type: "done" });
  }

  #reduction(index: number): ReductionProgress {
    const known = this.#reductions.get(index);
    if (known) return known;
    const { plan, arena, unitSide } = this.#input;
    const { clip } = plan;
    const reduction = plan.reductions[index];
    if (!reduction) throw new Error(`No reduction ${index}`);
    const progress = new ReductionProgress(reduction, { arena, unitSide, clip, layout: this.#layout });
    this.#reductions.set(index, progress);
    return progress;
  }
}
