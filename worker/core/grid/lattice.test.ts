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
  ["UTM at 10 m, nine degrees off its meridian, from the zone beside", geobox({ x: 1_300_000, y: 6_100_000, resolution: 10 }), 32756, 10],
  ["UTM in the far north from polar stereographic", geobox({ epsg: 32633, x: 400_000, y: 9_300_000, resolution: 10 }), 3413, 10],
  ["polar stereographic around the pole from equal areas", geobox({ epsg: 3413, x: -100_000, y: 100_000 }), 6931, 30],
  ["equal areas around the pole from polar stereographic at 10 m", geobox({ epsg: 6932, x: -30_000, y: 30_000, resolution: 10 }), 3031, 10],
  ["polar stereographic from degrees at 84 south", geobox({ epsg: 3031, x: 400_000, y: 600_000 }), 4326, 0.00027],
  ["degrees at 89 north from polar stereographic", geobox({ epsg: 4326, x: -45, y: 89.2, resolution: 0.0003 }), 3413, 30],
  ["degrees at 80 south from UTM", geobox({ epsg: 4326, x: 20, y: -79, resolution: 0.0003 }), 32735, 30],
  ["degrees across the antimeridian from UTM", geobox({ epsg: 4326, x: 179.5, y: -16, resolution: 0.00025, width: 4000 }), 32760, 30],
  ["equal areas (EASE 2) from UTM", geobox({ epsg: 6933, x: 14_000_000, y: -4_300_000 }), 32755, 30],
  ["Europe's LAEA from UTM at 10 m", geobox({ epsg: 3035, x: 4_600_000, y: 3_300_000, resolution: 10 }), 32633, 10],
  ["Lambert from Mercator", geobox({ epsg: 2154, x: 600_000, y: 6_800_000 }), 3857, 30],
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

describe("the coordinates of any pair of CRSs, anywhere that a scene of the source may lie", () => {
  const codes = [4326, 3857, 3577, 9473, 6933, 6931, 3413, 3035, 5070, 3978, 2193, 32618, 32733] as const;

  it("are within 0.0001 source pixel of the exact ones", () => {
    let tried = 0;
    const place = fc.record({
      lon: fc.double({ min: -179.9, max: 179.9, noNaN: true }),
      lat: fc.double({ min: -83, max: 83, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...codes), fc.constantFrom(...codes), place, fc.constantFrom(10, 30, 300), (to, from, at, metres) => {
        const [gridCrs, sourceCrs] = [crs(to), crs(from)];
        const size = (c: typeof gridCrs) => (c.type === "geographic" ? metres / 111_320 : metres);
        const [x, y] = createPointTransform(crs(4326), gridCrs)(at.lon, at.lat);
        const [u] = createPointTransform(crs(4326), sourceCrs)(at.lon, at.lat);
        // Where a projection stretches more than tenfold or squeezes to a third, or its map ends near by, nobody stores scenes in it.
        if (!near(gridCrs, at) || !near(sourceCrs, at) || Number.isNaN(x) || Number.isNaN(u) || to === from) return;
        tried++;
        const grid: Geobox = { crs: gridCrs, affine: [size(gridCrs), 0, x, 0, -size(gridCrs), y], height: 600, width: 600 };
        const toSource = createPointTransform(gridCrs, sourceCrs);
        const patch = choosePatch(grid, toSource, size(sourceCrs));
        const random = seededRandom(Math.round(x));
        for (let k = 0; k < 30; k++) {
          const [row, col] = [Math.floor(random() * 600), Math.floor(random() * 600)];
          const nodes = latticeNodes(grid, toSource, patch, { row0: row, col0: col, row1: row + 1, col1: col + 1 });
          const [p, q] = interpolated(nodes, col + 0.5, row + 0.5);
          const [r, s] = toSource(...pixelToCrs(grid.affine, col + 0.5, row + 0.5));
          expect(Math.max(Math.abs(p - r), Math.abs(q - s)) / size(sourceCrs)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 400 },
    );
    expect(tried).toBeGreaterThan(50);
  });

  /** Whether a hundredth of a degree beside a place is about as long in a CRS as on the ground, and all on one side of the antimeridian. */
  function near(c: ReturnType<typeof crs>, { lon, lat }: { readonly lon: number; readonly lat: number }): boolean {
    if (Math.abs(lon) > 177) return false;
    if (c.type === "geographic") return true;
    const forward = createPointTransform(crs(4326), c);
    const [[x, y], [u, v], [p, q]] = [forward(lon, lat), forward(lon + 0.01, lat), forward(lon, lat + 0.01)];
    const [east, north] = [Math.hypot(u - x, v - y), Math.hypot(p - x, q - y)];
    const ground = [1113.2 * Math.cos((lat * Math.PI) / 180), 1113.2] as const;
    return [east / ground[0], north / ground[1]].every((stretch) => stretch > 1 / 3 && stretch < 10);
  }
});

describe("choosePatch", () => {
  it("takes smaller ones around a place where the mapping bends, which a sample may miss", () => {
    const dent = (x: number, y: number) => [x + 1000 * Math.exp(-(((x - 450_000) / 900) ** 2) - ((y - 6_100_000) / 900) ** 2), y] as const;
    const place = [(450_000 - 399_885) / 30, (6_130_515 - 6_100_000) / 30] as const;
    expect(choosePatch(geobox(), dent, 30, { places: [place] })).toBeLessThan(choosePatch(geobox(), dent, 30));
  });

  it("looks only where the images are", () => {
    const bent = (x: number, y: number) => [x > 500_000 ? Math.sin(x) * 1e6 : x, y] as const;
    expect(choosePatch(geobox(), bent, 30)).toBe(2);
    expect(choosePatch(geobox(), bent, 30, { window: { row0: 100, col0: 0, row1: 5000, col1: 3000 } })).toBe(64);
  });

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
