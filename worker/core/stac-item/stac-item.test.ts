import { describe, expect, test } from "vitest";
import { buildStacItem, type Ring, type StacItemInput } from "./stac-item.ts";

const box = (west: number, east: number): Ring => [
  [west, 40],
  [east, 40],
  [east, 42],
  [west, 42],
  [west, 40],
];

function input(over: Partial<StacItemInput> = {}): StacItemInput {
  return {
    id: "ndvi-2018",
    geometry: { type: "Polygon", coordinates: [box(-75, -72)] },
    startTime: "2018-01-06T15:40:12Z",
    endTime: "2018-12-17T15:40:12Z",
    grid: { epsg: 32618, shapeYX: [121, 99], affine: [3000, 0, 411000, 0, -3000, 4722000], pixelSizeMetres: 3000 },
    rasters: [
      { name: "ndvi_DJF.tif", title: "NDVI, DJF", description: "mean NDVI", sampleType: "float32", sha256: "ab".repeat(32), bytes: 1234 },
      {
        name: "ndvi_DJF_count.tif",
        title: "Observations, DJF",
        description: "count",
        sampleType: "uint16",
        sha256: "cd".repeat(32),
        bytes: 99,
      },
    ],
    quicklooks: [{ name: "quicklook_DJF.png", title: "NDVI, DJF", sha256: "ef".repeat(32), bytes: 5 }],
    sources: [{ id: "LC08_1", href: "https://stac.example/items/LC08_1" }, { id: "LC08_2" }],
    processing: { software: { mayfly: "0.1.0" }, lineage: "Seasonal mean NDVI of 2 scenes" },
    ...over,
  };
}

describe("buildStacItem", () => {
  test("says when, where and on which grid", () => {
    expect(buildStacItem(input())).toMatchObject({
      type: "Feature",
      stac_version: "1.0.0",
      id: "ndvi-2018",
      bbox: [-75, 40, -72, 42],
      properties: {
        datetime: null,
        start_datetime: "2018-01-06T15:40:12Z",
        end_datetime: "2018-12-17T15:40:12Z",
        "proj:epsg": 32618,
        "proj:shape": [121, 99],
        "proj:transform": [3000, 0, 411000, 0, -3000, 4722000],
        "processing:software": { mayfly: "0.1.0" },
      },
    });
  });

  test("has an asset a file, named as the file, with its multihash, size and band", () => {
    expect(buildStacItem(input())).toMatchObject({
      assets: {
        ndvi_DJF: {
          href: "./ndvi_DJF.tif",
          roles: ["data"],
          "file:checksum": `1220${"ab".repeat(32)}`,
          "file:size": 1234,
          "raster:bands": [{ data_type: "float32", nodata: "nan", sampling: "area", spatial_resolution: 3000 }],
        },
        ndvi_DJF_count: { "raster:bands": [{ data_type: "uint16", sampling: "area", spatial_resolution: 3000 }] },
        quicklook_DJF: { href: "./quicklook_DJF.png", type: "image/png", roles: ["overview"] },
      },
    });
  });

  test("links every source by its address, or by its id where it has none", () => {
    expect(buildStacItem(input())).toMatchObject({
      links: [
        { rel: "derived_from", href: "https://stac.example/items/LC08_1", title: "LC08_1" },
        { rel: "derived_from", href: "LC08_2", title: "LC08_2" },
      ],
    });
  });

  test.each([
    ["an outline cut at the antimeridian runs from the west of it to the east", [box(178, 180), box(-180, -177)], [178, 40, -177, 42]],
    ["two islands are one box", [box(10, 12), box(-5, -4)], [-5, 40, 12, 42]],
  ])("%s", (_name, rings, want) => {
    expect(buildStacItem(input({ geometry: { type: "MultiPolygon", coordinates: rings.map((ring) => [ring]) } }))).toMatchObject({
      bbox: want,
    });
  });

  test("has no undefined value and no date of its own", () => {
    const item = buildStacItem(input());
    expect(JSON.parse(JSON.stringify(item))).toEqual(item);
    expect(JSON.stringify(item)).not.toMatch(/created|updated|processing:datetime/);
  });
});
