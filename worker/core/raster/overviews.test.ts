import { describe, expect, it } from "vitest";
import { geobox, sourceRaster } from "../../../test/support/builders.ts";
import { isOverviewOf, overviewBox, pickOverview } from "./overviews.ts";

const image = { height: 701, width: 1000 };

describe("isOverviewOf", () => {
  it.each([
    ["half of it, rounded up", { kind: 1, height: 351, width: 500 }, true],
    ["half of it, rounded down", { kind: 1, height: 350, width: 500 }, true],
    ["an eighth", { kind: 1, height: 88, width: 125 }, true],
    ["another page", { kind: 0, height: 351, width: 500 }, false],
    ["a mask of an overview", { kind: 5, height: 351, width: 500 }, false],
    ["a mask", { kind: 4, height: 701, width: 1000 }, false],
    ["as large as the image", { kind: 1, height: 701, width: 1000 }, false],
    ["larger", { kind: 1, height: 1402, width: 2000 }, false],
    ["of another shape", { kind: 1, height: 100, width: 500 }, false],
    ["empty", { kind: 1, height: 0, width: 500 }, false],
  ])("%s: %j is %j", (_name, directory, want) => {
    expect(isOverviewOf(directory, image)).toBe(want);
  });
});

describe("pickOverview", () => {
  const box = geobox({ height: 7000, width: 7000 });
  const overviews = [3500, 1750, 875].map((side) => sourceRaster({ box: overviewBox(box, { height: side, width: side }) }));
  const raster = { ...sourceRaster({ box }), overviews };

  it("cuts the image's extent into its own pixels", () => {
    expect(overviews[1]?.box.affine).toEqual([120, 0, 399_885, 0, -120, 6_130_515]);
    expect(overviewBox(geobox({ height: 701, width: 1000 }), { height: 351, width: 500 }).affine[4]).toBeCloseTo((-30 * 701) / 351, 12);
  });

  it.each([
    [30, 7000],
    [45, 7000],
    [56, 7000],
    [58, 3500],
    [60, 3500],
    [100, 3500],
    [120, 1750],
    [900, 875],
  ])("for a grid of %d m it is the one of %d pixels", (resolution, want) => {
    expect(pickOverview(geobox({ resolution }), raster).box.width).toBe(want);
  });

  it("without overviews it is the image", () => {
    expect(pickOverview(geobox({ resolution: 900 }), sourceRaster({ box })).box.width).toBe(7000);
  });
});
