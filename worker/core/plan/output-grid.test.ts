import { describe, expect, it } from "vitest";
import { crs, geobox, jobSpec, scene, sourceRaster } from "../../../test/support/builders.ts";
import { outputGrid } from "./output-grid.ts";

const REGION = { lon: [146.05, 148.05], lat: [-37.05, -35.05] };

/** The grid of a job with these fields, over one default scene unless others are given. */
function gridOf(fields: Readonly<Record<string, unknown>>, scenes = [scene()]) {
  const { grid, region } = jobSpec({ region: REGION, ...fields });
  return outputGrid(grid, region, scenes);
}

const box = (epsg: number, [x, y, resolution]: readonly [number, number, number], [height, width]: readonly [number, number]) => ({
  ok: true,
  value: { crs: crs(epsg), affine: [resolution, 0, x, 0, -resolution, y], height, width },
});

describe("outputGrid of a region in longitude and latitude", () => {
  // Wanted values: pyproj's transform_bounds with 5000 points an edge, snapped outward.
  it.each([
    ["in UTM at 30 m", { grid: { crs: "EPSG:32755", resolution: 30 } }, box(32755, [413_340, 6_121_440, 30], [7413, 6081])],
    ["in Albers at 30 m", { grid: { crs: "EPSG:3577", resolution: 30 } }, box(3577, [1_251_480, -3_897_900, 30], [8051, 6836])],
  ])("covers its bent edges %s", (_name, fields, want) => {
    const grid = gridOf(fields);
    expect(grid.ok && [grid.value.affine, grid.value.height, grid.value.width]).toEqual([
      want.value.affine,
      want.value.height,
      want.value.width,
    ]);
  });
});

describe("outputGrid", () => {
  const bounds = { bounds: [600_000, 5_900_000, 601_000, 5_900_500], crs: "EPSG:32755" };

  it.each([
    ["snaps bounds in the grid's own CRS outward", { region: bounds }, box(32755, [600_000, 5_900_520, 30], [18, 34])],
    [
      "puts centres on multiples where asked",
      { region: bounds, grid: { crs: "EPSG:32755", resolution: 30, anchor: "center" } },
      box(32755, [599_985, 5_900_505, 30], [17, 34]),
    ],
    [
      "in degrees keeps edges that lie on pixels",
      { grid: { crs: "EPSG:4326", resolution: 0.05 } },
      box(4326, [146.05, -35.05, 0.05], [40, 40]),
    ],
    [
      "takes a center and its buffer",
      { region: { center: { lon: 147, lat: -36 }, buffer: 0.5 }, grid: { crs: "EPSG:4326", resolution: 0.1 } },
      box(4326, [146.5, -35.5, 0.1], [10, 10]),
    ],
    [
      "takes the bounds of all polygons of a geometry",
      {
        region: {
          geometry: {
            type: "MultiPolygon",
            coordinates: [
              [
                [
                  [146, -36],
                  [147, -36],
                  [147, -35],
                  [146, -36],
                ],
              ],
              [
                [
                  [148, -38],
                  [149, -38],
                  [149, -37],
                  [148, -38],
                ],
              ],
            ],
          },
        },
        grid: { crs: "EPSG:4326", resolution: 0.5 },
      },
      box(4326, [146, -35, 0.5], [6, 6]),
    ],
    [
      "takes the zone of the region's middle for utm",
      { grid: { crs: "utm", resolution: 1000 } },
      { ok: true, value: { crs: { epsg: 32755 } } },
    ],
    [
      "takes the southern zone of bounds in another CRS for utm",
      { region: { bounds: [1_300_000, -4_000_000, 1_301_000, -3_999_000], crs: "EPSG:3577" }, grid: { crs: "utm", resolution: 1000 } },
      { ok: true, value: { crs: { epsg: 32755 } } },
    ],
  ])("%s", (_name, fields, want) => {
    const grid = gridOf(fields);
    expect(grid).toMatchObject({ ok: true, value: { crs: want.value.crs } });
    if (!grid.ok || !("affine" in want.value)) return;
    grid.value.affine.forEach((number, i) => expect(number).toBeCloseTo((want.value as typeof grid.value).affine[i] ?? Number.NaN, 9));
    expect([grid.value.height, grid.value.width]).toEqual([want.value.height, want.value.width]);
  });

  it("has two resolutions where asked", () => {
    const grid = gridOf({ region: bounds, grid: { crs: "EPSG:32755", resolutionXY: [10, 50] } });
    expect(grid).toEqual(box2([10, 0, 600_000, 0, -50, 5_900_500], 10, 100));
  });

  it("without a region covers the images of all scenes", () => {
    const scenes = [
      geobox({ x: 300_000, y: 6_000_000, height: 100, width: 100 }),
      geobox({ x: 303_000, y: 5_997_015, height: 100, width: 100 }),
    ].map((box) => scene({ box }));
    expect(gridOf({ region: undefined }, scenes)).toEqual(box(32755, [300_000, 6_000_000, 30], [200, 200]));
  });

  it("native is the items' own lattice, whose edges lie 15 m off the multiples of 30", () => {
    const scenes = [scene(), scene({ box: geobox({ x: 399_885 + 300, y: 6_130_515 - 900 }) })];
    expect(gridOf({ region: { ...bounds }, grid: { crs: "native" } }, scenes)).toEqual(box(32755, [599_985, 5_900_505, 30], [17, 34]));
  });

  it("native without a region is exactly the image", () => {
    expect(gridOf({ region: undefined, grid: { crs: "native" } })).toEqual({ ok: true, value: geobox() });
  });
});

