import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkCount, chunkShape, COG_BLOCK, cutTiles } from "./chunks.ts";

const grid = { height: 1300, width: 2100 };

describe("chunkShape", () => {
  it.each([
    ["sizes left out are the whole extent", { time: 1 }, { time: 1, height: 1300, width: 2100 }],
    ["sizes larger than the grid are the grid's", { time: 5, height: 4096, width: 2048 }, { time: 5, height: 1300, width: 2048 }],
    ["others are as they are", { time: 1, height: 100, width: 64 }, { time: 1, height: 100, width: 64 }],
  ])("%s", (_name, chunks, want) => {
    expect(chunkShape(chunks, grid)).toEqual(want);
  });
});

describe("chunkCount", () => {
  it.each([
    ["ragged ones at the lower and right edge too", { time: 1, height: 512, width: 512 }, 10, 3 * 5 * 10],
    ["a last one with fewer days", { time: 4, height: 1300, width: 2100 }, 10, 3],
    ["one for all", { time: 100, height: 1300, width: 2100 }, 10, 1],
  ])("counts %s", (_name, shape, days, want) => {
    expect(chunkCount(shape, grid, days)).toBe(want);
  });
});

describe("cutTiles", () => {
  it("rounds chunks up to whole COG blocks and clips at the edges, row by row", () => {
    expect(cutTiles({ time: 1, height: 600, width: 1024 }, grid)).toEqual([
      { row0: 0, col0: 0, row1: 1024, col1: 1024 },
      { row0: 0, col0: 1024, row1: 1024, col1: 2048 },
      { row0: 0, col0: 2048, row1: 1024, col1: 2100 },
      { row0: 1024, col0: 0, row1: 1300, col1: 1024 },
      { row0: 1024, col0: 1024, row1: 1300, col1: 2048 },
      { row0: 1024, col0: 2048, row1: 1300, col1: 2100 },
    ]);
  });

  it("is one tile for the whole extent", () => {
    expect(cutTiles({ time: 1, ...grid }, grid)).toEqual([{ row0: 0, col0: 0, row1: 1300, col1: 2100 }]);
  });

  it("holds every pixel once, with corners on COG blocks", () => {
    const side = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(side, side, side, side, (height, width, chunkHeight, chunkWidth) => {
        const tiles = cutTiles(chunkShape({ time: 1, height: chunkHeight, width: chunkWidth }, { height, width }), { height, width });
        expect(tiles.reduce((sum, t) => sum + (t.row1 - t.row0) * (t.col1 - t.col0), 0)).toBe(height * width);
        expect(new Set(tiles.map(({ row0, col0 }) => `${row0} ${col0}`)).size).toBe(tiles.length);
        expect(tiles.every((t) => t.row0 % COG_BLOCK === 0 && t.col0 % COG_BLOCK === 0 && t.row0 < t.row1 && t.col0 < t.col1)).toBe(true);
        expect(tiles.every((t) => t.row1 <= height && t.col1 <= width)).toBe(true);
      }),
    );
  });
});
