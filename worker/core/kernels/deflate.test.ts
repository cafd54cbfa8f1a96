import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelModule, seededRandom } from "../../../test/support/kernel-pair.ts";
import { createSharedMemory, DEFLATE_SCRATCH_BYTES, deflateBound, instantiateKernels, type Kernels } from "./kernels.ts";
import { createTypeScriptKernels } from "./typescript/index.ts";

const SCRATCH = 65536;
const GUARD = 0xa5;

type Side = { readonly memory: WebAssembly.Memory; readonly kernels: Kernels };

const wasm: Side = ((memory) => ({ memory, kernels: instantiateKernels(kernelModule, memory) }))(createSharedMemory(256));
const twin: Side = ((memory) => ({ memory, kernels: createTypeScriptKernels(memory) }))(createSharedMemory(256));

/** Deflates with guards around the input, the bound of the output, and the scratch memory. */
function deflateIn({ memory, kernels }: Side, input: Uint8Array): Buffer {
  const src = SCRATCH + DEFLATE_SCRATCH_BYTES + 64;
  const dst = src + input.length + 64;
  const end = dst + deflateBound(input.length);
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(GUARD, 0, end + 64);
  bytes.set(input, src);
  const length = kernels.deflate(src, input.length, dst, SCRATCH);
  expect(dst + length).toBeLessThanOrEqual(end);
  const guards = [bytes.subarray(0, SCRATCH), bytes.subarray(src - 64, src), bytes.subarray(dst - 64, dst), bytes.subarray(end, end + 64)];
  expect(guards.every((guard) => guard.every((byte) => byte === GUARD))).toBe(true);
  expect(Buffer.compare(bytes.subarray(src, src + input.length), input)).toBe(0);
  return Buffer.from(bytes.slice(dst, dst + length));
}

/** The stream of both, which must be the same and inflate to the input. */
function deflated(input: Uint8Array): Buffer {
  const stream = deflateIn(wasm, input);
  expect(Buffer.compare(stream, deflateIn(twin, input))).toBe(0);
  expect(Buffer.compare(inflateSync(stream), input)).toBe(0);
  return stream;
}

/** Runs of lengths up to `longest` of `values` different bytes, the lower ones more often the larger `skew` is. */
const runs = fc
  .record({
    n: fc.oneof(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 130_000, max: 280_000 })),
    values: fc.constantFrom(1, 2, 3, 40, 256),
    longest: fc.constantFrom(1, 9, 30, 600),
    skew: fc.constantFrom(1, 3, 40),
    seed: fc.integer(),
  })
  .map(({ n, values, longest, skew, seed }) => {
    const random = seededRandom(seed);
    const out = new Uint8Array(n);
    for (let at = 0; at < n;) {
      const end = at + 1 + Math.floor(random() * longest);
      out.fill(random() ** skew * values, at, end);
      at = end;
    }
    return out;
  });

describe("deflate", () => {
  it("gives a stream that inflates to the input, the same as the twin's, and writes nowhere else", () => {
    fc.assert(
      fc.property(runs, (input) => void deflated(input)),
      { numRuns: 150 },
    );
  }, 60_000);

  it("takes noise and zeros of any length", () => {
    const random = seededRandom(1);
    const noise = Uint8Array.from({ length: 600 }, () => random() * 256);
    for (let n = 0; n <= 600; n++) {
      deflated(noise.subarray(0, n));
      deflated(new Uint8Array(n));
    }
  });

  it("takes a single run of any length, wherever it begins", () => {
    for (let length = 1; length < 600; length += 7)
      for (let before = 0; before < 18; before++)
        deflated(Uint8Array.from({ length: before + length + 20 }, (_, i) => (i < before || i >= before + length ? i * 37 : 9)));
  });

  it("stores noise, so that a block of it is longer by less than a thousandth", () => {
    const random = seededRandom(2);
    const noise = Uint8Array.from({ length: 300_000 }, () => random() * 256);
    expect(deflated(noise).length).toBeLessThan(300_100);
    expect(deflated(noise).length).toBeGreaterThan(300_000);
  });

  it("makes a block of one value some hundred times shorter", () => {
    expect(deflated(new Uint8Array(1024 * 1024)).length).toBeLessThan(2500);
  });

  it("limits codes whose weights are Fibonacci's numbers, for which Huffman's longest would have 25 bits", () => {
    const weights = [1, 1];
    while (weights.length < 26) weights.push(weights.slice(-2).reduce((a, b) => a + b, 0));
    const total = weights.reduce((a, b) => a + b, 0);
    const input = new Uint8Array(Math.min(total, 131_072));
    let at = 0;
    // From the rarest on, in an order without runs.
    weights.forEach((weight, symbol) => {
      for (let k = 0; k < weight && at < input.length; k++) input[at++] = symbol;
    });
    const step = 49_999;
    deflated(input.map((_, i) => input[(i * step) % input.length]!));
  });
});
