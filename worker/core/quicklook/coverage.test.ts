import fc from "fast-check";
import { expect, test } from "vitest";
import { coverageOf } from "./coverage.ts";

/** Clockwise on a page whose y goes down. */
function box(left: number, top: number, right: number, bottom: number): readonly number[] {
  return [left, top, right, top, right, bottom, left, bottom];
}

function reversed(contour: readonly number[]): readonly number[] {
  return Array.from({ length: contour.length }, (_, i) => contour[contour.length - 2 - (i - (i % 2)) + (i % 2)] ?? 0);
}

/** The shares of the pixels of a window. */
function sharesIn(contours: readonly (readonly number[])[], width: number, height: number): readonly number[] {
  const { x, y, ...found } = coverageOf(contours);
  return Array.from({ length: width * height }, (_, i) => {
    const [col, row] = [(i % width) - x, Math.floor(i / width) - y];
    const inside = col >= 0 && row >= 0 && col < found.width && row < found.height;
    return inside ? Number(found.shares[row * found.width + col]?.toFixed(5)) : 0;
  });
}

test.each([
  ["whole pixels", [box(1, 0, 3, 1)], [0, 1, 1, 0, 0, 0, 0, 0]],
  ["parts of pixels", [box(0.5, 0.25, 2.25, 1.5)], [0.375, 0.75, 0.1875, 0, 0.25, 0.5, 0.125, 0]],
  ["a slope through several pixels", [[0, 0, 4, 1, 0, 1]], [0.875, 0.625, 0.375, 0.125, 0, 0, 0, 0]],
  ["a hole winds the other way", [box(0, 0, 4, 2), reversed(box(1, 0, 2.5, 2))], [1, 0, 0.5, 1, 1, 0, 0.5, 1]],
  ["two shapes over each other cover once", [box(0, 0, 2, 1), box(1, 0, 3, 1)], [1, 1, 1, 0, 0, 0, 0, 0]],
  ["a slope too flat for its height to divide by", [[0, 0, 3, 5e-324, 3, 1, 0, 1]], [1, 1, 1, 0, 0, 0, 0, 0]],
  ["nothing", [], [0, 0, 0, 0, 0, 0, 0, 0]],
])("%s", (_name, contours, want) => {
  expect(sharesIn(contours, 4, 2)).toEqual(want);
});

test("all shares of a triangle are its area, whichever way it winds and wherever it lies", () => {
  const corner = fc.double({ min: -20, max: 20, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(corner, corner, corner, corner, corner, corner), (triangle) => {
      const [x0, y0, x1, y1, x2, y2] = triangle;
      const area = Math.abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2;
      const sum = coverageOf([triangle]).shares.reduce((total, share) => total + share, 0);
      expect(Math.abs(sum - area)).toBeLessThan(0.01);
    }),
  );
});
