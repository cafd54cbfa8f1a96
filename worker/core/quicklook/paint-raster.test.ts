import { expect, test } from "vitest";
import { type Canvas, createCanvas, rowOf } from "./canvas.ts";
import { rampColours } from "./colour-ramp.ts";
import { paintRaster } from "./paint-raster.ts";
import type { Raster } from "./picture.ts";

const paper = 0xffffff;
const stretch = { type: "percentiles", low: 0, high: 1, validShare: 0.8 } as const;
const [firstIndex, empty] = [10, 5];
const nan = Number.NaN;

/** The indices of a canvas on which a raster was painted into a map. */
function painted(raster: Raster, map: { x: number; y: number; width: number; height: number }): readonly (readonly number[])[] {
  const canvas: Canvas = createCanvas({ width: 6, height: 4 }, new Uint8Array(), paper);
  paintRaster(canvas, raster, { map, stretch, firstIndex, empty });
  return [0, 1, 2, 3].map((row) => [...rowOf(canvas, row, 0, 6)]);
}

test("values beyond the stretch take the end colours, and those without observation their own", () => {
  const data = Float32Array.of(-5, 0, 0.5, 1, 9, nan);
  const [row] = painted({ width: 6, height: 1, data }, { x: 0, y: 0, width: 6, height: 1 });
  const last = firstIndex + rampColours - 1;
  expect(row).toEqual([firstIndex, firstIndex, firstIndex + rampColours / 2, last, last, empty]);
});

test("an infinite value is no observation", () => {
  const data = Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0);
  expect(painted({ width: 6, height: 1, data }, { x: 0, y: 0, width: 6, height: 1 })[0]?.slice(0, 3)).toEqual([empty, empty, firstIndex]);
});

test("the map lands at its place, enlarged, and nothing else is touched", () => {
  const raster = { width: 2, height: 1, data: Float32Array.of(nan, 0) };
  expect(painted(raster, { x: 1, y: 2, width: 4, height: 2 })).toEqual([
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [0, empty, empty, firstIndex, firstIndex, 0],
    [0, empty, empty, firstIndex, firstIndex, 0],
  ]);
});