describe("outputGrid says what is wrong", () => {
  const nir = (box = geobox()) => [sourceRaster({ box }), sourceRaster({ box })];

  it.each([
    [
      "an unknown CRS",
      { grid: { crs: "EPSG:4267", resolution: 30 } },
      [scene()],
      'unknown CRS "EPSG:4267"',
      "spec.grid.crs",
      /^use native, utm, or EPSG:n/,
    ],
    [
      "an unknown CRS of the bounds",
      { region: { bounds: [0, 0, 1, 1], crs: "EPSG:1" } },
      [scene()],
      'unknown CRS "EPSG:1"',
      "spec.region.crs",
      /^use native, utm, or EPSG:n/,
    ],
    [
      "a region that the projection has not",
      { region: { lon: [0, 10], lat: [80, 90] }, grid: { crs: "EPSG:3857", resolution: 3000 } },
      [scene()],
      "the region cannot be projected to WGS 84 / Pseudo-Mercator",
      "spec.region",
      /^choose a CRS/,
    ],
    [
      "a grid that is too large",
      { grid: { crs: "EPSG:32755", resolution: 0.1 } },
      [scene()],
      /^a grid of \d+ x \d+ pixels is too large$/,
      "spec.grid.resolution",
      /^use a coarser/,
    ],
    [
      "native with a resolution",
      { grid: { crs: "native", resolution: 30 } },
      [scene()],
      "crs native with a resolution or anchor",
      "spec.grid",
      /^native is the items' own/,
    ],
    ["native without items", { grid: { crs: "native" } }, [], "native without items", "spec.grid.crs", /^name a CRS$/],
    [
      "native of two zones and a lattice half a pixel off, with counts",
      { grid: { crs: "native" } },
      [
        scene({ rasters: nir() }),
        scene({ rasters: nir() }),
        scene({ rasters: nir(geobox({ epsg: 32754 })) }),
        scene({ rasters: nir(geobox({ x: 399_900, y: 6_130_515 })) }),
      ],
      "the items' bands have 3 CRSs or lattices",
      "spec.grid.crs native",
      /^name a CRS and resolution. Found: EPSG:32755 30 x 30 offset 15, 15 \(4\); EPSG:32754 30 x 30 offset 15, 15 \(2\); EPSG:32755 30 x 30 offset 0, 15 \(2\)$/,
    ],
  ])("of %s", (_name, fields, scenes, what, where, todo) => {
    const matching = (text: string | RegExp) => (typeof text === "string" ? text : expect.stringMatching(text));
    expect(gridOf(fields, scenes)).toEqual({ ok: false, problems: [{ what: matching(what), where, todo: matching(todo) }] });
  });
});

function box2(affine: readonly number[], height: number, width: number) {
  return { ok: true, value: { crs: crs(32755), affine, height, width } };
}
