import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runBoth, seededRandom } from "../../../test/support/kernel-pair.ts";
import { ABSENT_FLAGS, type Kernels } from "./kernels.ts";

const N = Number.NaN;
const nine = (value: number) => Array.from({ length: 9 }, () => value);

describe("gatherF32FromU16 on 3 x 3 stored numbers with nodata 0", () => {
  it.each([
    ["gives nothing where all is nodata", nine(0), nine(N)],
    ["keeps the one valid pixel", [0, 0, 0, 0, 9000, 0, 0, 0, 0], [N, N, N, N, 9000, N, N, N, N]],
    ["keeps 1 next to nodata", [1, 0, 1, 0, 1, 0, 1, 0, 1], [1, N, 1, N, 1, N, 1, N, 1]],
    ["takes a saturated pixel as it is", nine(65535), nine(65535)],
  ])("%s", (_name, stored, want) => {
    const { arrays } = runBoth({ src: Uint16Array.from(stored), dst: new Float32Array(9) }, (k, at) =>
      k.gatherF32FromU16(at.src, 3, at.dst, 3, 3, 3, 0),
    );
    expect([...arrays.dst]).toEqual(want);
  });

  it("keeps every number where there is no nodata", () => {
    const { arrays } = runBoth({ src: Uint16Array.from(nine(0)), dst: new Float32Array(9) }, (k, at) =>
      k.gatherF32FromU16(at.src, 3, at.dst, 3, 3, 3, N),
    );
    expect([...arrays.dst]).toEqual(nine(0));
  });
});

describe("gatherFlagsFromU16", () => {
  it("makes nodata absent and keeps the other codes", () => {
    const { arrays } = runBoth({ src: Uint16Array.of(1, 21824, 1, 0), dst: new Uint32Array(4) }, (k, at) =>
      k.gatherFlagsFromU16(at.src, 2, at.dst, 2, 2, 2, 1),
    );
    expect([...arrays.dst]).toEqual([ABSENT_FLAGS, 21824, ABSENT_FLAGS, 0]);
  });
});

describe("averageShift by half a pixel, from 3 x 3 to 2 x 2", () => {
  it.each([
    ["averages four", [1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 4, 6, 7]],
    ["gives nothing where all is masked", nine(N), [N, N, N, N]],
    ["takes the one valid pixel as it is", [N, N, N, N, 5, N, N, N, N], [5, 5, 5, 5]],
    ["averages only the valid", [1, N, 3, 4, 5, N, N, 8, 9], [10 / 3, 4, 17 / 3, 22 / 3]],
    ["keeps saturated numbers", nine(65535), [65535, 65535, 65535, 65535]],
  ])("%s", (_name, source, want) => {
    const arrays = { src: Float32Array.from(source), dst: new Float32Array(4) };
    const after = runBoth(arrays, (k, at) => k.averageShift(at.src, 3, at.dst, 2, 2, 2, 0.25, 0.25, 0.25, 0.25), ["dst"]);
    expect([...after.arrays.dst]).toEqual(want.map(Math.fround));
  });
});

/** One output pixel with its upper-left and lower-right corner in source pixels, over a 3 x 3 window that begins at (0, 0). */
function averageOne(
  source: readonly number[],
  corner: readonly [x: number, y: number],
  opposite: readonly [x: number, y: number],
): number | undefined {
  const src = Float32Array.from([...source, ...nine(0), 0, N, N, N, N]);
  const arrays = { src, xys: Float64Array.of(...corner, N, N, N, N, ...opposite), a: new Float32Array(1), b: new Float32Array(1) };
  const call = (k: Kernels, at: Record<keyof typeof arrays, number>) =>
    k.averageBoxes(at.src, at.src, 3, 3, 3, 0, 0, at.xys, 0, 1, 0, 1, at.a, at.b, 1, 1, 1, 2, 0);
  const after = runBoth(arrays, call).arrays;
  expect(after.b).toEqual(after.a);
  return after.a[0];
}

