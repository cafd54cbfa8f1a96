import { describe, expect, it } from "vitest";
import { decodePackBits } from "./pack-bits.ts";

function decode(input: readonly number[], bytes: number): readonly number[] {
  const out = new Uint8Array(bytes + 4).fill(0xa5);
  const length = decodePackBits(Uint8Array.from(input), out.subarray(0, bytes));
  expect([...out.subarray(bytes)]).toEqual([0xa5, 0xa5, 0xa5, 0xa5]);
  return [...out.subarray(0, length)];
}

describe("decodePackBits", () => {
  it.each([
    ["the example of Apple's Technical Note 1023", [0xfe, 0xaa, 2, 0x80, 0, 0x2a, 0xfd, 0xaa, 3, 0x80, 0, 0x2a, 0x22, 0xf7, 0xaa], 24],
    ["a head of 128 is nothing", [128, 0, 7], 1],
    ["a run past the end is cut", [0x81, 9], 5],
    ["a literal past the end is cut", [4, 1, 2, 3, 4, 5], 3],
  ] as const)("%s", (_name, input, bytes) => {
    expect(decode(input, bytes).length).toBe(bytes);
  });

  it.each([
    ["ends in a literal", [4, 1, 2], [1, 2]],
    ["ends in a run", [0, 7, 0xfe], [7]],
    ["is empty", [], []],
  ] as const)("gives what is there of input that %s", (_name, input, want) => {
    expect(decode(input, 9)).toEqual(want);
  });
});
