/** How far one reduction is: the days of each unit, the accumulators of each COG block, and what is left. */
import type { Window } from "../grid/affine.ts";
import { type RegionMask, windowsOutside } from "../grid/region-mask.ts";
import type { Reduction } from "../plan/plan.ts";
import type { Arena } from "./arena.ts";
import { blocksOfTile } from "./slabs.ts";
import { type AccumulatorLayout, COUNT_BYTES } from "./accumulators.ts";
import type { AccumulatorAddresses, FinishTask } from "./thread-job.ts";

/** A unit by its upper-left corner. */
export function cornerKey(unit: Window): string {
  return `${unit.row0},${unit.col0}`;
}

type ProgressInput = {
  readonly arena: Arena;
  readonly layout: AccumulatorLayout;
  readonly unitSide: number;
  readonly clip: RegionMask | undefined;
};

/** As {@link AccumulatorAddresses}; a stack has as many planes as days have touched any of the block's units. */
type HeldAccumulators = { readonly counts: readonly number[]; readonly planes: readonly number[][] };

export class ReductionProgress {
  readonly blocks: readonly Window[];
  readonly #input: ProgressInput;
  /** Of each block from its first day until it is finished. */
  readonly #accumulators = new Map<number, HeldAccumulators>();
  readonly #daysDone = new Map<string, number>();
  /** How many days any scene touched each unit, so that its accumulators hold something. */
  readonly #touched = new Map<string, number>();
  /** Unit-days left of each block. */
  readonly #left: number[];
  #blocksLeft: number;

  constructor(reduction: Reduction, input: ProgressInput) {
    this.#input = input;
    this.blocks = blocksOfTile(reduction.tile);
    this.#left = this.blocks.map((block) => this.#unitsOf(block).length * reduction.group.days.length);
    this.#blocksLeft = this.blocks.length;
  }

  daysDone(unit: Window): number {
    return this.#daysDone.get(cornerKey(unit)) ?? 0;
  }

  /** The block that a unit lies in. */
  blockOf(unit: Window): number {
    return this.blocks.findIndex((b) => unit.row0 >= b.row0 && unit.row0 < b.row1 && unit.col0 >= b.col0 && unit.col0 < b.col1);
  }

  /** One more day touches the unit: whether it is the first, and where it is accumulated. */
  touch(unit: Window): { readonly first: boolean; readonly accumulators: AccumulatorAddresses } {
    const days = this.#touched.get(cornerKey(unit)) ?? 0;
    this.#touched.set(cornerKey(unit), days + 1);
    const { stacked } = this.#input.layout;
    const { counts, planes } = this.#held(this.blockOf(unit), stacked ? days + 1 : 1);
    return { first: days === 0, accumulators: { counts, planes: stacked ? planes.map((layers) => layers.slice(days, days + 1)) : planes } };
  }

  /** One more day of a unit is done; gives its block where that was the last of all the block's. */
  dayDone(unit: Window, day: number): number | undefined {
    this.#daysDone.set(cornerKey(unit), day + 1);
    const block = this.blockOf(unit);
    const left = (this.#left[block] ?? 0) - 1;
    this.#left[block] = left;
    return left === 0 ? block : undefined;
  }

  finishTask(block: number): Omit<FinishTask, "outputs"> {
    const window = this.blocks[block];
    const { clip } = this.#input;
    if (!window) throw new Error(`No block ${block}`);
    const units = this.#unitsOf(window).map((unit) => ({ window: relative(unit, window), days: this.#touched.get(cornerKey(unit)) ?? 0 }));
    const [rows, cols] = [window.row1 - window.row0, window.col1 - window.col0];
    const clipped = clip ? windowsOutside(clip, window) : [];
    return { type: "finish", accumulators: this.#held(block, 0), rows, cols, units, clipped };
  }

  /** Frees a block's accumulators; whether that was the last block. */
  finished(block: number): boolean {
    const { arena, layout } = this.#input;
    const held = this.#accumulators.get(block);
    if (!held) throw new Error(`Block ${block} is finished, but has no accumulators`);
    for (const address of held.counts) arena.free(address, COUNT_BYTES);
    for (const planes of held.planes) planes.forEach((address, plane) => arena.free(address, planeBytes(layout, plane)));
    this.#accumulators.delete(block);
    this.#blocksLeft--;
    return this.#blocksLeft === 0;
  }

  /** A block's accumulators, with at least so many layers where they are stacked. */
  #held(block: number, layers: number): HeldAccumulators {
    const { arena, layout } = this.#input;
    const known = this.#accumulators.get(block);
    const held = known ?? {
      counts: Array.from({ length: layout.indices }, () => arena.allocate(COUNT_BYTES)),
      planes: Array.from({ length: layout.indices }, () => []),
    };
    if (!known) this.#accumulators.set(block, held);
    const wanted = layout.stacked ? layers : layout.planeBytes.length;
    for (const planes of held.planes) while (planes.length < wanted) planes.push(arena.allocate(planeBytes(layout, planes.length)));
    return held;
  }

  #unitsOf(block: Window): readonly Window[] {
    const { unitSide } = this.#input;
    const units: Window[] = [];
    for (let row0 = block.row0; row0 < block.row1; row0 += unitSide)
      for (let col0 = block.col0; col0 < block.col1; col0 += unitSide)
        units.push({ row0, col0, row1: Math.min(row0 + unitSide, block.row1), col1: Math.min(col0 + unitSide, block.col1) });
    return units;
  }
}

function relative(unit: Window, to: Window): Window {
  return { row0: unit.row0 - to.row0, col0: unit.col0 - to.col0, row1: unit.row1 - to.row0, col1: unit.col1 - to.col0 };
}

/** Bytes of an index's n-th plane. */
function planeBytes({ planeBytes: bytes, stacked }: AccumulatorLayout, plane: number): number {
  return bytes[stacked ? 0 : plane] ?? 0;
}