describe("averageBoxes on 3 x 3 source pixels", () => {
  const ramp = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  it.each([
    ["weighs by area", ramp, [0.5, 0.5], [2.5, 2.5], 5],
    ["weighs by area off the middle", ramp, [0.75, 0], [2, 1], (0.25 * 1 + 2) / 1.25],
    ["takes one whole pixel", ramp, [1, 1], [2, 2], 5],
    ["takes a box within one pixel", ramp, [1.25, 1.25], [1.5, 1.75], 5],
    ["takes corners in any order", ramp, [2.5, 2.5], [0.5, 0.5], 5],
    ["does not see a pixel that only noise touches", [N, 2, N, N, 5, N, N, 8, N], [1 - 1e-9, 1], [2 + 1e-9, 2], 5],
    ["passes over masked pixels", [1, N, 3, N, N, N, 7, N, 9], [0, 0], [3, 3], 5],
    ["gives nothing where all is masked", nine(N), [0, 0], [3, 3], N],
    ["takes the one valid pixel, however little of it is in the box", [1, N, N, N, N, N, N, N, N], [0.99, 0.99], [3, 3], 1],
    ["counts nothing outside the window", ramp, [-2, -2], [1, 1], 1],
    ["gives nothing wholly outside", ramp, [3, 0], [4, 1], N],
    ["gives nothing without a corner", ramp, [N, 0], [1, 1], N],
    ["keeps saturated numbers", nine(65535), [0.3, 0.3], [2.7, 2.7], 65535],
    ["averages boxes wider than four pixels", ramp, [-1, 0], [5, 3], 5],
  ] as const)("%s", (_name, source, corner, opposite, want) => {
    // Small boxes are summed in float32: right to two units in its last place.
    const got = averageOne(source, corner, opposite) ?? Number.NaN;
    expect(Object.is(got, want) || Math.abs(got - want) <= 2 * 2 ** -23 * want).toBe(true);
  });
});

describe("nearest32 on 3 x 3 source pixels", () => {
  it.each([
    ["takes the pixel that holds the centre", 1.5, 1.5, 5],
    ["takes the pixel after an edge that the centre lies on", 1, 1, 5],
    ["takes the pixel after an edge that noise puts the centre before", 1 - 1e-9, 1 - 1e-9, 5],
    ["takes the pixel before an edge that the centre lies before", 0.999, 0.999, 1],
    ["gives nothing left of the image", -0.001, 1, ABSENT_FLAGS],
    ["gives nothing at its right edge", 3, 1, ABSENT_FLAGS],
    ["gives nothing where the centre has no coordinates", N, N, ABSENT_FLAGS],
  ])("%s", (_name, x, y, want) => {
    const arrays = { src: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), xys: Float64Array.of(x, y), dst: new Uint32Array(1) };
    const after = runBoth(arrays, (k, at) => k.nearest32(at.src, 3, 3, 3, 0, 0, at.xys, 0, 1, 0, 1, at.dst, 1, 1, 1, 1, ABSENT_FLAGS));
    expect([...after.arrays.dst]).toEqual([want]);
  });
});

describe("anyValid", () => {
  it.each([
    ["sees none in none", 0, [], 0],
    ["sees none where all are masked", 40, [], 0],
    ["sees one among the first sixteen", 40, [3], 1],
    ["sees the last one", 40, [39], 1],
  ])("%s", (_name, n, places, want) => {
    const valid = Uint8Array.from({ length: n }, (_, i) => ((places as readonly number[]).includes(i) ? 1 : 0));
    expect(runBoth({ valid }, (k, at) => k.anyValid(at.valid, n)).returned).toBe(want);
  });
});

describe("fusing", () => {
  it("lets the first not-nodata number win", () => {
    const { arrays } = runBoth({ dst: Float32Array.of(1, N, N, 0), src: Float32Array.of(5, 6, N, 7) }, (k, at) =>
      k.fuseF32(at.dst, at.src, 4),
    );
    expect([...arrays.dst]).toEqual([1, 6, N, 0]);
  });

  it("lets the first not-nodata code win, 0 included", () => {
    const { arrays } = runBoth({ dst: Uint32Array.of(0, ABSENT_FLAGS, ABSENT_FLAGS), src: Uint32Array.of(5, 6, ABSENT_FLAGS) }, (k, at) =>
      k.fuseFlags(at.dst, at.src, 3),
    );
    expect([...arrays.dst]).toEqual([0, 6, ABSENT_FLAGS]);
  });
});

