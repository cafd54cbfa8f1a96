import { describe, expect, it } from "vitest";
import { geobox } from "../../../test/support/builders.ts";
import { intersectWindows, isAxisAligned, pixelToCrs } from "./affine.ts";
import { boundsOf, densify, overlaps, rectangle } from "./outline.ts";
import { chooseSampling } from "./sampling.ts";

const grid = geobox({ x: 300_000, y: 6_100_000, height: 4000, width: 5000 });
const at = (x: number, y: number, resolution = 30) => geobox({ x, y, resolution, height: 7000, width: 7000 });

describe("chooseSampling", () => {
  it.each([
    ["copies the same lattice", at(300_000, 6_100_000), { type: "copy", colOffset: 0, rowOffset: 0 }],
    ["copies a lattice that begins elsewhere", at(299_700, 6_100_060), { type: "copy", colOffset: 10, rowOffset: 2 }],
    ["copies from inside the grid on", at(300_300, 6_099_940), { type: "copy", colOffset: -10, rowOffset: -2 }],
    ["copies what is off by rounding", at(299_700.0001, 6_100_060), { type: "copy", colOffset: 10, rowOffset: 2 }],
    [
      "copies a resolution that is off by rounding",
      at(299_700, 6_100_060, 30 * (1 + 1e-10)),
      { type: "copy", colOffset: 10, rowOffset: 2 },
    ],
    ["shifts by half a pixel", at(299_685, 6_100_075), { type: "shift", x: { offset: 10.5, step: 1 }, y: { offset: 2.5, step: 1 } }],
    [
      "shifts where one axis alone is off",
      at(299_685, 6_100_060),
      { type: "shift", x: { offset: 10.5, step: 1 }, y: { offset: 2, step: 1 } },
    ],
    [
      "shifts by more than rounding",
      at(299_700.3, 6_100_060),
      { type: "shift", x: { offset: expect.closeTo(9.99, 9), step: 1 }, y: { offset: 2, step: 1 } },
    ],
    [
      "maps rows and columns apart at another resolution",
      at(299_700, 6_100_060, 15),
      { type: "separable", x: { offset: 20, step: 2 }, y: { offset: 4, step: 2 } },
    ],
    [
      "maps by a step that rounding cannot explain",
      at(300_000, 6_100_000, 30.001),
      { type: "separable", x: { offset: 0 }, y: { offset: 0 } },
    ],
    ["goes through the lattice from another CRS", geobox({ epsg: 32754 }), { type: "curvilinear" }],
    ["goes through the lattice for a rotated image", { ...grid, affine: [30, 1, 0, 1, -30, 0] as const }, { type: "curvilinear" }],
  ])("%s", (_name, source, want) => {
    expect(chooseSampling(grid, source)).toMatchObject(want);
  });

  it("maps a south-up image by a step of -1", () => {
    const source = { ...grid, affine: [30, 0, 300_000, 0, 30, 6_100_000 - 30 * 4000] as const };
    expect(chooseSampling(grid, source)).toEqual({ type: "separable", x: { offset: 0, step: 1 }, y: { offset: 4000, step: -1 } });
  });
});

describe("affine", () => {
  it("maps pixel corners", () => {
    expect(pixelToCrs([30, 1, 100, 2, -30, 200], 3, 4)).toEqual([194, 86]);
  });

  it.each([
    [[30, 0, 5, 0, -30, 5], true],
    [[30, 0.1, 5, 0, -30, 5], false],
    [[30, 0, 5, 0.1, -30, 5], false],
  ] as const)("%j is axis-aligned: %s", (affine, want) => {
    expect(isAxisAligned(affine)).toBe(want);
  });

  const window = { row0: 2, col0: 3, row1: 6, col1: 8 };
  it.each([
    ["another window", { row0: 0, col0: 5, row1: 4, col1: 20 }, { row0: 2, col0: 5, row1: 4, col1: 8 }],
    ["itself", window, window],
    ["one that only touches it", { row0: 6, col0: 3, row1: 9, col1: 8 }, undefined],
    ["one elsewhere", { row0: 20, col0: 30, row1: 60, col1: 80 }, undefined],
  ])("the window in common with %s is found", (_name, other, want) => {
    expect(intersectWindows(window, other)).toEqual(want);
    expect(intersectWindows(other, window)).toEqual(want);
  });
});

describe("outline", () => {
  const square = rectangle({ xmin: 0, ymin: 0, xmax: 256, ymax: 512 });

  it("is cut into 256 pieces an edge, corners kept, not closed", () => {
    const ring = densify(square);
    expect(ring).toHaveLength(1024);
    expect([ring[0], ring[1], ring[256], ring[512], ring[768], ring[1023]]).toEqual([
      [0, 0],
      [1, 0],
      [256, 0],
      [256, 512],
      [0, 512],
      [0, 2],
    ]);
  });

  it("has bounds, unless it has no point", () => {
    expect(boundsOf(square)).toEqual({ xmin: 0, ymin: 0, xmax: 256, ymax: 512 });
    expect(boundsOf([])).toBeUndefined();
  });

  it.each([
    ["share area", { xmin: 255, ymin: 0, xmax: 300, ymax: 1 }, true],
    ["only touch", { xmin: 256, ymin: 0, xmax: 300, ymax: 1 }, false],
    ["lie apart", { xmin: 0, ymin: 600, xmax: 300, ymax: 700 }, false],
  ])("overlaps says whether rectangles %s", (_name, other, want) => {
    expect(overlaps({ xmin: 0, ymin: 0, xmax: 256, ymax: 512 }, other)).toBe(want);
  });
});
