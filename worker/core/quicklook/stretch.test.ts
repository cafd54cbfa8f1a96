import fc from "fast-check";
import { expect, test } from "vitest";
import { stretchOf } from "./stretch.ts";

test.each([
  ["an image without any value is empty", [Number.NaN, Number.POSITIVE_INFINITY], { type: "empty", low: 0, high: 1, validShare: 0 }],
  [
    "one value stands in the middle of a small range",
    [0.5, Number.NaN, 0.5],
    { type: "constant", low: 0.45, high: 0.55, validShare: 2 / 3 },
  ],
  ["nothing but zero still has a range", [0, -0], { type: "constant", low: -0.1, high: 0.1, validShare: 1 }],
  ["two values span their range", [1, 2], { type: "percentiles", low: 1, high: 2, validShare: 1 }],
  [
    "one value with a rare other one shows the whole range",
    [...new Array<number>(200).fill(3), 8],
    { type: "range", low: 3, high: 8, validShare: 1 },
  ],
])("%s", (_name, values, want) => {
  const { low, high, ...rest } = stretchOf(Float32Array.from(values));
  const { low: wantLow, high: wantHigh, ...wantRest } = want;
  expect(rest).toEqual(wantRest);
  expect([low, high]).toEqual([expect.closeTo(wantLow, 6), expect.closeTo(wantHigh, 6)]);
});

test("a wild value does not move the ends", () => {
  const values = Float32Array.from({ length: 1001 }, (_, i) => (i === 500 ? 1e30 : i / 1000));
  expect(stretchOf(values)).toMatchObject({ type: "percentiles", low: expect.closeTo(0.02, 3), high: expect.closeTo(0.981, 3) });
});

test("ends are the values of rank 2 % and 98 % among the finite ones, whatever their signs and sizes", () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, maxLength: 300 }), (values) => {
      const sorted = values.filter(Number.isFinite).sort();
      const stretch = stretchOf(values);
      if (stretch.type !== "percentiles") return;
      expect(stretch.low).toBe(sorted[Math.round(0.02 * (sorted.length - 1))]);
      expect(stretch.high).toBe(sorted[Math.round(0.98 * (sorted.length - 1))]);
    }),
  );
});
