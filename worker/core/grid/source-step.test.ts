import { describe, expect, it } from "vitest";
import { geobox } from "../../../test/support/builders.ts";
import { filterShape, sourceStep } from "./source-step.ts";

describe("sourceStep", () => {
  it("is the ratio of the resolutions in one CRS", () => {
    expect(sourceStep(geobox({ resolution: 90 }), geobox())).toEqual([3, 3]);
    expect(sourceStep(geobox({ resolution: 20 }), geobox())).toEqual([20 / 30, 20 / 30]);
  });

  it("is about one between CRSs of one resolution, though one is turned by nine degrees", () => {
    const [x, y] = sourceStep(geobox({ epsg: 3577, x: 1_200_000, y: -3_900_000 }), geobox());
    expect(x).toBeGreaterThan(0.95);
    expect(x).toBeLessThan(1.05);
    expect(y).toBeCloseTo(x, 1);
  });

  it("is one where the image has no place on the grid", () => {
    expect(
      sourceStep(geobox({ epsg: 3857, x: 0, y: 0 }), geobox({ epsg: 4326, x: 0, y: 95, resolution: 0.01, height: 10, width: 10 })),
    ).toEqual([1, 1]);
  });
});

describe("filterShape", () => {
  it.each([
    ["finer than the image", [0.6, 0.7], 1, { wide: false, scaleXY: [1, 1], radiusXY: [1, 1] }],
    ["within 0.05 of it", [1.04, 1.01], 2, { wide: false, scaleXY: [1, 1], radiusXY: [2, 2] }],
    ["three times as coarse, about", [3.03, 2.97], 1, { wide: true, scaleXY: [1 / 3, 1 / 3], radiusXY: [3, 3] }],
    ["one and a half times as coarse", [1.5, 1.5], 2, { wide: true, scaleXY: [1 / 1.5, 1 / 1.5], radiusXY: [3, 3] }],
    ["coarser along y alone", [1, 2], 1, { wide: true, scaleXY: [1, 0.5], radiusXY: [1, 2] }],
  ] as const)("%s", (_name, step, radius, want) => {
    expect(filterShape(step, radius)).toEqual(want);
  });
});
