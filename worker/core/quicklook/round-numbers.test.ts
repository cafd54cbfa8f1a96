import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { roundDown, roundTicks, scaleBar, writeLength, writeNumber } from "./round-numbers.ts";

test.each([
  [9.99, 5],
  [10, 10],
  [0.3, 0.2],
  [0.2, 0.2],
  [4999, 2000],
])("the largest round number up to %d is %d", (limit, want) => {
  expect(roundDown(limit)).toBeCloseTo(want, 12);
});

test("ticks are round, inside, and at most a part of the way apart", () => {
  expect(roundTicks(-0.06, 0.58, 5).values.map((value) => writeNumber(value, 0.1))).toEqual(["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
  const range = fc.tuple(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.double({ min: 1e-3, max: 1e5, noNaN: true }));
  fc.assert(
    fc.property(range, ([low, width]) => {
      const { values, step } = roundTicks(low, low + width, 3);
      expect(step).toBeLessThanOrEqual((width / 3) * (1 + 1e-6));
      expect(values.length).toBeGreaterThanOrEqual(2);
      expect(values.length).toBeLessThanOrEqual(10);
      for (const value of values) expect(value >= low - step * 1e-3 && value <= low + width + step * 1e-3).toBe(true);
    }),
  );
});

test.each([
  [0.1 + 0.2, 0.1, "0.3"],
  [-0.06, 0.01, "−0.06"],
  [-0.0001, 0.1, "0.0"],
  [12345, 1000, "12,345"],
  [-1234.5, 0.1, "−1,234.5"],
  [1e-9, 1e-10, "1.00e−9"],
  [-2.5e12, 1e11, "−2.50e12"],
])("%d in steps of %d is written %s", (value, step, want) => {
  expect(writeNumber(value, step)).toBe(want);
});

describe("lengths", () => {
  test.each([
    [30, false, "30 m"],
    [0.5, false, "0.5 m"],
    [1500, false, "1.5 km"],
    [200_000, false, "200 km"],
    [0.00025, true, "0.00025°"],
    [0.00026949458523585647, true, "0.000269495°"],
    [10, true, "10°"],
  ])("%d is written as %s", (length, degrees, want) => {
    expect(writeLength(length, degrees)).toBe(want);
  });

  test("a scale bar is round and never longer than its room", () => {
    expect(scaleBar(375, 220, false)).toEqual({ pixels: expect.closeTo(133.33, 2), label: "50 km" });
    expect(scaleBar(61.6, 220, false)).toEqual({ pixels: expect.closeTo(162.34, 2), label: "10 km" });
  });
});
