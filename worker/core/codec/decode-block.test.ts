import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../test/support/kernel-pair.ts";
import { encodeLzw } from "../../../test/support/lzw-encoder.ts";
import { createSharedMemory } from "../kernels/kernels.ts";
import { createTypeScriptKernels } from "../kernels/typescript/index.ts";
import { type BlockEncoding, sampleBytes, type SampleType } from "../raster/source-raster.ts";
import { decodeBlock } from "./decode-block.ts";

const memory = createSharedMemory(1);
const kernels = createTypeScriptKernels(memory);
const SLOT = 1024;

/** Decodes to the slot; fails where a byte outside the block is touched. */
function decode(stored: Uint8Array, encoding: BlockEncoding, rows: number, cols: number): Uint8Array {
  const bytes = rows * cols * sampleBytes(encoding.sampleType);
  const all = new Uint8Array(memory.buffer).fill(0xa5);
  decodeBlock(kernels, memory, stored, { encoding, rows, cols, slot: SLOT });
  const outside = all.findIndex((byte, i) => byte !== 0xa5 && (i < SLOT || i >= SLOT + bytes));
  expect(outside).toBe(-1);
  return all.slice(SLOT, SLOT + bytes);
}

/** Little-endian samples with horizontal differences, as TIFF 6.0 section 14 says. */
function encodeSamples(samples: readonly number[], cols: number, { predictor, sampleType }: BlockEncoding): Uint8Array {
  const size = sampleBytes(sampleType);
  const out = Buffer.alloc(samples.length * size);
  samples.forEach((sample, i) => {
    const value = predictor === 2 && i % cols > 0 ? sample - (samples[i - 1] ?? 0) : sample;
    const wrapped = ((value % 2 ** (8 * size)) + 2 ** (8 * size)) % 2 ** (8 * size);
    out.writeUIntLE(wrapped, i * size, size);
  });
  return out;
}

function compress(bytes: Uint8Array, compression: "none" | "deflate" | "lzw"): Uint8Array {
  switch (compression) {
    case "none":
      return bytes;
    case "deflate":
      return deflateSync(bytes);
    case "lzw":
      return encodeLzw(bytes);
  }
}

const plain = { packing: "plain", jpeg: undefined } as const;

const encoding = fc.record({
  packing: fc.constant("plain" as const),
  jpeg: fc.constant(undefined),
  compression: fc.constantFrom("none", "deflate", "lzw"),
  predictor: fc.constantFrom(1, 2),
  sampleType: fc.constantFrom<SampleType[]>("uint8", "int8", "uint16", "int16", "uint32", "int32"),
});

describe("decodeBlock", () => {
  it("gives back the samples of every compression, predictor and type", () => {
    fc.assert(
      fc.property(encoding, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.integer(), (encoding, cols, rows, seed) => {
        const random = seededRandom(seed);
        const limit = 2 ** (8 * sampleBytes(encoding.sampleType));
        const samples = Array.from({ length: rows * cols }, () => Math.floor(random() * limit));
        const stored = compress(encodeSamples(samples, cols, encoding), encoding.compression);
        const plain = encodeSamples(samples, cols, { ...encoding, predictor: 1 });
        expect(Buffer.compare(decode(stored, encoding, rows, cols), plain)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  const sixteen = (compression: BlockEncoding["compression"]): BlockEncoding => ({
    ...plain,
    compression,
    predictor: 1,
    sampleType: "uint16",
  });
  const samples = (n: number) =>
    encodeSamples(
      Array.from({ length: n }, (_, i) => i),
      n,
      sixteen("none"),
    );

  it.each(["none", "deflate", "lzw"] as const)("refuses a block of %s with too few bytes", (compression) => {
    expect(() => decode(compress(samples(8), compression), sixteen(compression), 3, 3)).toThrow("16 bytes where 18 belong");
  });

  it.each([
    ["none", "a file may pad its blocks"],
    ["deflate", "as libtiff does"],
    ["lzw", "its end code is not needed"],
  ] as const)("takes the block's share of more bytes of %s: %s", (compression, _why) => {
    expect(decode(compress(samples(12), compression), sixteen(compression), 3, 3)).toEqual(new Uint8Array(samples(9)));
  });

  it("inflates no more of a block than it may hold", () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000, 7));
    expect(decode(bomb, sixteen("deflate"), 3, 3)).toEqual(new Uint8Array(18).fill(7));
  });

  it.each([
    ["cut off", (stored: Uint8Array) => stored.subarray(0, -6)],
    ["with other bytes in it", (stored: Uint8Array) => stored.map((byte, i) => (i === 7 ? byte ^ 0xff : byte))],
    ["with a wrong checksum", (stored: Uint8Array) => stored.map((byte, i) => (i === stored.length - 1 ? byte ^ 1 : byte))],
    ["of no bytes", () => new Uint8Array(0)],
    ["of garbage", () => Uint8Array.of(1, 2, 3, 4)],
  ])("refuses a deflated block %s", (_name, damage) => {
    expect(() => decode(damage(deflateSync(samples(9))), sixteen("deflate"), 3, 3)).toThrow();
  });

  it("takes what follows the deflated data as padding", () => {
    expect(decode(Buffer.concat([deflateSync(samples(9)), Buffer.alloc(5)]), sixteen("deflate"), 3, 3)).toEqual(new Uint8Array(samples(9)));
  });

  it("decodes the next block after a damaged one", () => {
    expect(() => decode(Uint8Array.of(1, 2, 3, 4), sixteen("deflate"), 3, 3)).toThrow();
    expect(() => decode(deflateSync(samples(9)).subarray(0, -6), sixteen("deflate"), 3, 3)).toThrow();
    expect(decode(deflateSync(samples(9)), sixteen("deflate"), 3, 3)).toEqual(new Uint8Array(samples(9)));
  });

  it("refuses garbage as LZW", () => {
    expect(() => decode(Uint8Array.of(1, 2, 3, 4), sixteen("lzw"), 3, 3)).toThrow(RangeError);
  });
});
