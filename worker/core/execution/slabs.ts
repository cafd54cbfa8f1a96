/**
 * The order of work: reductions are cut into slabs, a slab into units.
 *
 *   batch  reductions of one group worked through side by side, so that small tiles share source blocks and keep all threads busy
 *   slab   one solar day of one row of units of one tile: what is read together
 *   unit   one solar day of at most one COG block: what one thread computes at a time
 */
import type { Window } from "../grid/affine.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { Reduction } from "../plan/plan.ts";

export type Slab = { readonly reduction: number; readonly day: number; readonly units: readonly Window[] };

/** COG blocks of accumulators (2.5 MiB an index each) that are held for parallelism where the chunks are smaller: those of one 2048 x 2048 chunk. */
const BATCH_BLOCKS = 16;

/** Units side by side in one slab: bounds what is read at once for very wide chunks. */
const UNITS_PER_SLAB = 8;

/** Side of a unit in output pixels: a COG block, or less where each output pixel covers many source pixels. */
export function unitSide(sourcePixelsPerPixel: number): number {
  const halvings = Math.ceil(Math.log2(Math.max(1, sourcePixelsPerPixel)));
  return Math.max(8, COG_BLOCK >> Math.min(halvings, 9));
}

/** All slabs of all reductions, in order. Days of one reduction come in order of time. */
export function* slabSequence(reductions: readonly Reduction[], side: number): Generator<Slab> {
  for (const batch of batches(reductions)) {
    const days = reductions[batch[0] ?? 0]?.group.days.length ?? 0;
    for (let day = 0; day < days; day++) for (const reduction of batch) yield* slabsOfDay(reductions, { reduction, day, side });
  }
}

function* slabsOfDay(
  reductions: readonly Reduction[],
  at: { readonly reduction: number; readonly day: number; readonly side: number },
): Generator<Slab> {
  const tile = reductions[at.reduction]?.tile;
  if (!tile) throw new Error(`No reduction ${at.reduction}`);
  for (const units of slabsOfTile(tile, at.side)) yield { reduction: at.reduction, day: at.day, units };
}

function* batches(reductions: readonly Reduction[]): Generator<readonly number[]> {
  let batch: number[] = [];
  let blocks = 0;
  for (const [i, reduction] of reductions.entries()) {
    const size = blockCount(reduction.tile);
    const sameGroup = batch[0] === undefined || reductions[batch[0]]?.group === reduction.group;
    if (batch.length > 0 && (!sameGroup || blocks + size > BATCH_BLOCKS)) {
      yield batch;
      batch = [];
      blocks = 0;
    }
    batch.push(i);
    blocks += size;
  }
  if (batch.length > 0) yield batch;
}

/** The COG blocks whose accumulators are held side by side: those of the largest batch. */
export function mostBlocksAtOnce(reductions: readonly Reduction[]): number {
  let most = 0;
  for (const batch of batches(reductions)) {
    const blocks = batch.reduce((sum, reduction) => sum + (reductions[reduction] ? blockCount(reductions[reduction].tile) : 0), 0);
    most = Math.max(most, blocks);
  }
  return most;
}

function blockCount(tile: Window): number {
  return Math.ceil((tile.row1 - tile.row0) / COG_BLOCK) * Math.ceil((tile.col1 - tile.col0) / COG_BLOCK);
}

/** How many times a unit is computed: the units of each reduction, once a day. */
export function unitDaysOf(reductions: readonly Reduction[], side: number): number {
  const units = ({ tile }: Reduction): number => Math.ceil((tile.row1 - tile.row0) / side) * Math.ceil((tile.col1 - tile.col0) / side);
  return reductions.reduce((sum, reduction) => sum + units(reduction) * reduction.group.days.length, 0);
}

function* slabsOfTile(tile: Window, side: number): Generator<readonly Window[]> {
  for (let col0 = tile.col0; col0 < tile.col1; col0 += side * UNITS_PER_SLAB) {
    const col1 = Math.min(col0 + side * UNITS_PER_SLAB, tile.col1);
    for (let row0 = tile.row0; row0 < tile.row1; row0 += side)
      yield unitsOfRow({ row0, row1: Math.min(row0 + side, tile.row1), col0, col1 }, side);
  }
}

function unitsOfRow(row: Window, side: number): readonly Window[] {
  const units: Window[] = [];
  for (let col0 = row.col0; col0 < row.col1; col0 += side) units.push({ ...row, col0, col1: Math.min(col0 + side, row.col1) });
  return units;
}

/** The COG blocks of a tile, row-major, as windows clipped to it. */
export function blocksOfTile(tile: Window): readonly Window[] {
  const blocks: Window[] = [];
  for (let row0 = tile.row0; row0 < tile.row1; row0 += COG_BLOCK)
    for (let col0 = tile.col0; col0 < tile.col1; col0 += COG_BLOCK)
      blocks.push({ row0, col0, row1: Math.min(row0 + COG_BLOCK, tile.row1), col1: Math.min(col0 + COG_BLOCK, tile.col1) });
  return blocks;
}
