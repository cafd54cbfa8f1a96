/**
 * The order of work: reductions are cut into slabs, a slab into units.
 *
 *   pass   tiles of one group, or parts of one tile, worked through side by side: small tiles so that they share source blocks and keep all
 *          threads busy, parts where the whole tile's stacks would not fit in memory
 *   slab   one solar day of one row of units of one tile: what is read together
 *   unit   one solar day of at most one COG block: what one thread computes at a time
 */
import type { Window } from "../grid/affine.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { Reduction } from "../plan/plan.ts";

export type Slab = { readonly reduction: number; readonly day: number; readonly units: readonly Window[] };

/** COG blocks of accumulators (for a mean 2.5 MiB an index each) that are held for parallelism where chunks are smaller: those of one of 2048 x 2048. */
const PASS_BLOCKS = 16;

/** Units side by side in one slab: bounds what is read at once for very wide chunks. */
const UNITS_PER_SLAB = 8;

/** Side of a unit in output pixels: a COG block, or less where each output pixel covers many source pixels. */
export function unitSide(sourcePixelsPerPixel: number): number {
  const halvings = Math.ceil(Math.log2(Math.max(1, sourcePixelsPerPixel)));
  return Math.max(8, COG_BLOCK >> Math.min(halvings, 9));
}

/** How many COG blocks may take days side by side for a group of so many days (accumulators.ts). */
type BlockLimit = (days: number) => number;

/** A tile, or whole blocks of it. */
type Part = { readonly reduction: number; readonly window: Window };

const unlimited: BlockLimit = () => Infinity;

/** All slabs of all reductions, in order. Days of one pixel come in order of time. */
export function* slabSequence(reductions: readonly Reduction[], side: number, limit: BlockLimit = unlimited): Generator<Slab> {
  for (const pass of passes(reductions, limit)) {
    const days = reductions[pass[0]?.reduction ?? 0]?.group.days.length ?? 0;
    for (let day = 0; day < days; day++) for (const part of pass) yield* slabsOfDay(part, day, side);
  }
}

function* slabsOfDay({ reduction, window }: Part, day: number, side: number): Generator<Slab> {
  for (const units of slabsOfWindow(window, side)) yield { reduction, day, units };
}

function* passes(reductions: readonly Reduction[], limit: BlockLimit): Generator<readonly Part[]> {
  let pass: Part[] = [];
  let blocks = 0;
  const groupOf = (part: Part | undefined) => part && reductions[part.reduction]?.group;
  for (const part of parts(reductions, limit)) {
    const size = blockCount(part.window);
    const most = Math.min(PASS_BLOCKS, limit(groupOf(part)?.days.length ?? 0));
    if (pass.length > 0 && (groupOf(pass[0]) !== groupOf(part) || blocks + size > most)) {
      yield pass;
      pass = [];
      blocks = 0;
    }
    pass.push(part);
    blocks += size;
  }
  if (pass.length > 0) yield pass;
}

function* parts(reductions: readonly Reduction[], limit: BlockLimit): Generator<Part> {
  for (const [reduction, { tile, group }] of reductions.entries())
    for (const window of partsOfTile(tile, limit(group.days.length))) yield { reduction, window };
}

/** The tile, or rows of its blocks, or parts of a row: at most `most` blocks each. */
function* partsOfTile(tile: Window, most: number): Generator<Window> {
  if (blockCount(tile) <= most) return yield tile;
  const across = Math.ceil((tile.col1 - tile.col0) / COG_BLOCK);
  const [height, width] = [Math.max(1, Math.floor(most / across)) * COG_BLOCK, Math.min(most, across) * COG_BLOCK];
  for (let row0 = tile.row0; row0 < tile.row1; row0 += height)
    for (let col0 = tile.col0; col0 < tile.col1; col0 += width)
      yield { row0, col0, row1: Math.min(row0 + height, tile.row1), col1: Math.min(col0 + width, tile.col1) };
}

/** The passes in order: how many COG blocks take days side by side, for a group of how many days. */
export function passSizes(
  reductions: readonly Reduction[],
  limit: BlockLimit,
): readonly { readonly blocks: number; readonly days: number }[] {
  return [...passes(reductions, limit)].map((pass) => ({
    blocks: pass.reduce((sum, { window }) => sum + blockCount(window), 0),
    days: reductions[pass[0]?.reduction ?? 0]?.group.days.length ?? 0,
  }));
}

function blockCount(tile: Window): number {
  return Math.ceil((tile.row1 - tile.row0) / COG_BLOCK) * Math.ceil((tile.col1 - tile.col0) / COG_BLOCK);
}

/** How many times a unit is computed: the units of each reduction, once a day. */
export function unitDaysOf(reductions: readonly Reduction[], side: number): number {
  const units = ({ tile }: Reduction): number => Math.ceil((tile.row1 - tile.row0) / side) * Math.ceil((tile.col1 - tile.col0) / side);
  return reductions.reduce((sum, reduction) => sum + units(reduction) * reduction.group.days.length, 0);
}

function* slabsOfWindow(tile: Window, side: number): Generator<readonly Window[]> {
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
