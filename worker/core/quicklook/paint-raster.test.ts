import { describe, expect, test } from "vitest";
import { hexAt, rampFor } from "./colour-ramp.ts";
import { paintRaster, placeImage } from "./paint-raster.ts";

describe("rampFor", () => {
  test("vegetation goes from brown over yellow to green, other indices along viridis", () => {
    const ndvi = rampFor("NDVI");
    expect([0, 1].map((share) => hexAt(ndvi, share))).toEqual(["#6b3e1f", "#0b4a2a"]);
    expect([0, 1].map((share) => hexAt(rampFor("ndwi"), share))).toEqual(["#440154", "#fde725"]);
  });

  test("steps are small everywhere, so that no edge appears where there is none", () => {
    for (const ramp of [rampFor("ndvi"), rampFor("red")]) {
      const steps = Array.from({ length: 255 * 3 }, (_, i) => Math.abs((ramp[i + 3] ?? 0) - (ramp[i] ?? 0)));
      expect(Math.max(...steps)).toBeLessThanOrEqual(6);
    }
  });
});

test("values beyond the stretch take the end colours, and those without observation are grey", () => {
  const ramp = rampFor("ndvi");
  const data = Float32Array.of(-5, 0, 1, 9, Number.NaN);
  const painted = paintRaster({ width: 5, height: 1, data }, { type: "percentiles", low: 0, high: 1, validShare: 0.8 }, ramp);
  const colours = Array.from({ length: 5 }, (_, i) => [...painted.data.subarray(4 * i, 4 * i + 4)]);
  const [brown, green, grey] = [
    [0x6b, 0x3e, 0x1f, 255],
    [0x0b, 0x4a, 0x2a, 255],
    [0xbc, 0xc0, 0xc4, 255],
  ];
  expect(colours).toEqual([brown, brown, green, green, grey]);
});

test("an image lands at its place", () => {
  const canvas = { width: 3, height: 3, data: new Uint8Array(36) };
  placeImage(canvas, { width: 2, height: 1, data: new Uint8Array(8).fill(7) }, { x: 1, y: 2 });
  expect([...canvas.data.entries()].filter(([, byte]) => byte === 7).map(([at]) => at)).toEqual([28, 29, 30, 31, 32, 33, 34, 35]);
});
