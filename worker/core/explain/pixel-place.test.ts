import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geobox } from "../../../test/support/builders.ts";
import { createPointTransform, WGS84 } from "../grid/crs.ts";
import { findPixel } from "./pixel-place.ts";

const albers = geobox({ epsg: 3577, x: 1_300_000, y: -3_900_000, width: 400, height: 300 });
const degrees = geobox({ epsg: 4326, x: 146, y: -35, resolution: 0.5, width: 4, height: 2 });

describe("findPixel", () => {
  it.each([
    ["the upper left corner", 146, -35, [0, 0]],
    ["inside the last pixel", 147.99, -35.99, [1, 3]],
    ["an edge between two columns, which belongs to the right one", 146.5, -35.2, [0, 1]],
  ] as const)("finds %s", (_name, lon, lat, [row, col]) => {
    const found = findPixel(degrees, { type: "lonLat", lon, lat });
    const [x, y] = [146.25 + 0.5 * col, -35.25 - 0.5 * row];
    expect(found).toEqual({ ok: true, value: { row, col, x, y, lon: x, lat: y } });
  });

  it("finds every pixel by its own centre", () => {
    const toWgs84 = createPointTransform(albers.crs, WGS84);
    fc.assert(
      fc.property(fc.nat(299), fc.nat(399), (row, col) => {
        const [x, y] = [1_300_000 + 30 * (col + 0.5), -3_900_000 - 30 * (row + 0.5)];
        const [lon, lat] = toWgs84(x, y);
        const want = { ok: true, value: { row, col, x, y, lon, lat } };
        expect(findPixel(albers, { type: "lonLat", lon, lat })).toEqual(want);
        expect(findPixel(albers, { type: "pixel", row, col })).toEqual(want);
      }),
    );
  });

  it.each([
    ["east of the grid", 148, -35.5],
    ["south of it", 147, -36],
    ["far away", -146, 35],
  ])("refuses a place %s, and says where the grid is", (_name, lon, lat) => {
    const todo = "give LON,LAT within longitude 146.0000 to 148.0000, latitude -36.0000 to -35.0000 (2 x 4 pixels in EPSG:4326)";
    const problem = { what: `${lon},${lat} lies outside the grid`, where: "--at", todo };
    expect(findPixel(degrees, { type: "lonLat", lon, lat })).toEqual({ ok: false, problems: [problem] });
  });

  it.each([
    [-1, 0],
    [0, -1],
    [2, 0],
    [0, 4],
  ])("refuses pixel %d,%d", (row, col) => {
    const todo = "give a row from 0 to 1 and a column from 0 to 3";
    const problem = { what: `pixel ${row},${col} lies outside the grid`, where: "--pixel", todo };
    expect(findPixel(degrees, { type: "pixel", row, col })).toEqual({ ok: false, problems: [problem] });
  });

  it("never answers for a place that the projection maps from elsewhere", () => {
    const grids = [albers, geobox(), geobox({ epsg: 3857, x: 16_200_000, y: -4_200_000 }), degrees];
    const lonLat = fc.tuple(fc.double({ min: -180, max: 180, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true }));
    fc.assert(
      fc.property(fc.constantFrom(...grids), lonLat, (grid, [lon, lat]) => {
        const found = findPixel(grid, { type: "lonLat", lon, lat });
        if (!found.ok) return;
        // The grids here are a few degrees wide, in the south-east of Australia.
        expect(Math.abs(found.value.lon - lon) + Math.abs(found.value.lat - lat)).toBeLessThan(1);
        expect([lon > 140 && lon < 156, lat > -42 && lat < -28]).toEqual([true, true]);
      }),
      { numRuns: 2000 },
    );
  });
});
