import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runBoth, seededRandom } from "../../../test/support/kernel-pair.ts";
import type { Kernels } from "./kernels.ts";

/** A window of an image from (firstRow, firstCol) on and centres in it, `step` source pixels apart. */
const warp = fc.record({
  method: fc.constantFrom(0, 1),
  cols: fc.integer({ min: 0, max: 9 }),
  rows: fc.integer({ min: 0, max: 4 }),
  pad: fc.integer({ min: 0, max: 3 }),
  srcCols: fc.integer({ min: 1, max: 17 }),
  srcRows: fc.integer({ min: 1, max: 12 }),
  first: fc.integer({ min: 0, max: 5000 }),
  start: fc.double({ min: -3, max: 6, noNaN: true }),
  step: fc.double({ min: 0.2, max: 4, noNaN: true }),
  per: fc.constantFrom(1, 1 / 30, -1 / 30, 1 / 0.00025),
  origin: fc.constantFrom(0, 300_015, -3_985_000.5),
  /** Share of centres put on a pixel's edge or centre, give or take noise. */
  edges: fc.constantFrom(0, 0.5),
  holes: fc.constantFrom(0, 0.02, 0.3),
  masked: fc.boolean(),
  seed: fc.integer(),
});
type Warp = typeof warp extends fc.Arbitrary<infer T> ? T : never;

function arraysOf(w: Warp) {
  const random = seededRandom(w.seed);
  const src = Float32Array.from({ length: w.srcRows * (w.srcCols + w.pad) }, () =>
    random() < w.holes ? Number.NaN : Math.floor(random() * 65536),
  );
  const centreCols = w.cols + w.pad;
  const xys = Float64Array.from({ length: w.rows * centreCols * 2 }, (_, i) => {
    if (random() < 0.02) return Number.NaN;
    const along = i & 1 ? Math.floor((i >> 1) / Math.max(1, centreCols)) : (i >> 1) % Math.max(1, centreCols);
    const exact = w.first + w.start + w.step * along + random() * 0.2;
    const snapped = random() < w.edges ? Math.round(exact * 2) / 2 + [0, 1e-9, -1e-9, 2e-6][Math.floor(random() * 4)]! : exact;
    return snapped / w.per + w.origin;
  });
  const valid = Uint8Array.from({ length: w.rows * (w.cols + w.pad) }, () => (random() < 0.2 ? 0 : 1));
  return { src, xys, valid, dst: new Float32Array(w.rows * (w.cols + w.pad)), weights: new Float64Array(100) };
}

type At = Record<"src" | "xys" | "valid" | "dst" | "weights", number>;

function argumentsOf(w: Warp, at: At): Parameters<Kernels["interpolate"]> {
  const source = [w.method, at.src, w.srcCols + w.pad, w.srcCols, w.srcRows, w.first, w.first] as const;
  const target = [at.dst, w.cols + w.pad, w.cols, w.rows, w.cols + w.pad, w.masked ? at.valid : 0] as const;
  return [...source, at.xys, w.origin, w.per, w.origin, w.per, ...target];
}

/** A whole image of `values` ("x" is missing) sampled at one place. */
function sampleAt(rows: readonly (readonly (number | "x")[])[], method: number, [x, y]: readonly [number, number], scale = 1): number {
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  const src = Float32Array.from(rows.flat(), (v) => (v === "x" ? Number.NaN : v));
  const radius = Math.ceil((method + 1) / scale);
  const { arrays } = runBoth(
    { src, xys: Float64Array.of(x, y), dst: new Float32Array(1), weights: new Float64Array(4 * radius + 2) },
    (k, at) => {
      const common = [method, at.src, width, width, height, 0, 0, at.xys, 0, 1, 0, 1, at.dst, 1, 1, 1, 1, 0] as const;
      if (scale === 1) k.interpolate(...common);
      else k.interpolateWide(...common, scale, scale, radius, radius, at.weights);
      k.fill32(at.weights, 8 * radius + 4, 0);
    },
    ["dst", "src"],
  );
  return arrays.dst[0] ?? Number.NaN;
}

