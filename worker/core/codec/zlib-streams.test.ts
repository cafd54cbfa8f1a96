import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../test/support/kernel-pair.ts";
import { createInflater } from "./zlib-streams.ts";

const inflate = createInflater();

/** Bytes of few values or of all, which deflate cannot make smaller. */
const data = fc
  .record({ n: fc.integer({ min: 1, max: 100_000 }), values: fc.constantFrom(1, 4, 256), seed: fc.integer() })
  .map(({ n, values, seed }) => {
    const random = seededRandom(seed);
    return Uint8Array.from({ length: n }, () => random() * values);
  });

describe("createInflater", () => {
  it("gives what Node's inflateSync gives, again and again, and nothing past the output", () => {
    fc.assert(
      fc.property(data, (bytes) => {
        const room = new Uint8Array(bytes.length + 32).fill(0xa5);
        expect(inflate(deflateSync(bytes), room.subarray(16, 16 + bytes.length))).toBe(bytes.length);
        expect(Buffer.compare(room.subarray(16, 16 + bytes.length), bytes)).toBe(0);
        expect([...room.subarray(0, 16), ...room.subarray(16 + bytes.length)].every((byte) => byte === 0xa5)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("says how many bytes there were where the output is longer", () => {
    expect(inflate(deflateSync(Uint8Array.of(1, 2, 3)), new Uint8Array(10))).toBe(3);
  });

  it("throws a RangeError on any damaged bytes, or gives some bytes, and works again after it", () => {
    const good = deflateSync(Uint8Array.from({ length: 500 }, (_, i) => (i * i) % 256));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: good.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: good.length }),
        (at, byte, length) => {
          const damaged = good.map((old, i) => (i === at ? byte : old)).subarray(0, length);
          try {
            expect(inflate(damaged, new Uint8Array(500))).toBeLessThanOrEqual(500);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
          expect(inflate(good, new Uint8Array(500))).toBe(500);
        },
      ),
      { numRuns: 300 },
    );
  });
});
