import { describe, expect, it } from "vitest";
import { crs, geobox } from "../../../test/support/builders.ts";
import { geographicBounds, splitAtAntimeridian, unwrapLongitudes } from "./geographic-bounds.ts";
import { centroidLongitude } from "./geobox.ts";
import { rectangle } from "./outline.ts";

const ring = (epsg: number, [xmin, ymin, xmax, ymax]: readonly [number, number, number, number]) => ({
  crs: crs(epsg),
  ring: rectangle({ xmin, ymin, xmax, ymax }),
});
const rounded = (b: ReturnType<typeof geographicBounds>) => b && [b.xmin, b.ymin, b.xmax, b.ymax].map((n) => Math.round(n * 10) / 10);

describe("geographicBounds", () => {
  // Wanted values of projected ones: pyproj 3.7's transform_bounds with densify_pts 256.
  it.each([
    ["of longitudes and latitudes are exactly these", [ring(4326, [146.05, -37.05, 148.05, -35.05])], [146.1, -37, 148.1, -35]],
    ["of the whole globe", [ring(4326, [-180, -90, 180, 90])], [-180, -90, 180, 90]],
    ["of a rectangle in Albers", [ring(3577, [1_300_000, -4_000_000, 1_301_000, -3_999_000])], [146.4, -35.9, 146.5, -35.9]],
    ["over the antimeridian go on past 180", [ring(32660, [600_000, 6_000_000, 900_000, 6_100_000])], [178.5, 54, 183.2, 55]],
    ["from zone 1 too", [ring(32601, [200_000, 6_000_000, 400_000, 6_100_000])], [178.3, 54.1, 181.5, 55]],
    [
      "of two parts cut at the antimeridian lie across it",
      [ring(4326, [178, -20, 180, -16]), ring(4326, [-180, -20, -179, -16])],
      [178, -20, 181, -16],
    ],
    ["of two parts far from each other do not", [ring(4326, [-120, 30, -119, 31]), ring(4326, [20, 30, 21, 31])], [-120, 30, 21, 31]],
  ] as const)("%s", (_name, outlines, want) => {
    expect(rounded(geographicBounds(outlines))).toEqual(want);
  });

  it("are unknown where a point has no longitude", () => {
    expect(geographicBounds([ring(6933, [0, 1e9, 1, 2e9])])).toBeUndefined();
  });

  it.each([
    ["within stay one", { xmin: 1, xmax: 2 }, [{ xmin: 1, xmax: 2 }]],
    [
      "across are two",
      { xmin: 178, xmax: 183 },
      [
        { xmin: 178, xmax: 180 },
        { xmin: -180, xmax: -177 },
      ],
    ],
    ["around the globe are all of it", { xmin: -180, xmax: 180 }, [{ xmin: -180, xmax: 180 }]],
  ])("%s", (_name, x, want) => {
    const y = { ymin: -1, ymax: 1 };
    expect(splitAtAntimeridian({ ...x, ...y })).toEqual(want.map((part) => ({ ...part, ...y })));
  });

  it("unwraps longitudes that pass the antimeridian both ways", () => {
    const points = [179, -179, -178, 179].map((x) => [x, 0] as const);
    expect(unwrapLongitudes(points).map(([x]) => x)).toEqual([179, 181, 182, 179]);
  });
});

describe("centroidLongitude", () => {
  // odc-geo 0.5.3: GeoBox.geographic_extent.centroid.
  it.each([
    ["across the antimeridian", geobox({ epsg: 32660, x: 700_000, y: 6_050_000, height: 100, width: 100 }), -179.8847],
    ["inside a zone", geobox(), 147.0541],
  ])("%s", (_name, box, want) => {
    const longitude = centroidLongitude(box);
    expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
    expect(longitude).toBeCloseTo(want, 3);
  });
});
