import { describe, expect, it } from "vitest";
import { geometryPolygons } from "./geometry.ts";
import { parseComputeJob } from "./parse.ts";
import { regionForm, regionSchema } from "./region.ts";
import { changed, smallJob } from "./sample-manifests.fixture.ts";

const square = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
];
const FORMS = "give one of {lon, lat}, {center, buffer}, {bounds, crs}, {geometry, clip}";
const GEOMETRY = "give a GeoJSON Polygon or MultiPolygon with closed rings of [longitude, latitude]";
const polygon = (coordinates: unknown) => ({ geometry: { type: "Polygon", coordinates } });

describe("region", () => {
  it.each([
    ["edges", { lon: [146, 148], lat: [-37, -35] }, { type: "lonLat", lon: [146, 148], lat: [-37, -35] }],
    ["a center", { center: { lon: 147, lat: -36 }, buffer: 1 }, { type: "lonLat", lon: [146, 148], lat: [-37, -35] }],
    ["a center near a pole", { center: { lon: 179, lat: 89 }, buffer: 2 }, { type: "lonLat", lon: [177, 180], lat: [87, 90] }],
    ["bounds", { bounds: [0, 1, 2, 3], crs: "EPSG:3577" }, { type: "bounds", bounds: [0, 1, 2, 3], crs: "EPSG:3577" }],
    ["a geometry", { ...polygon([square]), clip: true }, { type: "geometry", ...polygon([square]), clip: true }],
    ["a geometry that does not clip", polygon([square]), { type: "geometry", ...polygon([square]), clip: false }],
  ])("may be %s", (_name, region, want) => {
    expect(regionForm(regionSchema.parse(region))).toEqual(want);
  });

  it.each([
    ["nothing", {}, "the region is empty", "spec.region", FORMS],
    ["half a form", { lon: [1, 2] }, "not a form of region: {lon}", "spec.region", FORMS],
    ["two forms", { lon: [1, 2], lat: [1, 2], buffer: 1 }, "not a form of region: {lon, lat, buffer}", "spec.region", FORMS],
    [
      "bounds without a CRS",
      { bounds: [0, 0, 1, 1] },
      "bounds, or x and y, have no crs",
      "spec.region",
      'add the CRS that they are in, as crs: "EPSG:3577"',
    ],
    [
      "clipping without a geometry",
      { lon: [1, 2], lat: [1, 2], clip: true },
      "not a form of region: {lon, lat, clip}",
      "spec.region",
      FORMS,
    ],
    [
      "reversed lon",
      { lon: [2, 1], lat: [1, 2] },
      "lon is not in order",
      "spec.region.lon",
      "put the smaller first: [1, 2]; both must differ",
    ],
    [
      "a lat without extent",
      { lon: [1, 2], lat: [1, 1] },
      "lat is not in order",
      "spec.region.lat",
      "put the smaller first: [1, 1]; both must differ",
    ],
    [
      "lat beyond the pole",
      { lon: [1, 2], lat: [1, 91] },
      "must be at most 90",
      "spec.region.lat[1]",
      "give a latitude of 90 or less instead of 91: are lon and lat swapped?",
    ],
    [
      "lon beyond the line",
      { lon: [-181, 2], lat: [1, 2] },
      "must be at least -180",
      "spec.region.lon[0]",
      "give a number of -180 or more instead of -181",
    ],
    [
      "reversed bounds",
      { bounds: [0, 5, 1, 4], crs: "EPSG:3577" },
      "bounds are not in order",
      "spec.region.bounds",
      "give [xmin, ymin, xmax, ymax] with xmin < xmax and ymin < ymax",
    ],
    [
      "bounds in a CRS without a code",
      { bounds: [0, 0, 1, 1], crs: "3577" },
      'not allowed: "3577"',
      "spec.region.crs",
      "write it as EPSG:<code>, for example EPSG:32755",
    ],
    [
      "a buffer of zero",
      { center: { lon: 1, lat: 2 }, buffer: 0 },
      "must be positive",
      "spec.region.buffer",
      "give a number above 0 instead of 0",
    ],
    ["an open ring", polygon([[...square.slice(0, 3), [5, 5]]]), "a ring is not closed", "spec.region.geometry.coordinates", GEOMETRY],
    ["a short ring", polygon([square.slice(1)]), "a ring has fewer than four positions", "spec.region.geometry.coordinates", GEOMETRY],
    [
      "metres in a ring",
      polygon([square.map(([x = 0, y = 0]) => [x * 1e6, y])]),
      "a position is not [longitude, latitude] in degrees",
      "spec.region.geometry.coordinates",
      GEOMETRY,
    ],
    ["a polygon without rings", polygon([]), "a polygon has no ring", "spec.region.geometry.coordinates", GEOMETRY],
    [
      "no polygon",
      { geometry: { type: "MultiPolygon", coordinates: [] } },
      "the geometry has no polygon",
      "spec.region.geometry.coordinates",
      GEOMETRY,
    ],
    [
      "a point",
      { geometry: { type: "Point", coordinates: [1, 2] } },
      'unknown value "Point"',
      "spec.region.geometry.type",
      "use one of Polygon, MultiPolygon",
    ],
  ])("is not %s", (_name, region, what, where, todo) => {
    expect(parseComputeJob(changed(smallJob, { "spec.region": region }), "cluster")).toEqual({
      ok: false,
      problems: [{ what, where, todo }],
    });
  });
});

describe("geometryPolygons", () => {
  it("gives the rings of a polygon, without heights", () => {
    const ring = square.map((position) => [...position, 100]);
    expect(geometryPolygons({ type: "Polygon", coordinates: [ring] })).toEqual([[square]]);
  });

  it("gives the rings of each polygon", () => {
    expect(geometryPolygons({ type: "MultiPolygon", coordinates: [[square], [square, square]] })).toEqual([[square], [square, square]]);
  });

  it("throws on a geometry that was never parsed", () => {
    expect(() => geometryPolygons({ type: "Polygon", coordinates: [[]] })).toThrow("unparsed geometry");
  });
});
