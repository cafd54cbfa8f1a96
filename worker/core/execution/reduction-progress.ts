/** How far one reduction is: the days of each unit, the accumulators of each COG block, and what is left. */
import type { Window } from "../grid/affine.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { Reduction } from "../plan/plan.ts";
import type { Arena } from "./arena.ts";
import { blocksOfTile } from "./slabs.ts";
import type { AccumulatorAddresses, FinishTask } from "./thread-job.ts";

const SUM_BYTES = COG_BLOCK * COG_BLOCK * 8;
const COUNT_BYTES = COG_BLOCK * COG_BLOCK * 2;

/** A unit by its upper-left corner. */
export function cornerKey(unit: Window): string {
  return `${unit.row0},${unit.col0}`;
}

export class ReductionProgress {
  readonly blocks: readonly Window[];
  readonly #input: { readonly arena: Arena; readonly indices: number; readonly unitSide: number };
  /** Of each block from its first day until it is finished. */
  readonly #accumulators = new Map<number, AccumulatorAddresses>();
  readonly #daysDone = new Map<string, number>();
  /** Units that any scene touched, so that their accumulators hold something. */
  readonly #touched = new Set<string>();
  /** Unit-days left of each block. */
  readonly #left: number[];
  #blocksLeft: number;

  constructor(reduction: Reduction, input: { readonly arena: Arena; readonly indices: number; readonly unitSide: number }) {
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

  /** Whether the unit is touched for the first time. */
  touch(unit: Window): boolean {
    const known = this.#touched.has(cornerKey(unit));
    this.#touched.add(cornerKey(unit));
    return !known;
  }

  /** One more day of a unit is done; gives its block where that was the last of all the block's. */
  dayDone(unit: Window, day: number): number | undefined {
    this.#daysDone.set(cornerKey(unit), day + 1);
    const block = this.blockOf(unit);
    const left = (this.#left[block] ?? 0) - 1;
    this.#left[block] = left;
    return left === 0 ? block : undefined;
  }

  accumulators(block: number): AccumulatorAddresses {
    const known = this.#accumulators.get(block);
    if (known) return known;
    const { arena, indices } = this.#input;
    const each = (bytes: number): readonly number[] => Array.from({ length: indices }, () => arena.allocate(bytes));
    const made = { sums: each(SUM_BYTES), counts: each(COUNT_BYTES) };
    this.#accumulators.set(block, made);
    return made;
  }

  finishTask(block: number): Omit<FinishTask, "outputs"> {
    const window = this.blocks[block];
    if (!window) throw new Error(`No block ${block}`);
    const untouched = this.#unitsOf(window)
      .filter((unit) => !this.#touched.has(cornerKey(unit)))
      .map((unit) => relative(unit, window));
    return {
      type: "finish",
      accumulators: this.accumulators(block),
      rows: window.row1 - window.row0,
      cols: window.col1 - window.col0,
      untouched,
    };
  }

  /** Frees a block's accumulators; whether that was the last block. */
  finished(block: number): boolean {
    const { arena } = this.#input;
    const held = this.#accumulators.get(block);
    if (!held) throw new Error(`Block ${block} is finished, but has no accumulators`);
    for (const address of held.sums) arena.free(address, SUM_BYTES);
    for (const address of held.counts) arena.free(address, COUNT_BYTES);
    this.#accumulators.delete(block);
    this.#blocksLeft--;
    return this.#blocksLeft === 0;
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
