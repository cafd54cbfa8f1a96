import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crs, geobox } from "../../../test/support/builders.ts";
import type { Ring } from "../../../api/v1alpha1/geometry.ts";
import type { Geobox } from "./geobox.ts";
import { anyInside, type RegionMask, regionMask, windowsOutside } from "./region-mask.ts";

/** A grid of whole degrees, its upper-left corner at 0 E, 10 N. */
const degrees: Geobox = { crs: crs(4326), affine: [1, 0, 0, 0, -1, 10], height: 10, width: 12 };

const rectangle = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];

function maskOf(polygons: readonly (readonly Ring[])[], grid = degrees): RegionMask {
  const mask = regionMask(polygons, grid);
  if (!mask.ok) throw new Error(JSON.stringify(mask.problems));
  return mask.value;
}

/** One string a row, # inside. */
function picture({ rowStarts, spans }: RegionMask, { height, width }: Geobox = degrees): readonly string[] {
  return Array.from({ length: height }, (_, row) => {
    const cells = Array.from({ length: width }, () => ".");
    for (let i = rowStarts[row] ?? 0; i < (rowStarts[row + 1] ?? 0); i++) cells.fill("#", spans[2 * i], spans[2 * i + 1]);
    return cells.join("");
  });
}

describe("regionMask", () => {
  it("has the pixels whose centre lies inside", () => {
    const triangle: Ring = [
      [1, 1],
      [9, 1],
      [1, 9],
      [1, 1],
    ];
    expect(picture(maskOf([[triangle]]))).toEqual([
      "............",
      ".#..........",
      ".##.........",
      ".###........",
      ".####.......",
      ".#####......",
      ".######.....",
      ".#######....",
      ".########...",
      "............",
    ]);
  });

  it("leaves out holes, and has all parts of a multipolygon", () => {
    const polygons = [[rectangle(0, 0, 6, 10), rectangle(2, 2, 4, 8)], [rectangle(8.4, 4.4, 10.4, 5.4)]];
    const [full, holed] = ["######......", "##..##......"];
    expect(picture(maskOf(polygons))).toEqual([full, full, holed, holed, holed, "##..##..##..", holed, holed, full, full]);
  });

  it("gives the centre on an edge to the side west of it", () => {
    expect(picture(maskOf([[rectangle(2.5, 2.2, 4.5, 3.8)]]))[7]).toBe("...##.......");
  });

  it("does not mind the direction of rings, nor an edge beside the grid", () => {
    const ring = rectangle(-20, -20, 3, 4);
    const want = Array.from({ length: 10 }, (_, row) => (row < 6 ? "............" : "###........."));
    expect(picture(maskOf([[ring]]))).toEqual(want);
    expect(picture(maskOf([[ring.toReversed()]]))).toEqual(want);
  });

  it("bends edges that are straight in longitude and latitude", () => {
    // A parallel of the south bends towards the equator in Albers: its middle lies farther north than its ends.
    const grid: Geobox = { crs: crs(3577), affine: [10_000, 0, -1_000_000, 0, -10_000, -3_000_000], height: 100, width: 200 };
    const mask = maskOf([[rectangle(122, -36, 142, -30)]], grid);
    const firstRow = (col: number) => Array.from({ length: 100 }, (_, row) => picture(mask, grid)[row]?.[col]).indexOf("#");
    expect(firstRow(10) - firstRow(100)).toBe(4);
  });

  it("refuses, in seconds, edges that would be cut into too many pieces", () => {
    const grid: Geobox = { crs: crs(3577), affine: [10, 0, -1_000_000, 0, -10, -3_000_000], height: 1000, width: 200_000 };
    const zigzag = Array.from({ length: 4001 }, (_, i) => [i % 2 === 0 ? 122 : 142, -30] as const);
    expect(regionMask([[zigzag]], grid)).toMatchObject({ problems: [{ what: "the geometry has too many edges for this grid" }] });
  }, 20_000);

  it("refuses a geometry that the projection has not, and one with too many edges", () => {
    const mercator: Geobox = { crs: crs(3857), affine: [1000, 0, 0, 0, -1000, 1e6], height: 100, width: 100 };
    expect(regionMask([[rectangle(0, 0, 10, 90)]], mercator)).toMatchObject({
      ok: false,
      problems: [{ what: "the geometry cannot be projected to WGS 84 / Pseudo-Mercator", where: "spec.region.geometry" }],
    });
    const comb: Ring = Array.from({ length: 200 }, (_, i) => [i % 2, i % 4 < 2 ? 0 : 10] as const);
    expect(regionMask([[[...comb, [0, 0]]]], { ...degrees, affine: [1e-4, 0, 0, 0, -1e-4, 10], height: 100_000 })).toMatchObject({
      ok: false,
      problems: [{ what: "the geometry has too many edges for this grid" }],
    });
  });
});

describe("windowsOutside and anyInside", () => {
  const position = fc.tuple(fc.double({ min: -1, max: 13, noNaN: true }), fc.double({ min: -1, max: 11, noNaN: true }));
  const ring = fc.array(position, { minLength: 3, maxLength: 12 }).map((list): Ring => [...list, list[0] ?? [0, 0]]);
  const windows = fc
    .tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 12 }),
    )
    .map(([row0, col0, rows, cols]) => ({ row0, col0, row1: Math.min(10, row0 + rows), col1: Math.min(12, col0 + cols) }));

  it("cover exactly what is not inside, once, in any window", () => {
    fc.assert(
      fc.property(fc.array(ring, { minLength: 1, maxLength: 3 }), windows, (rings, window) => {
        const mask = maskOf([rings]);
        const want = picture(mask)
          .slice(window.row0, window.row1)
          .map((row) => row.slice(window.col0, window.col1));
        const times = want.map((row) => Array.from(row, () => 0));
        for (const { row0, row1, col0, col1 } of windowsOutside(mask, window))
          for (let row = row0; row < row1; row++) for (let col = col0; col < col1; col++) times[row]![col]!++;
        expect(times.map((row) => row.map((n) => (n === 0 ? "#" : n === 1 ? "." : "!")).join(""))).toEqual(want);
        expect(anyInside(mask, window)).toBe(want.some((row) => row.includes("#")));
      }),
    );
  });

  it("take like rows together", () => {
    const mask = maskOf([[rectangle(2, 2, 4, 8)]]);
    expect(windowsOutside(mask, { row0: 0, row1: 10, col0: 0, col1: 12 })).toEqual([
      { row0: 0, row1: 2, col0: 0, col1: 12 },
      { row0: 2, row1: 8, col0: 0, col1: 2 },
      { row0: 2, row1: 8, col0: 4, col1: 12 },
      { row0: 8, row1: 10, col0: 0, col1: 12 },
    ]);
  });
});

describe("regionMask of a large geometry", () => {
  it("does not depend on how many vertices an edge has", () => {
    const grid = geobox({ height: 300, width: 300 });
    const [west, east, south, north] = [145.9, 146.0, -35.05, -34.98];
    const along = (n: number): Ring => [
      ...Array.from({ length: n }, (_, i) => [west + ((east - west) * i) / n, south] as const),
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    expect(maskOf([[along(500)]], grid)).toEqual(maskOf([[along(1)]], grid));
    expect(anyInside(maskOf([[along(1)]], grid), { row0: 0, col0: 0, row1: 300, col1: 300 })).toBe(true);
  });
});
