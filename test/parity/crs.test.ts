/** Every CRS of the table, and projections that geokeys may define, against PROJ (pyproj): 2,000 places each, there within a micrometre and back within twenty. */
import { beforeAll, describe, expect, it } from "vitest";

import { type Crs, createPointTransform, crsOfEpsg, WGS84 } from "../../worker/core/grid/crs.ts";
import { CRS_TABLE, UTM_RULES } from "../../worker/core/grid/crs-table.ts";
import { pythonIsReady, runScript } from "../support/python.ts";

const codes = [
  ...CRS_TABLE.map(([epsg]) => epsg),
  ...UTM_RULES.flatMap(({ base, zones: [first, last] }) => [base + first, base + Math.floor((first + last) / 2), base + last]),
].filter((epsg) => crsOfEpsg(epsg)?.type === "projected");

const strings = [
  "+proj=aea +lat_0=-12 +lon_0=-54 +lat_1=-2 +lat_2=-22 +x_0=5000000 +y_0=10000000 +ellps=GRS80 +units=m +no_defs",
  "+proj=laea +lat_0=5 +lon_0=20 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
  "+proj=stere +lat_0=90 +lat_ts=75 +lon_0=-100 +x_0=10 +y_0=20 +datum=WGS84 +units=m +no_defs",
  "+proj=stere +lat_0=-90 +lon_0=39 +k=0.99 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs",
  "+proj=cea +lat_ts=45 +lon_0=10 +x_0=0 +y_0=0 +a=6371228 +b=6371228 +units=m +no_defs",
  "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +a=6371007.181 +b=6371007.181 +units=m +no_defs",
];

function ofString(definition: string): Crs {
  return { type: "projected", id: definition, epsg: undefined, name: definition, definition };
}

type Place = readonly [longitude: number, latitude: number, x: number, y: number];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against PROJ", () => {
  let places: Readonly<Record<string, readonly Place[]>> = {};

  beforeAll(async () => {
    const { status, stdout, stderr } = await runScript("crs_points.py", [...codes.map(String), ...strings]);
    if (status !== 0) throw new Error(stderr);
    places = JSON.parse(stdout) as typeof places; // what crs_points.py prints
  });

  it.each([...codes.map(String), ...strings])("%s", (name) => {
    const crs = /^\d+$/.test(name) ? crsOfEpsg(Number(name)) : ofString(name);
    const found = places[name] ?? [];
    expect(found.length).toBeGreaterThan(1900);
    if (!crs) throw new Error(`No EPSG:${name}`);
    const [forward, back] = [createPointTransform(WGS84, crs), createPointTransform(crs, WGS84)];
    let [there, again] = [0, 0];
    for (const [lon, lat, x, y] of found) {
      const [u, v] = forward(lon, lat);
      // NaN must not pass.
      there = Math.max(there, Number.isNaN(u) ? Infinity : Math.hypot(u - x, v - y));
      const [p, q] = back(x, y);
      const metres = Math.hypot((((p - lon + 540) % 360) - 180) * Math.cos((lat * Math.PI) / 180), q - lat) * 111_320;
      again = Math.max(again, Number.isNaN(p) ? Infinity : metres);
    }
    expect(there).toBeLessThan(1e-6);
    expect(again).toBeLessThan(2e-5);
  });
});