describe("normalizedDifference", () => {
  const reflectance = (stored: number) => Math.fround(Math.fround(stored * Math.fround(0.0000275)) + Math.fround(-0.2));
  const index = (p: number, q: number) => Math.fround(Math.fround(p - q) / Math.fround(p + q));

  it.each([
    ["divides difference by sum", 3, 1, 1, 0.5, 0],
    ["gives 0 for equal numbers", 90, 90, 1, 0, 0],
    ["has no observation where both are 0", 0, 0, 1, N, 0],
    ["has none where one is nodata", 3, N, 1, N, 0],
    ["has none where the flags say so", 3, 1, 0, N, 0],
    ["is infinite where only the sum is 0, as in numpy", 3, -3, 1, Infinity, 1],
    ["counts a number over the range and keeps it", 101, 1, 1, index(101, 1), 1],
    ["takes both ends of the range as inside", 100, 1, 1, index(100, 1), 0],
    ["does not count what is masked", 101, 1, 0, N, 0],
  ])("of raw numbers %s", (_name, a, b, valid, want, wantOutside) => {
    const arrays = { a: Float32Array.of(a), b: Float32Array.of(b), valid: Uint8Array.of(valid), out: new Float32Array(1) };
    const call = (k: Kernels, at: Record<keyof typeof arrays, number>) =>
      k.normalizedDifference(at.a, at.b, at.valid, 1, 1, 0, 1, 0, 1, 100, 1, 100, at.out);
    const after = runBoth(arrays, call, ["out"]);
    expect([after.arrays.out[0], after.returned]).toEqual([want, wantOutside]);
  });

  it("of reflectance rounds twice a band, in float32", () => {
    const [a, b] = [18639, 9123];
    const arrays = {
      a: Float32Array.of(a, a, a, a, a),
      b: Float32Array.of(b, b, b, b, b),
      valid: Uint8Array.of(1, 1, 1, 1, 1),
      out: new Float32Array(5),
    };
    const call = (k: Kernels, at: Record<keyof typeof arrays, number>) =>
      k.normalizedDifference(at.a, at.b, at.valid, 5, 0.0000275, -0.2, 0.0000275, -0.2, -Infinity, Infinity, -Infinity, Infinity, at.out);
    const want = index(reflectance(a), reflectance(b));
    expect([...runBoth(arrays, call).arrays.out]).toEqual([want, want, want, want, want]);
  });
});

describe("scaledBand", () => {
  it("rounds twice, has nothing where masked or nodata, and counts what lies outside the range", () => {
    const arrays = {
      a: Float32Array.of(18639, N, 9123, 7272, 18639),
      valid: Uint8Array.of(1, 1, 0, 1, 1),
      out: new Float32Array(5),
    };
    const after = runBoth(arrays, (k, at) => k.scaledBand(at.a, at.valid, 5, 0.0000275, -0.2, 7273, 43636, at.out), ["out"]);
    const want = (stored: number) => Math.fround(Math.fround(stored * Math.fround(0.0000275)) + Math.fround(-0.2));
    expect([...after.arrays.out]).toEqual([want(18639), N, N, want(7272), want(18639)]);
    expect(after.returned).toBe(1);
  });
});

describe("dropOutside", () => {
  it("keeps both ends of the range and what is between", () => {
    const plane = Float32Array.of(0, 1, 50, 100, 101, N);
    const { arrays } = runBoth({ plane }, (k, at) => k.dropOutside(at.plane, 6, 1, 100));
    expect([...arrays.plane]).toEqual([N, 1, 50, 100, N, N]);
  });
});

