import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../test/support/kernel-pair.ts";
import { encodeLzw } from "../../../test/support/lzw-encoder.ts";
import { decodeLzw } from "./lzw.ts";

/** Decodes into the middle of a larger buffer, and fails where a byte outside is touched. */
function decode(input: Uint8Array, bytes: number): { readonly length: number; readonly out: Uint8Array } {
  const buffer = new Uint8Array(bytes + 32).fill(0xa5);
  const length = decodeLzw(input, buffer.subarray(16, 16 + bytes));
  expect([...buffer.subarray(0, 16), ...buffer.subarray(16 + bytes)]).toEqual(Array.from({ length: 32 }, () => 0xa5));
  return { length, out: buffer.slice(16, 16 + bytes) };
}

/** Bytes of few values: long strings, so a deep table. */
function dull(seed: number, n: number, values: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: n }, () => random() * values);
}

describe("decodeLzw", () => {
  it("decodes the example of TIFF 6.0, section 13", () => {
    // Codes 256 7 258 8 8 258 6 6 257 of 9 bits for the data 7 7 7 8 8 7 7 6 6.
    const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257];
    const bits = codes.map((code) => code.toString(2).padStart(9, "0")).join("");
    const bytes = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
      parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, "0"), 2),
    );
    expect([...decode(bytes, 9).out]).toEqual([7, 7, 7, 8, 8, 7, 7, 6, 6]);
  });

  it("gives back what another encoder wrote", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 3000 }), fc.constantFrom(1, 2, 5, 256), (seed, n, values) => {
        const data = dull(seed, n, values);
        expect(decode(encodeLzw(data), n)).toEqual({ length: n, out: data });
      }),
    );
  });

  it.each([
    ["a table filled to the last entry that section 13 allows", 60_000, 256, 4094],
    ["a table filled to the last entry that libtiff makes", 60_000, 256, 4093],
    ["a long run of one number", 300_000, 1, 4094],
    ["a table begun anew early", 3_000, 3, 300],
    ["a table begun anew at each change of width", 3_000, 256, 511],
  ])("gives back %s", (_name, n, values, clearAfter) => {
    const data = dull(7, n, values);
    const { length, out } = decode(encodeLzw(data, clearAfter), n);
    expect(length).toBe(n);
    expect(Buffer.compare(out, data)).toBe(0);
  });

  it("says how far a stream came that is cut off", () => {
    const data = dull(3, 1000, 4);
    const encoded = encodeLzw(data);
    const { length, out } = decode(encoded.subarray(0, encoded.length >> 1), 1000);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(1000);
    expect(out.subarray(0, length)).toEqual(data.subarray(0, length));
  });

  it("writes no more than there is room for", () => {
    const data = dull(3, 1000, 1);
    expect(decode(encodeLzw(data), 700)).toEqual({ length: 700, out: data.subarray(0, 700) });
  });

  it("ends on any bytes, with a count or a RangeError, and writes nothing outside", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 500 }), (input, bytes) => {
        try {
          expect(decode(input, bytes).length).toBeLessThanOrEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("ends on streams with a flipped bit", () => {
    const encoded = encodeLzw(dull(11, 2000, 6));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: encoded.length * 8 - 1 }), (bit) => {
        const damaged = encoded.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        try {
          expect(decode(damaged, 2000).length).toBeLessThanOrEqual(2000);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
