import { describe, expect, it } from "vitest";
import { searchesOf, searchQuery } from "./search-request.ts";

const stac = { url: "https://example.com" };
const searches = (...[region, time]: [Parameters<typeof searchesOf>[1]?, Parameters<typeof searchesOf>[2]?]) => {
  const made = searchesOf(stac, region, time);
  return made.ok ? made.value : made.problems;
};
const polygon = (positions: readonly (readonly [number, number])[]) => ({ type: "Polygon" as const, coordinates: [positions] });
const triangle = polygon([
  [1, 2],
  [3, 2],
  [3, 5],
  [1, 2],
]);
const circle = polygon(Array.from({ length: 1500 }, (_, i) => [Math.cos((i % 1499) / 238.6), Math.sin((i % 1499) / 238.6)] as const));

describe("searchesOf", () => {
  it.each([
    ["a year", { start: "2021", end: "2021" }, "2021-01-01T00:00:00Z/2022-01-01T00:00:00Z"],
    ["a month on", { start: "2021-03" }, "2021-03-01T00:00:00Z/.."],
    ["until a day", { end: "2021-02-28" }, "../2021-03-01T00:00:00Z"],
    ["moments", { start: "2021-03-05T10:00:00+10:00", end: "2021-03-05T00:00:01Z" }, "2021-03-05T00:00:00Z/2021-03-05T00:00:01.001Z"],
  ])("asks for %s", (_name, time, want) => {
    expect(searches(undefined, time)).toEqual([{ datetime: want }]);
  });

  it("asks for all where neither region nor time is given", () => {
    expect(searches()).toEqual([{}]);
  });

  it.each([
    ["the bounds of a geometry that fills its bounds", { geometry: triangle }, { bbox: [1, 2, 3, 5] }],
    ["a geometry that clips", { geometry: triangle, clip: true }, { intersects: triangle }],
    ["a center", { center: { lon: 10, lat: 20 }, buffer: 1 }, { bbox: [9, 19, 11, 21] }],
  ])("asks for %s", (_name, region, want) => {
    expect(searches(region)).toEqual([want]);
  });

  it("asks for the bounds of a geometry with very many positions", () => {
    expect(searches({ geometry: circle, clip: true })).toMatchObject([
      { bbox: [expect.closeTo(-1, 2), expect.closeTo(-1, 2), 1, expect.closeTo(1, 2)] },
    ]);
  });

  it("says what is wrong with bounds outside their CRS", () => {
    expect(searches({ bounds: [0, 1e9, 1, 2e9], crs: "EPSG:6933" })).toMatchObject([
      { what: "the region has no longitudes and latitudes" },
    ]);
  });
});

describe("searchQuery", () => {
  it("has lists by commas, objects as JSON, a geometry by its bounds", () => {
    const parameters = { collections: ["a", "b"], limit: 10, intersects: triangle, filter: { op: "=" }, "filter-lang": "cql2-json" };
    expect(Object.fromEntries(searchQuery(parameters))).toEqual({
      collections: "a,b",
      limit: "10",
      filter: '{"op":"="}',
      "filter-lang": "cql2-json",
      bbox: "1,2,3,5",
    });
  });
});