describe("the other statistics over days", () => {
  const days = [Float32Array.of(0.5, N, N, 1, -1, 7), Float32Array.of(0.25, N, 0.75, 1, 1, N), Float32Array.of(N, N, N, 4, 0.5, N)];

  it("min and max are of the valid observations only", () => {
    let [least, most, count] = [new Float32Array(6).fill(N), new Float32Array(6).fill(N), new Uint16Array(6)];
    for (const values of days) {
      ({ least } = runBoth({ values, least, count }, (k, at) => k.accumulateMin(at.values, at.least, at.count, 6)).arrays);
      ({ most, count } = runBoth({ values, most, count }, (k, at) => k.accumulateMax(at.values, at.most, at.count, 6)).arrays);
    }
    expect([...least]).toEqual([0.25, N, 0.75, 1, -1, 7]);
    expect([...most]).toEqual([0.5, N, 0.75, 4, 1, 7]);
    expect([...count]).toEqual([2, 0, 1, 3, 3, 1]);
  });

  it("std has ddof 0: one observation has none, and no observation is NaN", () => {
    let [mean, squares, count] = [new Float64Array(6), new Float64Array(6), new Uint16Array(6)];
    for (const values of days)
      ({ mean, squares, count } = runBoth({ values, mean, squares, count }, (k, at) =>
        k.accumulateMoments(at.values, at.mean, at.squares, at.count, 6),
      ).arrays);
    const { arrays } = runBoth({ squares, count, out: new Float32Array(6) }, (k, at) => k.finishStd(at.squares, at.count, at.out, 6));
    expect([...arrays.out]).toEqual([0.125, N, 0, Math.fround(Math.sqrt(2)), Math.fround(Math.sqrt(13 / 18)), 0]);
  });

  it("std of a mean that is large against the spread is not lost", () => {
    const values = [16777214, 16777215, 16777216].map((v) => Float32Array.of(v));
    let [mean, squares, count] = [new Float64Array(1), new Float64Array(1), new Uint16Array(1)];
    for (let i = 0; i < 300; i++)
      ({ mean, squares, count } = runBoth({ values: values[i % 3]!, mean, squares, count }, (k, at) =>
        k.accumulateMoments(at.values, at.mean, at.squares, at.count, 1),
      ).arrays);
    expect(Math.sqrt(squares[0]! / 300)).toBeCloseTo(Math.sqrt(2 / 3), 9);
  });

  it("counts alone, as float32", () => {
    let count = new Uint16Array(6);
    for (const values of days) ({ count } = runBoth({ values, count }, (k, at) => k.accumulateCount(at.values, at.count, 6)).arrays);
    const { arrays } = runBoth({ count, out: new Float32Array(6) }, (k, at) => k.finishCount(at.count, at.out, 6));
    expect([...arrays.out]).toEqual([2, 0, 1, 3, 3, 1]);
  });

  it.each([
    ["the middle of three", [3, 1, 2], 2],
    ["the mean of the middle two of four", [4, 1, 3, 2], 2.5],
    ["of what is valid", [N, 5, N, 1], 3],
    ["one observation", [N, N, 7, N], 7],
    ["no observation", [N, N], N],
    ["infinities at the ends", [Infinity, -Infinity, 4], 4],
    ["an infinite one", [Infinity, N, Infinity], Infinity],
    ["nothing between both infinities", [Infinity, -Infinity], N],
  ])("median: %s", (_name, observations, want) => {
    expect(medianOf([observations])).toEqual([want]);
  });
});

/** The median of each pixel's observations, by both implementations. */
function medianOf(pixels: readonly (readonly number[])[]): readonly number[] {
  const [n, days] = [pixels.length, pixels[0]?.length ?? 0];
  // A plane is read up to fifteen pixels past its end.
  const stride = n + 15;
  const stack = new Float32Array(days * stride).fill(-1e9);
  pixels.forEach((observations, pixel) => observations.forEach((value, day) => (stack[day * stride + pixel] = value)));
  const count = Uint16Array.from(pixels, (observations) => observations.filter((value) => !Number.isNaN(value)).length);
  const arrays = { stack, layers: new Uint32Array(days), count, scratch: new Float32Array(days * 16), out: new Float32Array(n) };
  const call = (k: Kernels, at: Record<keyof typeof arrays, number>) => {
    // Addresses are of this memory: the array is placed before it is known where.
    k.fill32(at.layers, days, 0);
    for (let day = 0; day < days; day++) k.fill32(at.layers + day * 4, 1, at.stack + day * stride * 4);
    k.finishMedian(at.layers, days, 0, at.count, at.scratch, at.out, n);
  };
  return [...runBoth(arrays, call).arrays.out];
}

describe("median", () => {
  it("is that of the sorted observations, for any number of days and pixels", () => {
    const random = seededRandom(5);
    for (const days of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 447]) {
      const pixels = Array.from({ length: 1 + Math.floor(random() * 40) }, () =>
        Array.from({ length: days }, () => (random() < 0.3 ? N : Math.fround(Math.floor(random() * 50) / 7))),
      );
      const want = pixels.map((observations) => {
        const sorted = observations.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
        const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
        return low === undefined || high === undefined ? N : Math.fround((low + high) / 2);
      });
      expect(medianOf(pixels)).toEqual(want);
    }
  });
});

