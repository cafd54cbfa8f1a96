/** Images and grids in CRSs of all kinds against exact.py: by EPSG code, in degrees, and user-defined by geokeys. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec } from "../support/example.ts";
import { writeJob, type JobOptions } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, runScript, type Nearness } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const nearlyEveryPixel: Nearness = { tolerance: 1e-5, within: 0.999, nanMismatch: 1e-4 };
const canberra = "148.2,-35.3";

/** Where the images are put (in EPSG:32755 they stay where they are), the grid, and a region inside the images. */
type Row = {
  readonly name: string;
  readonly layout?: "zones";
  readonly images?: { readonly crs: string; readonly at: string; readonly pixel?: number };
  readonly job: Omit<JobOptions, "scenes">;
  readonly region?: object;
};

const inside = { lon: [148.12, 148.27], lat: [-35.36, -35.26] };
const userDefined = {
  albers: "+proj=aea +lat_0=-20 +lon_0=140 +lat_1=-25 +lat_2=-40 +x_0=1000 +y_0=2000 +ellps=GRS80 +units=m +no_defs",
  laea: "+proj=laea +lat_0=-30 +lon_0=145 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
  lambert: "+proj=lcc +lat_0=-30 +lon_0=145 +lat_1=-25 +lat_2=-40 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
  mercator: "+proj=tmerc +lat_0=0 +lon_0=149 +k=0.99994 +x_0=200000 +y_0=4510193.5 +datum=WGS84 +units=m +no_defs",
  sinusoidal: "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs",
  polarB: "+proj=stere +lat_0=-90 +lat_ts=-75 +lon_0=70 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
  polarA: "+proj=stere +lat_0=90 +lon_0=-40 +k=0.97 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
} as const;

const rows: readonly Row[] = [
  { name: "a UTM grid over two zones, whose images overlap", layout: "zones", job: { crs: "utm" } },
  {
    name: "a UTM grid over two zones, cubic",
    layout: "zones",
    job: { crs: "EPSG:32756", resampling: "cubic" },
    region: { lon: [149.72, 149.8], lat: [-35.3, -35.26] },
  },
  { name: "UTM by rule", job: { crs: "utm" }, region: inside },
  {
    name: "a UTM grid of images in the zone beside",
    images: { crs: "EPSG:32756", at: canberra },
    job: { crs: "EPSG:32755" },
    region: inside,
  },
  { name: "a grid in degrees", job: { crs: "EPSG:4326", resolution: 0.0003 }, region: inside },
  { name: "a grid in degrees, bilinear", job: { crs: "EPSG:4326", resolution: 0.0003, resampling: "bilinear" }, region: inside },
  { name: "a grid in Web Mercator", job: { crs: "EPSG:3857", resolution: 38 }, region: inside },
  { name: "a grid of equal areas (EASE 2)", job: { crs: "EPSG:6933" }, region: inside },
  { name: "Australian Albers of GDA2020", job: { crs: "EPSG:9473" }, region: inside },
  { name: "images in degrees", images: { crs: "EPSG:4326", at: canberra, pixel: 0.0003 }, job: { crs: "EPSG:3577" }, region: inside },
  {
    name: "images in degrees, cubic",
    images: { crs: "EPSG:4326", at: canberra, pixel: 0.0003 },
    job: { crs: "EPSG:3577", resampling: "cubic" },
    region: inside,
  },
  { name: "images in Web Mercator", images: { crs: "EPSG:3857", at: canberra, pixel: 37 }, job: {}, region: inside },
  { name: "images in user-defined Albers", images: { crs: userDefined.albers, at: canberra }, job: {}, region: inside },
  { name: "images in user-defined LAEA", images: { crs: userDefined.laea, at: canberra }, job: { crs: "EPSG:3577" }, region: inside },
  { name: "images in user-defined Lambert", images: { crs: userDefined.lambert, at: canberra }, job: { crs: "EPSG:3577" }, region: inside },
  { name: "images in user-defined transverse Mercator", images: { crs: userDefined.mercator, at: canberra }, job: {}, region: inside },
  {
    name: "images on MODIS' sphere",
    images: { crs: userDefined.sinusoidal, at: "12,45" },
    job: { crs: "EPSG:32633" },
    region: { lon: [11.95, 12.05], lat: [44.97, 45.03] },
  },
  {
    name: "images in user-defined polar stereographic (variant B), a degree from the pole",
    images: { crs: userDefined.polarB, at: "100,-89.2" },
    job: { crs: "EPSG:3031" },
    region: { lon: [97, 103], lat: [-89.23, -89.17] },
  },
  {
    name: "images in user-defined polar stereographic (variant A), onto degrees",
    images: { crs: userDefined.polarA, at: "-45,82" },
    job: { crs: "EPSG:4326", resolution: 0.0005 },
    region: { lon: [-45.2, -44.8], lat: [81.97, 82.03] },
  },
  {
    name: "images of Greenland onto LAEA",
    images: { crs: "EPSG:3413", at: "-45,75" },
    job: { crs: "EPSG:6931" },
    region: { lon: [-45.15, -44.85], lat: [74.96, 75.04] },
  },
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against exact.py", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  async function placed(images: Row["images"], layout: "single" | "zones" = "single"): Promise<string> {
    const made = await scenes({ size: 700, dates: 4, layout });
    if (!images) return made;
    const out = path.join(work, `scenes-${++jobs}`);
    const { crs, at, pixel = 30 } = images;
    const { status, stderr } = await runScript("place_scenes.py", [made, out, `--crs=${crs}`, `--at=${at}`, "--pixel", String(pixel)]);
    if (status !== 0) throw new Error(`place_scenes.py ended with ${status}: ${stderr}`);
    return out;
  }

  it.each(rows)("$name", async ({ images, layout, region, job: jobOptions }) => {
    const name = `job-${++jobs}`;
    const directory = await placed(images, layout);
    const write = (file: string, options: Omit<JobOptions, "scenes">): string => {
      const job = writeJob(work, file, { scenes: directory, ...options });
      if (region) changeSpec(job, (spec) => (spec["region"] = region));
      return job;
    };
    const [ours, theirs] = [path.join(work, name, "ours"), path.join(work, name, "exact")];
    await runJob(write(name, jobOptions), ours);
    await exact(write(`${name}-exact`, { ...jobOptions, ...(jobOptions.crs === "utm" ? { crs: "EPSG:32755" } : {}) }), theirs);
    const groups = await compare(ours, theirs, nearlyEveryPixel);
    expect(groups.map((group) => group.group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });

  it.each(Object.entries(userDefined))(
    "a native grid of user-defined %s is written so that rasterio reads the same CRS",
    async (kind, crs) => {
      const directory = await placed({ crs, at: kind === "polarA" ? "-45,82" : kind === "polarB" ? "100,-80" : canberra });
      const name = `native-${kind.toLowerCase()}`;
      const out = path.join(work, name);
      await runJob(writeJob(work, name, { scenes: directory, crs: "native" }), out);
      const source = readdirSync(directory).find((file) => file.endsWith("_red.tif")) ?? "";
      const { stdout, stderr } = await runScript("same_crs.py", [
        path.join(out, "ndvi_DJF.tif"),
        path.join(directory, source),
        path.join(out, "item.json"),
      ]);
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toMatchObject({ equal: true, sameProj: true, wkt2: true });
      const item = JSON.parse(readFileSync(path.join(out, "item.json"), "utf8")) as { properties: Record<string, unknown> }; // STAC
      expect(item.properties["proj:epsg"]).toBeNull();
      expect(item.properties["proj:wkt2"]).toMatch(/^PROJCRS\["/);
    },
  );
});
