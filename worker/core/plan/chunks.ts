/** How the output grid is cut: chunks as the user asked, and the tiles of the reductions, which are chunks rounded up to COG blocks. */
import type { Chunks } from "../../../api/v1alpha1/grid.ts";
import type { Window } from "../grid/affine.ts";

/** Side of a block of the written COG, in pixels: GDAL's COG driver's default. */
export const COG_BLOCK = 512;

/** Chunk sizes with nothing left out: at most the grid's own. */
export type ChunkShape = { readonly time: number; readonly height: number; readonly width: number };

export function chunkShape(chunks: Chunks, grid: { readonly height: number; readonly width: number }): ChunkShape {
  return {
    time: chunks.time,
    height: Math.min(chunks.height ?? grid.height, grid.height),
    width: Math.min(chunks.width ?? grid.width, grid.width),
  };
}

/** Chunks of one band over `days` solar days; those at the lower and right edge are smaller. */
export function chunkCount(shape: ChunkShape, grid: { readonly height: number; readonly width: number }, days: number): number {
  return Math.ceil(days / shape.time) * Math.ceil(grid.height / shape.height) * Math.ceil(grid.width / shape.width);
}

/** The tiles in row-major order, each clipped to the grid; their upper-left corners lie on multiples of {@link COG_BLOCK}. */
export function cutTiles(shape: ChunkShape, grid: { readonly height: number; readonly width: number }): readonly Window[] {
  const [height, width] = [wholeBlocks(shape.height), wholeBlocks(shape.width)];
  const tiles: Window[] = [];
  for (let row0 = 0; row0 < grid.height; row0 += height)
    for (let col0 = 0; col0 < grid.width; col0 += width)
      tiles.push({ row0, col0, row1: Math.min(row0 + height, grid.height), col1: Math.min(col0 + width, grid.width) });
  return tiles;
}

function wholeBlocks(pixels: number): number {
  return Math.ceil(pixels / COG_BLOCK) * COG_BLOCK;
}