describe("the mean over days", () => {
  it("is of the valid observations only, and their count is with it", () => {
    const days = [Float32Array.of(0.5, N, N, 1, -1), Float32Array.of(0.25, N, 0.75, 1, 1), Float32Array.of(N, N, N, 1, 0.5)];
    let [sum, count] = [new Float64Array(5), new Uint16Array(5)];
    for (const values of days)
      ({ sum, count } = runBoth({ values, sum, count }, (k, at) => k.accumulateSum(at.values, at.sum, at.count, 5)).arrays);
    const { arrays } = runBoth({ sum, count, out: new Float32Array(5) }, (k, at) => k.finishMean(at.sum, at.count, at.out, 5));
    expect([...arrays.out]).toEqual([0.375, N, 0.75, 1, Math.fround(0.5 / 3)]);
    expect([...arrays.count]).toEqual([2, 0, 1, 3, 3]);
  });

  it("has min, max, sum and number over what is valid", () => {
    const { arrays } = runBoth({ values: Float32Array.of(N, 2, 9, -1, N, 9), out: new Float64Array(4) }, (k, at) =>
      k.statistics(at.values, 3, 2, 2, at.out),
    );
    expect([...arrays.out]).toEqual([-1, 2, 1, 2]);
  });
});

describe("halving", () => {
  it.each([
    ["an odd size, whose last row and column have fewer neighbours", 3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 4.5, 7.5, 9]],
    ["what is partly masked", 2, 2, [N, 2, 4, N], [3]],
    ["what is all masked", 2, 2, [N, N, N, N], [N]],
    ["one pixel", 1, 1, [7], [7]],
  ])("averages %s", (_name, cols, rows, source, want) => {
    const half = (cols + 1) >> 1;
    const { arrays } = runBoth({ src: Float32Array.from(source), dst: new Float32Array(want.length) }, (k, at) =>
      k.halveMean(at.src, cols, cols, rows, at.dst, half),
    );
    expect([...arrays.dst]).toEqual(want);
  });

  it("takes the upper left of counts", () => {
    const { arrays } = runBoth({ src: Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), dst: new Uint16Array(4) }, (k, at) =>
      k.halveNearest16(at.src, 3, 3, 3, at.dst, 2),
    );
    expect([...arrays.dst]).toEqual([1, 3, 7, 9]);
  });
});

describe("predictors", () => {
  it("writes floats as planes of bytes, most significant first, then differences (TIFF Technical Note 3)", () => {
    // 1, 2 and -0.5 are 3f800000, 40000000 and bf000000: planes 3f 40 bf | 80 00 00 | 00 00 00 | 00 00 00.
    const { arrays } = runBoth({ src: Float32Array.of(1, 2, -0.5), dst: new Uint8Array(12) }, (k, at) =>
      k.applyPredictorF32(at.src, 1, 3, at.dst),
    );
    expect([...arrays.dst]).toEqual([0x3f, 0x01, 0x7f, 0xc1, 0x80, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("gives back the floats when it is undone as libtiff does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 3 }), fc.infiniteStream(fc.float()), (cols, rows, numbers) => {
        const src = Float32Array.from({ length: cols * rows }, () => numbers.next().value ?? 0);
        const { arrays } = runBoth({ src, dst: new Uint8Array(src.byteLength) }, (k, at) =>
          k.applyPredictorF32(at.src, rows, cols, at.dst),
        );
        expect(undoFloatPredictor(arrays.dst, rows, cols)).toEqual(src);
      }),
    );
  });

  it("differences of uint16 are undone to what they were", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.uint16Array({ minLength: 1, maxLength: 90 }), (cols, numbers) => {
        const rows = Math.floor(numbers.length / cols);
        const { arrays } = runBoth({ data: numbers }, (k, at) => {
          k.applyPredictor16(at.data, rows, cols);
          k.undoPredictor16(at.data, rows, cols, 1);
        });
        expect(arrays.data).toEqual(numbers);
      }),
    );
  });

  it("adds each sample to the one before it in the row, modulo 65536", () => {
    const { arrays } = runBoth({ data: Uint16Array.of(10, 1, 65535, 20, 0, 65530) }, (k, at) => k.undoPredictor16(at.data, 2, 3, 1));
    expect([...arrays.data]).toEqual([10, 11, 10, 20, 20, 14]);
  });
});

/** libtiff's fpAcc: bytes summed along the row, then planes put together. */
function undoFloatPredictor(encoded: Uint8Array, rows: number, cols: number): Float32Array {
  const view = new DataView(new ArrayBuffer(rows * cols * 4));
  for (let row = 0; row < rows; row++) {
    const bytes = encoded.slice(row * cols * 4, (row + 1) * cols * 4);
    for (let i = 1; i < bytes.length; i++) bytes[i]! += bytes[i - 1]!;
    for (let col = 0; col < cols; col++)
      for (let plane = 0; plane < 4; plane++) view.setUint8((row * cols + col) * 4 + plane, bytes[plane * cols + col]!);
  }
  return Float32Array.from({ length: rows * cols }, (_, i) => view.getFloat32(i * 4, false));
}
