import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runBoth, seededRandom } from "../../../test/support/kernel-pair.ts";
import { ABSENT_FLAGS, type Kernels, NAN_BITS } from "./kernels.ts";

const size = fc.integer({ min: 0, max: 13 });
const weight = fc.constantFrom(0, 1, 0.5, 0.25, 1 / 3);

/** Measurement windows hold stored numbers and NaN. */
function stored(random: () => number, n: number): Float32Array {
  return Float32Array.from({ length: n }, () => (random() < 0.3 ? Number.NaN : Math.floor(random() * 65536)));
}

/**
 * A warp: a window of source pixels from (firstRow, firstCol) on, and output pixels whose corners lie `step` source pixels apart
 * from `start` on, in front of, over and behind the window. In some, corners lie on pixel edges, or off them by noise, or nowhere (NaN).
 */
const warp = fc.record({
  cols: size,
  rows: fc.integer({ min: 0, max: 5 }),
  dstPad: fc.integer({ min: 0, max: 3 }),
  coordinatePad: fc.integer({ min: 0, max: 2 }),
  srcCols: fc.integer({ min: 1, max: 20 }),
  srcRows: fc.integer({ min: 1, max: 9 }),
  srcPad: fc.integer({ min: 0, max: 3 }),
  firstCol: fc.integer({ min: 0, max: 5000 }),
  firstRow: fc.integer({ min: 0, max: 5000 }),
  start: fc.double({ min: -12, max: 12, noNaN: true }),
  step: fc.double({ min: 0.2, max: 6, noNaN: true }),
  /** Source pixels a coordinate unit; south-up and mirrored images have negative ones. */
  per: fc.constantFrom(1, 1 / 30, -1 / 30, 1 / 0.00025),
  origin: fc.constantFrom(0, 300_015, -3_985_000.5),
  /** Share of coordinates put on a pixel edge, and of those that are NaN. */
  edges: fc.constantFrom(0, 0.5, 1),
  holes: fc.constantFrom(0, 0.1),
  masked: fc.boolean(),
  seed: fc.integer(),
});
type Warp = typeof warp extends fc.Arbitrary<infer T> ? T : never;

/** Coordinates of (rows + 1) x (cols + 1) corners, in units of the CRS, padded to `coordinateCols` a row. */
function coordinates(w: Warp, random: () => number, coordinateCols: number): Float64Array {
  return Float64Array.from({ length: (w.rows + 1) * coordinateCols * 2 }, (_, i) => {
    if (random() < w.holes) return Number.NaN;
    const [pixel, axis] = [i >> 1, i & 1];
    const along = axis === 0 ? pixel % coordinateCols : Math.floor(pixel / coordinateCols);
    const exact = (axis === 0 ? w.firstCol : w.firstRow) + w.start + w.step * along + (random() - 0.5) * 0.2;
    const snapped = random() < w.edges ? Math.round(exact) + [0, 1e-9, -1e-9, 2e-6, -2e-6][Math.floor(random() * 5)]! : exact;
    return snapped / w.per + w.origin;
  });
}

/** `holes` in the sources too, unless `whole`; what stands after a window is finite. `valid` is 0 at every fifth pixel. */
function warpArrays(w: Warp, whole = false) {
  const random = seededRandom(w.seed);
  const n = w.srcRows * (w.srcCols + w.srcPad);
  // Two further rows, and four more.
  const tail = 2 * (w.srcCols + w.srcPad) + 4;
  const source = () => {
    const values = whole ? Float32Array.from({ length: n + tail + 8 }, () => Math.floor(random() * 65536)) : stored(random, n + tail + 8);
    return values.map((value, i) => {
      // What is read past the tail would show: it is anything, in a memory that is used again.
      if (i >= n + tail) return Number.NaN;
      return i >= n && Number.isNaN(value) ? 0 : value;
    });
  };
  const dst = () => new Float32Array(w.rows * (w.cols + w.dstPad));
  const valid = Uint8Array.from({ length: w.rows * (w.cols + w.dstPad) }, () => (random() < 0.2 ? 0 : 1));
  return { a: source(), b: source(), xys: coordinates(w, random, w.cols + 1 + w.coordinatePad), valid, dstA: dst(), dstB: dst() };
}

type WarpAddresses = Record<"a" | "b" | "xys" | "valid" | "dstA" | "dstB", number>;

/** `cols`: how many of a row's pixels. */
function averageBoxes(k: Kernels, at: WarpAddresses, w: Warp, cols = w.cols): void {
  const [per, origin] = [w.per, w.origin];
  k.averageBoxes(
    at.a,
    at.b,
    w.srcCols + w.srcPad,
    w.srcCols,
    w.srcRows,
    w.firstCol,
    w.firstRow,
    at.xys,
    origin,
    per,
    origin,
    per,
    at.dstA,
    at.dstB,
    w.cols + w.dstPad,
    cols,
    w.rows,
    w.cols + 1 + w.coordinatePad,
    w.masked ? at.valid : 0,
  );
}

