/**
 * Memory for accumulators, promised to COG blocks before the first of their slabs is admitted and given back when they are stored. Without it reading
 * ahead would begin stacks faster than the finished ones go. Invariant: what is reserved is within the budget, or of one slab alone.
 */
import type { Window } from "../grid/affine.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { Slab } from "./slabs.ts";

export class BlockReservations {
  readonly #budgetBytes: number;
  /** Most bytes of one block of a reduction. */
  readonly #bytesOf: (reduction: number) => number;
  readonly #held = new Map<string, number>();
  #bytes = 0;

  constructor(budgetBytes: number, bytesOf: (reduction: number) => number) {
    this.#budgetBytes = budgetBytes;
    this.#bytesOf = bytesOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the slab's blocks have their memory, or can have it now. */
  fits(slab: Slab): boolean {
    const added = this.#missing(slab).length * this.#bytesOf(slab.reduction);
    return added === 0 || this.#bytes === 0 || this.#bytes + added <= this.#budgetBytes;
  }

  reserve(slab: Slab): void {
    const bytes = this.#bytesOf(slab.reduction);
    for (const key of this.#missing(slab)) {
      this.#held.set(key, bytes);
      this.#bytes += bytes;
    }
  }

  /** Gives back what a block of a reduction had; `window`: the block, or any part of it. */
  release(reduction: number, window: Window): void {
    const key = keyOf(reduction, window);
    const bytes = this.#held.get(key);
    if (bytes === undefined) throw new Error(`Block ${key} gives back memory that it never had`);
    this.#held.delete(key);
    this.#bytes -= bytes;
  }

  #missing(slab: Slab): readonly string[] {
    const keys = new Set(slab.units.map((unit) => keyOf(slab.reduction, unit)));
    return [...keys].filter((key) => !this.#held.has(key));
  }
}

/** Tiles begin on multiples of the block's side, so that a unit's block follows from its corner. */
function keyOf(reduction: number, { row0, col0 }: Window): string {
  return `${reduction}/${Math.floor(row0 / COG_BLOCK)},${Math.floor(col0 / COG_BLOCK)}`;
}
