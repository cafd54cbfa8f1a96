import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crs } from "../../../test/support/builders.ts";
import { CRS_TABLE } from "./crs-table.ts";
import { createPointTransform, crsOfDefinition, crsOfEpsg, parseCrs, unwrapLongitude, utmCrsOf } from "./crs.ts";

describe("parseCrs", () => {
  it.each([
    ["EPSG:4326", "WGS 84"],
    ["EPSG:3577", "GDA94 / Australian Albers"],
    ["EPSG:9473", "GDA2020 / Australian Albers"],
    ["EPSG:3857", "WGS 84 / Pseudo-Mercator"],
    ["EPSG:6933", "WGS 84 / NSIDC EASE-Grid 2.0 Global"],
    ["EPSG:32601", "WGS 84 / UTM zone 1N"],
    ["EPSG:32660", "WGS 84 / UTM zone 60N"],
    ["EPSG:32755", "WGS 84 / UTM zone 55S"],
    [" epsg:32618 ", "WGS 84 / UTM zone 18N"],
    ["EPSG:28355", "GDA94 / MGA zone 55"],
    ["EPSG:7855", "GDA2020 / MGA zone 55"],
    ["EPSG:25832", "ETRS89 / UTM zone 32N"],
    ["EPSG:26910", "NAD83 / UTM zone 10N"],
    ["EPSG:3035", "ETRS89-extended / LAEA Europe"],
  ])("knows %s as %s", (text, want) => {
    expect(parseCrs(text, "spec.grid.crs")).toMatchObject({ ok: true, value: { name: want } });
  });

  it.each([
    ["EPSG:32600"],
    ["EPSG:32661"],
    ["EPSG:26924"],
    ["EPSG:32700"],
    ["EPSG:32761"],
    ["EPSG:0"],
    ["EPSG:28347"],
    ["EPSG:4267"],
    ["EPSG:"],
    ["3577"],
    ["EPSG:3577.5"],
    ["+proj=longlat"],
    [""],
  ])("refuses %j and says what there is", (text) => {
    const zones = "32601-32660, 32701-32760, 26901-26923, 25828-25837, 28348-28358, 7846-7859";
    const todo = expect.stringMatching(new RegExp(`^use native, utm, or EPSG:n with n one of ${zones}, 4326, .*3577, 9473, 3857,.* 6933,`));
    expect(parseCrs(text, "spec.grid.crs")).toEqual({
      ok: false,
      problems: [{ what: `unknown CRS ${JSON.stringify(text)}`, where: "spec.grid.crs", todo }],
    });
  });

  it("says which are geographic, whose unit is the degree", () => {
    expect(crsOfEpsg(4326)?.type).toBe("geographic");
    expect(crsOfEpsg(3577)?.type).toBe("projected");
  });
});

describe("utmCrsOf", () => {
  it.each([
    [147, -36, 32755],
    [143.999, -36, 32754],
    [144, -36, 32755],
    [-74, 40.7, 32618],
    [-180, 1, 32601],
    [180, 1, 32660],
    [3, 0, 32631],
    [5, 60, 32631],
  ])("at %d, %d is EPSG:%d, without Norway's exception", (longitude, latitude, want) => {
    expect(utmCrsOf(longitude, latitude).epsg).toBe(want);
  });
});

describe("createPointTransform", () => {
  // Wanted values: pyproj 3 (PROJ), always_xy.
  it.each([
    [4326, 32755, [146.05, -35.05], [413362.330872874, 6120999.593796194]],
    [4326, 32755, [148.05, -37.05], [593365.107297794, 5899065.460200772]],
    [4326, 32755, [147, -36], [500000, 6016051.546664335]],
    [4326, 3577, [146.05, -35.05], [1275831.91158772, -3897907.824908107]],
    [4326, 3577, [148.05, -37.05], [1428747.897579499, -4139419.318022557]],
    [4326, 3577, [132, -25], [0, -2702570.960463589]],
    [4326, 3577, [115.5, -31.9], [-1542438.158292564, -3575886.989784478]],
    [32755, 3577, [500000, 5900000], [1335772.405538911, -4127643.983914512]],
    [4326, 32618, [-73.9, 40.7], [592930.73778652, 4506036.84182907]],
    [4326, 3857, [147, -36], [16363965.146611214, -4300621.372044271]],
    [4326, 6933, [147, -36], [14183483.196881786, -4303002.386389839]],
    [4326, 9473, [147, -36], [1349350.087177859, -4012534.053726664]],
  ] as const)("from EPSG:%d to EPSG:%d agrees with PROJ to a tenth of a millimetre, there and back", (from, to, [x, y], want) => {
    const forward = createPointTransform(crs(from), crs(to))(x, y);
    expect(Math.hypot(forward[0] - want[0], forward[1] - want[1])).toBeLessThan(1e-4);
    const back = createPointTransform(crs(to), crs(from))(...forward);
    expect(Math.hypot(back[0] - x, back[1] - y)).toBeLessThan(from === 4326 ? 1e-9 : 1e-4);
  });

  it("is exactly the identity between equal CRSs", () => {
    expect(createPointTransform(crs(32755), crs(32755))(0.1 + 0.2, 1 / 3)).toEqual([0.1 + 0.2, 1 / 3]);
  });

  it.each([
    ["that is not a number", 4326, 32755, [Number.NaN, -36]],
    ["that is infinite", 4326, 32755, [147, Number.NEGATIVE_INFINITY]],
    ["at the pole, which Mercator has not", 4326, 3857, [0, 90]],
    ["in a corner around the disc of equal areas", 6931, 32633, [12_000_000, 12_000_000]],
    ["north of the world in EASE 2", 6933, 32633, [0, 8_000_000]],
  ] as const)("has no answer for a point %s", (_name, from, to, [x, y]) => {
    expect(createPointTransform(crs(from), crs(to))(x, y)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("any point between any two CRSs", () => {
  const codes = [...CRS_TABLE.map(([epsg]) => epsg), 32601, 32760];

  it("has an answer or none, and throws for no number", () => {
    const number = fc.oneof(
      fc.double(),
      fc.double({ min: -3e7, max: 3e7 }),
      fc.constantFrom(0, -0, 90, -90, 180, -180, 20037508.342789244),
    );
    fc.assert(
      fc.property(fc.constantFrom(...codes), fc.constantFrom(...codes), number, number, (from, to, x, y) => {
        const [u, v] = createPointTransform(crs(from), crs(to))(x, y);
        if (from !== to) expect(Number.isFinite(u)).toBe(Number.isFinite(v));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("unwrapLongitude", () => {
  it.each([
    [-179, 175, 181],
    [179, -175, -181],
    [10, 0, 10],
    [370, 0, 10],
    [-75, 720, 645],
  ])("%d beside %d is %d", (longitude, middle, want) => {
    expect(unwrapLongitude(longitude, middle)).toBe(want);
  });
});

describe("crsOfDefinition", () => {
  it("finds the table's CRS whatever the order of the words, and no other", () => {
    const words = "+proj=stere +lat_ts=-71 +lat_0=-90 +lon_0=0 +y_0=0 +x_0=0 +datum=WGS84 +units=m";
    expect(crsOfDefinition(words)?.id).toBe("EPSG:3031");
    expect(crsOfDefinition(words.replace("-71", "-70.5"))).toBeUndefined();
  });
});
