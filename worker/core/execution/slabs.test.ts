import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scene } from "../../../test/support/builders.ts";
import type { Window } from "../grid/affine.ts";
import { cutTiles } from "../plan/chunks.ts";
import type { Group } from "../plan/groups.ts";
import { groupBySolarDay } from "../plan/solar-days.ts";
import { blocksOfTile, slabSequence, unitSide } from "./slabs.ts";

function group(name: string, days: number): Group {
  const scenes = Array.from({ length: days }, (_, day) =>
    scene({ id: `${name}${day}`, time: new Date(Date.UTC(2021, 0, 1 + day)).toISOString() }),
  );
  return { name, days: groupBySolarDay(scenes, 147) };
}

const window = (row0: number, col0: number, row1: number, col1: number): Window => ({ row0, col0, row1, col1 });

describe("unitSide", () => {
  it.each([
    ["a COG block where pixels are alike", 1, 512],
    ["a COG block where source pixels are coarser", 0.3, 512],
    ["half of it for twice as many source pixels", 2, 256],
    ["half of it for a little more than as many", 1.1, 256],
    ["a hundred times as many", 100, 8],
    ["any number", 1e9, 8],
  ])("is %s", (_name, ratio, want) => {
    expect(unitSide(ratio)).toBe(want);
  });
});

describe("slabSequence", () => {
  it("takes small tiles of a group side by side, day by day, and groups one after the other", () => {
    const [summer, winter] = [group("DJF", 2), group("JJA", 1)];
    const tiles = [window(0, 0, 512, 512), window(0, 512, 512, 600)];
    const reductions = [summer, winter].flatMap((group) => tiles.map((tile) => ({ group, tile })));
    const slabs = [...slabSequence(reductions, 512)].map(({ reduction, day }) => [reduction, day]);
    expect(slabs).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 0],
      [3, 0],
    ]);
  });

  it("holds no more than 16 COG blocks side by side, but always one tile", () => {
    const summer = group("DJF", 2);
    const tiles = [window(0, 0, 2048, 2048), window(0, 2048, 2048, 4096), window(2048, 0, 2560, 512), window(2048, 512, 2560, 1024)];
    const slabs = [
      ...slabSequence(
        tiles.map((tile) => ({ group: summer, tile })),
        512,
      ),
    ];
    const order = slabs.map(({ reduction, day }) => `${reduction}/${day}`).filter((key, i, all) => key !== all[i - 1]);
    expect(order).toEqual(["0/0", "0/1", "1/0", "1/1", "2/0", "3/0", "2/1", "3/1"]);
  });

  it("cuts a wide tile into slabs of at most eight units of one row", () => {
    const reductions = [{ group: group("all", 1), tile: window(0, 0, 700, 5000) }];
    expect([...slabSequence(reductions, 512)].map(({ units }) => [units.length, units[0], units.at(-1)])).toEqual([
      [8, window(0, 0, 512, 512), window(0, 3584, 512, 4096)],
      [8, window(512, 0, 700, 512), window(512, 3584, 700, 4096)],
      [2, window(0, 4096, 512, 4608), window(0, 4608, 512, 5000)],
      [2, window(512, 4096, 700, 4608), window(512, 4608, 700, 5000)],
    ]);
  });

  it("takes all days of a few rows of blocks before the next where only so many blocks may take days", () => {
    const summer = group("DJF", 2);
    const order = (limit: number) =>
      [...slabSequence([{ group: summer, tile: window(0, 0, 1100, 1500) }], 512, () => limit)].map(
        ({ day, units }) => `${day}: ${units[0]?.row0},${units[0]?.col0} ${units.length}`,
      );
    expect(order(6)).toEqual(["0: 0,0 3", "0: 512,0 3", "1: 0,0 3", "1: 512,0 3", "0: 1024,0 3", "1: 1024,0 3"]);
    expect(order(2).slice(0, 4)).toEqual(["0: 0,0 2", "1: 0,0 2", "0: 0,1024 1", "1: 0,1024 1"]);
    expect(order(1)).toHaveLength(18);
  });

  it("takes fewer small tiles side by side where only so many blocks may take days", () => {
    const tiles = [window(0, 0, 512, 512), window(0, 512, 512, 1024), window(0, 1024, 512, 1536)];
    const reductions = tiles.map((tile) => ({ group: group("DJF", 2), tile })).map(({ tile }, _, all) => ({ group: all[0]!.group, tile }));
    const order = [...slabSequence(reductions, 512, () => 2)].map(({ reduction, day }) => `${reduction}/${day}`);
    expect(order).toEqual(["0/0", "1/0", "0/1", "1/1", "2/0", "2/1"]);
  });

  it("has every pixel of every reduction once a day, days of a reduction in order", () => {
    const side = fc.integer({ min: 1, max: 2600 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.constantFrom(8, 64, 512),
        fc.integer({ min: 1, max: 3 }),
        (height, width, chunkHeight, chunkWidth, unit, days) => {
          const tiles = cutTiles({ time: 1, height: chunkHeight, width: chunkWidth }, { height, width });
          const groups = [group("a", days), group("b", 1)];
          const reductions = groups.flatMap((group) => tiles.map((tile) => ({ group, tile })));
          const pixels = new Map<string, number>();
          const lastDay = new Map<number, number>();
          for (const { reduction, day, units } of slabSequence(reductions, unit)) {
            expect(day).toBeGreaterThanOrEqual(lastDay.get(reduction) ?? 0);
            lastDay.set(reduction, day);
            const area = units.reduce((sum, u) => sum + (u.row1 - u.row0) * (u.col1 - u.col0), 0);
            pixels.set(`${reduction}/${day}`, (pixels.get(`${reduction}/${day}`) ?? 0) + area);
          }
          expect(pixels.size).toBe(reductions.reduce((sum, { group }) => sum + group.days.length, 0));
          for (const [key, area] of pixels) {
            const tile = reductions[Number(key.split("/")[0])]!.tile;
            expect(area).toBe((tile.row1 - tile.row0) * (tile.col1 - tile.col0));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("blocksOfTile", () => {
  it("is the tile's COG blocks, row by row, clipped to it", () => {
    expect(blocksOfTile(window(512, 1024, 1100, 1600))).toEqual([
      window(512, 1024, 1024, 1536),
      window(512, 1536, 1024, 1600),
      window(1024, 1024, 1100, 1536),
      window(1024, 1536, 1100, 1600),
    ]);
  });
});