describe("warping is bit for bit that of the twin", () => {
  it("in averageBoxes, for boxes inside, across and outside the window", () => {
    let averaged = 0;
    fc.assert(
      fc.property(warp, (w) => {
        const { arrays } = runBoth(warpArrays(w), (k, at) => averageBoxes(k, at, w), ["dstA", "dstB"]);
        averaged += arrays.dstA.filter((value) => value > 0).length;
      }),
      { numRuns: 1000 },
    );
    expect(averaged).toBeGreaterThan(1000);
  });

  it("in averageBoxes of windows without NaN", () => {
    fc.assert(
      fc.property(warp, (w) => {
        runBoth(warpArrays(w, true), (k, at) => averageBoxes(k, at, w), ["dstA", "dstB"]);
      }),
      { numRuns: 1000 },
    );
  });

  // Else a pixel's last bit would tell which other pixels stand beside it: four without NaN are averaged at once.
  it("in averageBoxes of pixels one by one and side by side", () => {
    fc.assert(
      fc.property(warp, (w) => {
        const whole = runBoth(warpArrays(w), (k, at) => averageBoxes(k, at, w), ["dstA", "dstB"]).arrays;
        const cut = (k: Kernels, at: WarpAddresses) => {
          for (let col = 0; col < w.cols; col++)
            averageBoxes(
              k,
              { ...at, xys: at.xys + 16 * col, valid: at.valid + col, dstA: at.dstA + 4 * col, dstB: at.dstB + 4 * col },
              w,
              1,
            );
        };
        const single = runBoth(warpArrays(w), cut, ["dstA", "dstB"]).arrays;
        expect([single.dstA, single.dstB]).toEqual([whole.dstA, whole.dstB]);
      }),
      { numRuns: 500 },
    );
  });

  it("in nearest32, for centres inside and outside the window", () => {
    let inside = 0;
    fc.assert(
      fc.property(warp, fc.constantFrom(ABSENT_FLAGS, NAN_BITS), (w, absent) => {
        const call = (k: Kernels, at: WarpAddresses) =>
          k.nearest32(
            at.a,
            w.srcCols + w.srcPad,
            w.srcCols,
            w.srcRows,
            w.firstCol,
            w.firstRow,
            at.xys,
            w.origin,
            w.per,
            w.origin,
            w.per,
            at.dstA,
            w.cols + w.dstPad,
            w.cols,
            w.rows,
            w.cols + 1 + w.coordinatePad,
            absent,
          );
        const { arrays } = runBoth(warpArrays(w), call);
        inside += arrays.dstA.filter((value) => value > 0).length;
      }),
      { numRuns: 500 },
    );
    expect(inside).toBeGreaterThan(500);
  });

  it("in averageShift", () => {
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        weight,
        weight,
        fc.integer(),
        (cols, rows, srcPad, dstPad, fx, fy, seed) => {
          const src = stored(seededRandom(seed), (rows + 1) * (cols + srcPad));
          const dst = new Float32Array(rows * (cols + dstPad));
          const w = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy] as const;
          runBoth({ src, dst }, (k, at) => k.averageShift(at.src, cols + srcPad, at.dst, cols + dstPad, cols, rows, ...w), ["dst"]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("in interpolateRow", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3 }), fc.integer(), (cols, nodeRow, seed) => {
        const random = seededRandom(seed);
        const nodeCols = 9;
        const nodes = Float64Array.from({ length: (nodeRow + 3) * nodeCols * 2 }, () => (random() < 0.05 ? Number.NaN : random() * 1e6));
        const starts = Int32Array.from({ length: cols }, (_, c) => Math.floor((c * 4) / Math.max(1, cols)) + Math.floor(random() * 3));
        const basis = Float64Array.from({ length: cols * 3 }, () => random() * 2 - 1);
        const [r0, r1, r2] = [random(), random(), random()];
        runBoth(
          { nodes, starts, basis, out: new Float64Array(cols * 2) },
          (k, at) => k.interpolateRow(at.nodes, nodeCols, nodeRow, r0, r1, r2, at.starts, at.basis, at.out, cols),
          ["out"],
        );
      }),
    );
  });

  it("in coordinateBounds, zeros of both signs and NaN included", () => {
    const coordinate = fc.oneof(fc.constantFrom(0, -0, Number.NaN), fc.double());
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, coordinate), { maxLength: 9 }), (points) => {
        runBoth({ xys: Float64Array.from(points.flat()), out: new Float64Array(4) }, (k, at) =>
          k.coordinateBounds(at.xys, points.length, at.out),
        );
      }),
      { numRuns: 500 },
    );
  });
});
