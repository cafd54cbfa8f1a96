import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crs, geobox } from "../../../test/support/builders.ts";
import { seededRandom } from "../../../test/support/kernel-pair.ts";
import { pixelToCrs, type Window } from "./affine.ts";
import { createPointTransform } from "./crs.ts";
import type { Geobox } from "./geobox.ts";
import { choosePatch, type LatticeNodes, latticeNodes, quadraticBasis } from "./lattice.ts";

/** The coordinates of a place of the grid between the nodes, in the kernels' order of operations. */
function interpolated(nodes: LatticeNodes, col: number, row: number): readonly [number, number] {
  const [i, j] = [Math.floor(row / nodes.patch), Math.floor(col / nodes.patch)];
  const [r0, r1, r2] = quadraticBasis((row - i * nodes.patch) / nodes.patch);
  const [c0, c1, c2] = quadraticBasis((col - j * nodes.patch) / nodes.patch);
  const first = 2 * (i - nodes.row0 / nodes.patch) * nodes.nodeCols + 2 * (j - nodes.col0 / nodes.patch);
  const value = (values: Float64Array) => {
    const down = (at: number) => values[at]! * r0 + values[at + nodes.nodeCols]! * r1 + values[at + 2 * nodes.nodeCols]! * r2;
    return down(first) * c0 + down(first + 1) * c1 + down(first + 2) * c2;
  };
  return [value(nodes.xs), value(nodes.ys)];
}

/** A window of the grid around a pixel. */
function windowAround(random: () => number, grid: Geobox, row: number, col: number): Window {
  const reach = () => Math.floor(random() * 700);
  return {
    row0: Math.max(0, row - reach()),
    col0: Math.max(0, col - reach()),
    row1: Math.min(grid.height, row + 1 + reach()),
    col1: Math.min(grid.width, col + 1 + reach()),
  };
}

const cases: readonly (readonly [name: string, grid: Geobox, sourceEpsg: number, sourcePixel: number])[] = [
  ["Albers at 30 m from UTM", geobox({ epsg: 3577, x: 1_200_000, y: -3_900_000, width: 7000, height: 8000 }), 32755, 30],
  ["Albers at 30 m from the zone beside", geobox({ epsg: 3577, x: 1_200_000, y: -3_900_000, width: 7000, height: 8000 }), 32754, 30],
  [
    "Albers over a continent at 300 m",
    geobox({ epsg: 3577, x: -2_000_000, y: -1_000_000, resolution: 300, width: 14_000, height: 12_000 }),
    32753,
    30,
  ],
  [
    "Albers at 3 km from UTM at 30 m",
    geobox({ epsg: 3577, x: 900_000, y: -3_500_000, resolution: 3000, width: 200, height: 250 }),
    32755,
    30,
  ],
  ["UTM at 3 km from Albers at 3 km", geobox({ x: 300_000, y: 6_400_000, resolution: 3000, width: 150, height: 170 }), 3577, 3000],
  ["degrees from UTM in New York", geobox({ epsg: 4326, x: -75, y: 41, resolution: 0.00025, width: 7000, height: 5000 }), 32618, 30],
  ["UTM at 10 m from degrees", geobox({ epsg: 32618, x: 500_000, y: 4_500_000, resolution: 10, width: 9000, height: 9000 }), 4326, 0.00025],
  ["Mercator from UTM at 10 m", geobox({ epsg: 3857, x: 16_200_000, y: -4_200_000, width: 6000, height: 6000 }), 32755, 10],
  ["a grid of one pixel", geobox({ epsg: 3577, x: 1_300_000, y: -4_000_000, width: 1, height: 1 }), 32755, 30],
];

describe.each(cases)("the coordinates of %s", (_name, grid, sourceEpsg, sourcePixel) => {
  const toSource = createPointTransform(grid.crs, crs(sourceEpsg));
  const patch = choosePatch(grid, toSource, sourcePixel);

  it("are within 0.0001 source pixel of the exact ones, at corners and centres", () => {
    const random = seededRandom(5);
    let worst = 0;
    for (let k = 0; k < 300; k++) {
      const [row, col] = [Math.floor(random() * grid.height), Math.floor(random() * grid.width)];
      const nodes = latticeNodes(grid, toSource, patch, { row0: row, col0: col, row1: row + 1, col1: col + 1 });
      for (const half of [0, 0.5, 1]) {
        const [x, y] = interpolated(nodes, col + half, row + half);
        const [u, v] = toSource(...pixelToCrs(grid.affine, col + half, row + half));
        worst = Math.max(worst, Math.abs(x - u), Math.abs(y - v));
      }
    }
    expect(worst / sourcePixel).toBeLessThan(1e-4);
  });

  it("are the same numbers whichever window the nodes are made for", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const [row, col] = [Math.floor(random() * grid.height), Math.floor(random() * grid.width)];
        const [a, b] = [0, 1].map(() => latticeNodes(grid, toSource, patch, windowAround(random, grid, row, col))) as [
          LatticeNodes,
          LatticeNodes,
        ];
        for (const half of [0, 0.5, 1]) expect(interpolated(a, col + half, row + half)).toEqual(interpolated(b, col + half, row + half));
      }),
      { numRuns: 15 },
    );
  });
});

describe("choosePatch", () => {
  it("takes the largest patch where the mapping is straight", () => {
    expect(choosePatch(geobox(), (x, y) => [2 * x + 5, y - x], 30)).toBe(64);
  });

  it("takes smaller ones where it bends, and never below two pixels", () => {
    expect(choosePatch(geobox(), (x, y) => [Math.sin(x) * 1e6, y], 30)).toBe(2);
  });

  it("does not mind places that have no answer", () => {
    expect(choosePatch(geobox(), (x, y) => (x > 450_000 ? [Number.NaN, Number.NaN] : [x, y]), 30)).toBe(64);
  });
});

describe("latticeNodes", () => {
  it("puts node (0, 0) on the patch that holds the window's corner, and covers its far edge", () => {
    const nodes = latticeNodes(geobox(), (x, y) => [x, y], 64, { row0: 70, col0: 128, row1: 192, col1: 130 });
    expect(nodes).toMatchObject({ patch: 64, row0: 64, col0: 128, nodeRows: 7, nodeCols: 3 });
    expect([nodes.xs[0], nodes.ys[0]]).toEqual(pixelToCrs(geobox().affine, 128, 64));
    expect([nodes.xs.at(-1), nodes.ys.at(-1)]).toEqual(pixelToCrs(geobox().affine, 192, 256));
  });
});

describe("quadraticBasis", () => {
  it.each([
    [0, [1, 0, 0]],
    [0.5, [0, 1, 0]],
    [1, [0, 0, 1]],
    [0.25, [0.375, 0.75, -0.125]],
  ])("at %d is %j", (t, want) => {
    expect(quadraticBasis(t).map((weight) => weight + 0)).toEqual(want);
  });
});