describe("interpolation is bit for bit that of the twin", () => {
  it("in interpolate", () => {
    let seen = 0;
    fc.assert(
      fc.property(warp, (w) => {
        const { arrays } = runBoth(arraysOf(w), (k, at) => k.interpolate(...argumentsOf(w, at)), ["dst"]);
        seen += arrays.dst.filter((value) => value > 0).length;
      }),
      { numRuns: 1000 },
    );
    expect(seen).toBeGreaterThan(1000);
  });

  it("in interpolateWide", () => {
    let seen = 0;
    const scale = fc.constantFrom(1, 0.5, 1 / 3, 0.7321);
    fc.assert(
      fc.property(warp, scale, scale, (w, scaleX, scaleY) => {
        const [rx, ry] = [Math.ceil((w.method + 1) / scaleX), Math.ceil((w.method + 1) / scaleY)];
        const call = (k: Kernels, at: At) => k.interpolateWide(...argumentsOf(w, at), scaleX, scaleY, rx, ry, at.weights);
        // Their scratch is WebAssembly's own.
        const { arrays } = runBoth(
          { ...arraysOf(w) },
          (k, at) => {
            call(k, at);
            k.fill32(at.weights, 200, 0);
          },
          ["dst"],
        );
        seen += arrays.dst.filter((value) => value > 0).length;
      }),
      { numRuns: 1000 },
    );
    expect(seen).toBeGreaterThan(1000);
  });
});

describe("by hand", () => {
  const ramp = Array.from({ length: 6 }, (_, row) => Array.from({ length: 6 }, (_, col) => 10 * row + col));
  const hole = ramp.map((row, j) => row.map((v, i) => (i === 2 && j === 2 ? ("x" as const) : v)));

  it.each([
    ["bilinear, at a pixel's centre: the pixel", ramp, 0, [2.5, 3.5], 32],
    ["bilinear, a quarter behind it", ramp, 0, [2.75, 3.5], 32.25],
    ["bilinear, where four pixels meet: their mean", ramp, 0, [3, 3], 27.5],
    ["bilinear, at the image's edge: the nearest pixel", ramp, 0, [0.25, 2.5], 20],
    ["bilinear, before the image: nothing", ramp, 0, [-0.01, 2.5], Number.NaN],
    ["bilinear, in a missing pixel: nothing, though three others are there", hole, 0, [2.99, 2.99], Number.NaN],
    ["bilinear, beside a missing pixel: of the three others", hole, 0, [3, 3], (23 + 32 + 33) / 3],
    ["cubic, of a ramp: the ramp", ramp, 1, [2.75, 2.75], 24.75],
    ["cubic, one pixel from the edge: bilinear", ramp, 1, [1.25, 2.5], 20.75],
    ["cubic, near a missing pixel: bilinear of the others", hole, 1, [3, 3], (23 + 32 + 33) / 3],
  ] as const)("%s", (_, image, method, place, want) => {
    const got = sampleAt(image, method, place);
    if (Number.isNaN(want)) expect(got).toBeNaN();
    else expect(got).toBeCloseTo(want, 5);
  });

  it("cubic overshoots beside a step, by the filter's weights", () => {
    const step = Array.from({ length: 4 }, () => [0, 0, 16, 16]);
    // Catmull-Rom at a quarter: weights -0.0703125, 0.8671875, 0.2265625, -0.0234375.
    expect(sampleAt(step, 1, [1.75, 2])).toBeCloseTo(16 * (0.2265625 - 0.0234375), 5);
  });

  it("bilinear at half the resolution weighs a triangle of four pixels each way", () => {
    const row = [[0, 8, 16, 0, 0, 0]];
    // Centre at 2: pixels at distance 1.5, 0.5, 0.5, 1.5 have weights 1/4, 3/4, 3/4, 1/4; one row of height alone.
    expect(sampleAt(row, 0, [2, 0.5], 0.5)).toBeCloseTo((0.75 * 8 + 0.75 * 16) / 2, 5);
  });

  it("what is missing takes no weight at half the resolution either", () => {
    expect(sampleAt([["x", 8, 16, 0, 0, 0]], 0, [2, 0.5], 0.5)).toBeCloseTo((0.75 * 8 + 0.75 * 16) / 1.75, 5);
    expect(sampleAt([["x", "x", "x", 4, 0, 0]], 0, [2, 0.5], 0.5)).toBeNaN();
  });
});
