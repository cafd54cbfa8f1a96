import { describe, expect, test } from "vitest";
import { averageRow, fitTo, isSameRow, type ShownSize, shownSize } from "./fit-raster.ts";
import type { Raster } from "./picture.ts";

const nan = Number.NaN;
const room = { width: 1120, height: 1000 };

test.each([
  ["a small raster grows by a whole multiple", 99, 121, [30, 30], { width: 792, height: 968 }],
  ["one a little smaller than the room fills it", 700, 500, [30, 30], { width: 1120, height: 800 }],
  ["a large one shrinks to the room", 2300, 2000, [30, 30], { width: 1120, height: 974 }],
  ["a strip keeps at least one pixel", 100_000, 3, [30, 30], { width: 1120, height: 1 }],
  ["one pixel fills the height", 1, 1, [30, 30], { width: 1000, height: 1000 }],
  ["oblong pixels keep their shape on the ground", 100, 100, [10, 20], { width: 500, height: 1000 }],
] as const)("%s", (_name, width, height, resolution, want) => {
  expect(shownSize({ width, height }, resolution, room)).toEqual(want);
});

/** All rows as they are shown, each worked out for itself. */
function shown(raster: Raster, size: ShownSize): readonly number[] {
  const fit = fitTo(raster, size);
  const means = { values: new Float64Array(fit.means), counts: new Uint32Array(fit.means) };
  return Array.from({ length: size.height }, (_, row) => {
    averageRow(raster, fit, row, means);
    return [...fit.shownMean].map((mean) => means.values[mean]!);
  }).flat();
}

describe("a raster in another size", () => {
  const raster = { width: 4, height: 2, data: Float32Array.of(1, 2, nan, nan, 3, 4, nan, 8) };

  test("averages the finite values of each box; a box without any stays without", () => {
    expect(shown(raster, { width: 2, height: 1 })).toEqual([2.5, 8]);
    expect(shown(raster, { width: 2, height: 2 })).toEqual([1.5, nan, 3.5, 8]);
  });

  test("repeats pixels when enlarging", () => {
    expect(shown(raster, { width: 8, height: 2 })).toEqual([1, 1, 2, 2, nan, nan, nan, nan, 3, 3, 4, 4, nan, nan, 8, 8]);
    expect(shown(raster, { width: 4, height: 4 })).toEqual([1, 2, nan, nan, 1, 2, nan, nan, 3, 4, nan, 8, 3, 4, nan, 8]);
  });

  test("same size changes nothing but infinities, which are no observation", () => {
    const data = Float32Array.of(1, Number.POSITIVE_INFINITY, -2, nan);
    expect(shown({ width: 2, height: 2, data }, { width: 2, height: 2 })).toEqual([1, nan, -2, nan]);
  });

  test("every source pixel is used exactly once when shrinking", () => {
    const data = Float32Array.from({ length: 7 * 5 }, (_, i) => i);
    expect(shown({ width: 7, height: 5, data }, { width: 1, height: 1 })).toEqual([17]);
    const columns = shown({ width: 7, height: 5, data }, { width: 3, height: 1 });
    expect(columns.map((mean, i) => mean * [10, 10, 15][i]!)).toEqual([145, 165, 285]);
  });

  test("rows with the same pixels behind them are told", () => {
    const fit = fitTo(raster, { width: 4, height: 4 });
    expect([0, 1, 2, 3].map((row) => isSameRow(fit, row))).toEqual([false, true, false, true]);
    const less = fitTo({ width: 4, height: 4 }, { width: 4, height: 2 });
    expect([0, 1].map((row) => isSameRow(less, row))).toEqual([false, false]);
  });
});
