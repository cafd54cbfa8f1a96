import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelModule, runBoth, seededRandom, twinKernels } from "../../../test/support/kernel-pair.ts";
import { ABSENT_FLAGS, type Kernels, NAN_BITS } from "./kernels.ts";

/** A rectangle with strides of its own on both sides, and a seed for what is in it. */
const rectangle = fc.record({
  cols: fc.integer({ min: 0, max: 37 }),
  rows: fc.integer({ min: 0, max: 6 }),
  srcPad: fc.integer({ min: 0, max: 9 }),
  dstPad: fc.integer({ min: 0, max: 9 }),
  seed: fc.integer(),
});
const line = fc.record({ n: fc.integer({ min: 0, max: 70 }), seed: fc.integer() });

/** NaNs of either sign and with a payload, as no arithmetic of ours makes them but memory may hold them. */
const NANS = new Float32Array(Uint32Array.of(NAN_BITS, 0xffc00000, 0x7fc12345).buffer);

function bytesOf(random: () => number, n: number): Uint8Array {
  return Uint8Array.from({ length: n }, () => random() * 256);
}

/** Numbers as measurement planes and indices hold them: stored numbers, small fractions, both zeros, NaN. */
function floats(random: () => number, n: number): Float32Array {
  const out = new Float32Array(n);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < n; i++) {
    const kind = random();
    if (kind < 0.25) bits[i] = new Uint32Array(NANS.buffer)[Math.floor(random() * 3)] ?? NAN_BITS;
    else if (kind < 0.6) out[i] = Math.floor(random() * 65536);
    else if (kind < 0.65) out[i] = random() < 0.5 ? 0 : -0;
    else out[i] = (random() - 0.5) * 10 ** Math.floor(random() * 12 - 6);
  }
  return out;
}

function codes(random: () => number, n: number): Uint32Array {
  return Uint32Array.from({ length: n }, () => (random() < 0.3 ? ABSENT_FLAGS : Math.floor(random() * 65536)));
}

function onlyCanonicalNaNs(values: Float32Array): boolean {
  const bits = new Uint32Array(values.buffer);
  return values.every((value, i) => !Number.isNaN(value) || bits[i] === NAN_BITS);
}

describe("the kernels", () => {
  it("are the exports of the WebAssembly, name by name", () => {
    const exported = WebAssembly.Module.exports(kernelModule).filter(({ kind }) => kind === "function");
    expect(exported.map(({ name }) => name).toSorted()).toEqual(Object.keys(twinKernels).toSorted());
  });
});

describe("decoding is bit for bit that of the twin", () => {
  it.each(["undoPredictor8", "undoPredictor16", "undoPredictor32"] as const)("in %s", (name) => {
    const samples = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(rectangle, samples, ({ cols, rows, seed }, samples) => {
        const data = bytesOf(seededRandom(seed), rows * cols * samples * 4);
        runBoth({ data }, (k, at) => k[name](at.data, rows, cols, samples));
      }),
    );
  });

  it.each([
    ["fill32", 4],
    ["fill16", 2],
  ] as const)("in %s", (name, size) => {
    fc.assert(
      fc.property(line, fc.integer(), fc.integer({ min: 0, max: 3 }), ({ n, seed }, bits, skip) => {
        const data = bytesOf(seededRandom(seed), (n + skip + 2) * size);
        runBoth({ data }, (k, at) => k[name](at.data + skip * size, n, bits));
      }),
    );
  });

  const nodata = fc.constantFrom(
    0,
    1,
    -1,
    7,
    255,
    -128,
    65535,
    -32768,
    0.5,
    1e-60,
    65535.000001,
    4294967295,
    4294967297,
    -2147483648,
    Number.NaN,
  );

  it.each([
    ["gatherF32FromU8", Uint8Array],
    ["gatherF32FromI8", Int8Array],
    ["gatherF32FromU16", Uint16Array],
    ["gatherF32FromI16", Int16Array],
    ["gatherF32FromU32", Uint32Array],
    ["gatherF32FromI32", Int32Array],
    ["gatherF32FromF32", Float32Array],
    ["gatherF32FromF64", Float64Array],
    ["gatherFlagsFromU8", Uint8Array],
    ["gatherFlagsFromU16", Uint16Array],
  ] as const)("in %s", (name, Stored) => {
    fc.assert(
      fc.property(rectangle, nodata, ({ cols, rows, srcPad, dstPad, seed }, missing) => {
        const random = seededRandom(seed);
        const some = [missing, 0, 1, 7, 255, 65535, -1, 16777217, -2147483648, Infinity, -Infinity, 1e300];
        const src = new Stored(rows * (cols + srcPad));
        for (let i = 0; i < src.length; i++) src[i] = random() < 0.5 ? some[Math.floor(random() * some.length)]! : random() * 2 ** 32;
        const dst = new Float32Array(rows * (cols + dstPad));
        const after = runBoth({ src, dst }, (k, at) => k[name](at.src, cols + srcPad, at.dst, cols + dstPad, cols, rows, missing));
        expect(name.startsWith("gatherFlags") || onlyCanonicalNaNs(after.arrays.dst)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("masking is bit for bit that of the twin", () => {
  it("in clearMasked", () => {
    fc.assert(
      fc.property(rectangle, ({ cols, rows, srcPad, dstPad, seed }) => {
        const random = seededRandom(seed);
        const src = Uint8Array.from({ length: rows * (cols + srcPad) }, () => (random() < 0.5 ? 0 : random() * 256));
        const dst = floats(random, rows * (cols + dstPad));
        runBoth({ src, dst }, (k, at) => k.clearMasked(at.src, cols + srcPad, at.dst, cols + dstPad, cols, rows, NAN_BITS));
      }),
    );
  });
});

describe("combining is bit for bit that of the twin", () => {
  it("in fuseF32", () => {
    fc.assert(
      fc.property(line, ({ n, seed }) => {
        const random = seededRandom(seed);
        runBoth({ dst: floats(random, n), src: floats(random, n) }, (k, at) => k.fuseF32(at.dst, at.src, n));
      }),
    );
  });

  it("in fuseFlags", () => {
    fc.assert(
      fc.property(line, ({ n, seed }) => {
        const random = seededRandom(seed);
        runBoth({ dst: codes(random, n), src: codes(random, n) }, (k, at) => k.fuseFlags(at.dst, at.src, n));
      }),
    );
  });

  it("in maskByTable", () => {
    const table = Uint8Array.from({ length: ABSENT_FLAGS + 1 }, (_, code) => (code % 3 === 0 ? 1 : 0));
    fc.assert(
      fc.property(line, fc.constantFrom(0, 1), ({ n, seed }, first) => {
        const random = seededRandom(seed);
        const valid = Uint8Array.from({ length: n }, () => random() * 2);
        runBoth({ flags: codes(random, n), table, valid }, (k, at) => k.maskByTable(at.flags, at.table, at.valid, n, first));
      }),
    );
  });

  it("in normalizedDifference, also in what it counts", () => {
    const scaling = fc.constantFrom([1, 0], [0.0000275, -0.2], [0.0001, 0]);
    const range = fc.constantFrom([-Infinity, Infinity], [7273, 43636]);
    fc.assert(
      fc.property(line, scaling, range, ({ n, seed }, [scale, offset], [low, high]) => {
        const random = seededRandom(seed);
        const arrays = {
          a: floats(random, n),
          b: floats(random, n),
          valid: Uint8Array.from({ length: n }, () => random() * 1.5),
          out: new Float32Array(n),
        };
        const call = (k: Kernels, at: Record<keyof typeof arrays, number>) =>
          k.normalizedDifference(at.a, at.b, at.valid, n, scale, offset, scale * 0.5, offset, low, high, low + 1, high, at.out);
        runBoth(arrays, call, ["out"]);
      }),
      { numRuns: 300 },
    );
  });

  it("in scaledBand and dropOutside", () => {
    const range = fc.constantFrom([-Infinity, Infinity], [7273, 43636]);
    fc.assert(
      fc.property(line, range, ({ n, seed }, [low, high]) => {
        const random = seededRandom(seed);
        const a = floats(random, n);
        const valid = Uint8Array.from({ length: n }, () => random() * 1.5);
        const arrays = { a, valid, out: new Float32Array(n) };
        runBoth(arrays, (k, at) => k.scaledBand(at.a, at.valid, n, 0.0000275, -0.2, low, high, at.out), ["out"]);
        runBoth({ plane: a }, (k, at) => k.dropOutside(at.plane, n, low, high));
      }),
    );
  });

  it("in accumulateMin, accumulateMax, accumulateCount and accumulateLayer", () => {
    fc.assert(
      fc.property(line, ({ n, seed }) => {
        const random = seededRandom(seed);
        const arrays = {
          values: floats(random, n),
          kept: floats(random, n),
          count: Uint16Array.from({ length: n }, () => random() * 65536),
        };
        for (const name of ["accumulateMin", "accumulateMax", "accumulateLayer"] as const)
          runBoth(arrays, (k, at) => k[name](at.values, at.kept, at.count, n));
        runBoth(arrays, (k, at) => k.accumulateCount(at.values, at.count, n));
      }),
    );
  });

  it("in accumulateMoments and finishStd", () => {
    fc.assert(
      fc.property(line, ({ n, seed }) => {
        const random = seededRandom(seed);
        const mean = Float64Array.from({ length: n }, () => (random() - 0.5) * 1000);
        const squares = Float64Array.from({ length: n }, () => random() * 1000);
        const count = Uint16Array.from({ length: n }, () => random() * 5);
        const values = floats(random, n);
        runBoth({ values, mean, squares, count }, (k, at) => k.accumulateMoments(at.values, at.mean, at.squares, at.count, n));
        const after = runBoth({ squares, count, out: new Float32Array(n) }, (k, at) => k.finishStd(at.squares, at.count, at.out, n));
        expect(onlyCanonicalNaNs(after.arrays.out)).toBe(true);
        runBoth({ count, out: new Float32Array(n) }, (k, at) => k.finishCount(at.count, at.out, n));
      }),
    );
  });

  it("in finishMedian, zeros of both signs and infinities among the values", () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 0, max: 20 }), ({ n, seed }, days) => {
        const random = seededRandom(seed);
        const stack = floats(random, days * (n + 15)).map((value) => (random() < 0.1 ? Math.sign(value) * Infinity : value));
        const count = Uint16Array.from({ length: n }, () => random() * (days + 1));
        const arrays = { stack, layers: new Uint32Array(days), count, scratch: new Float32Array(days * 16), out: new Float32Array(n) };
        const after = runBoth(arrays, (k, at) => {
          for (let day = 0; day < days; day++) k.fill32(at.layers + day * 4, 1, at.stack + day * (n + 15) * 4);
          k.finishMedian(at.layers, days, 0, at.count, at.scratch, at.out, n);
        });
        expect(onlyCanonicalNaNs(after.arrays.out)).toBe(true);
      }),
    );
  });

  it("in accumulateSum", () => {
    fc.assert(
      fc.property(line, ({ n, seed }) => {
        const random = seededRandom(seed);
        const sum = Float64Array.from({ length: n }, () => (random() - 0.5) * 100);
        const count = Uint16Array.from({ length: n }, () => random() * 65536);
        runBoth({ values: floats(random, n), sum, count }, (k, at) => k.accumulateSum(at.values, at.sum, at.count, n));
      }),
    );
  });

  it("in finishMean", () => {
    fc.assert(
      fc.property(line, ({ n, seed }) => {
        const random = seededRandom(seed);
        const sum = Float64Array.from({ length: n }, () => (random() - 0.5) * 100);
        const count = Uint16Array.from({ length: n }, () => random() * 5);
        const after = runBoth({ sum, count, out: new Float32Array(n) }, (k, at) => k.finishMean(at.sum, at.count, at.out, n));
        expect(onlyCanonicalNaNs(after.arrays.out)).toBe(true);
      }),
    );
  });

  it("in statistics", () => {
    fc.assert(
      fc.property(rectangle, ({ cols, rows, srcPad, seed }) => {
        const values = floats(seededRandom(seed), rows * (cols + srcPad));
        runBoth({ values, out: new Float64Array(4) }, (k, at) => k.statistics(at.values, cols + srcPad, cols, rows, at.out));
      }),
    );
  });
});

describe("encoding is bit for bit that of the twin", () => {
  it("in halveMean", () => {
    fc.assert(
      fc.property(rectangle, ({ cols, rows, srcPad, dstPad, seed }) => {
        const [srcStride, dstStride] = [cols + srcPad, ((cols + 1) >> 1) + dstPad];
        const src = floats(seededRandom(seed), rows * srcStride);
        const dst = new Float32Array(((rows + 1) >> 1) * dstStride);
        const after = runBoth({ src, dst }, (k, at) => k.halveMean(at.src, srcStride, cols, rows, at.dst, dstStride));
        expect(onlyCanonicalNaNs(after.arrays.dst)).toBe(true);
      }),
    );
  });

  it("in halveNearest16", () => {
    fc.assert(
      fc.property(rectangle, ({ cols, rows, srcPad, dstPad, seed }) => {
        const [srcStride, dstStride] = [cols + srcPad, ((cols + 1) >> 1) + dstPad];
        const src = bytesOf(seededRandom(seed), rows * srcStride * 2);
        const dst = new Uint16Array(((rows + 1) >> 1) * dstStride);
        runBoth({ src, dst }, (k, at) => k.halveNearest16(at.src, srcStride, cols, rows, at.dst, dstStride));
      }),
    );
  });

  it("in applyPredictorF32 and applyPredictor16", () => {
    fc.assert(
      fc.property(rectangle, ({ cols, rows, seed }) => {
        const src = bytesOf(seededRandom(seed), rows * cols * 4);
        runBoth({ src, dst: new Uint8Array(rows * cols * 4) }, (k, at) => k.applyPredictorF32(at.src, rows, cols, at.dst));
        runBoth({ src }, (k, at) => k.applyPredictor16(at.src, rows, cols));
      }),
    );
  });
});
