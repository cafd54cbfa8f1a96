import { describe, expect, it } from "vitest";
import { geobox, jobRequest, jobSpec, product, scene, sourceRaster } from "../../../test/support/builders.ts";
import { chunkCount } from "./chunks.ts";
import { jobHash } from "./job-hash.ts";
import { type Plan, planJob } from "./plan.ts";
import type { Scene } from "./scene.ts";

const MIB = 1024 * 1024;
const REGION = { lon: [146.05, 148.05], lat: [-37.05, -35.05] };
const DAY_MS = 86_400_000;
const MASKED = { mask: [{ band: "qa_pixel", flags: { cloud: ["not_high_confidence"] } }] };

/** A year of one Landsat path: 60 passes, six days apart, each of two scenes that follow by 24 seconds and share some rows. */
const madeUpYear: readonly Scene[] = Array.from({ length: 60 }, (_, pass) => {
  const first = Date.parse("2021-01-01T00:05:30Z") + pass * 6 * DAY_MS;
  return [0, 1].map((row) =>
    scene({
      id: `LC08_091${85 + row}_${pass}`,
      time: new Date(first + row * 24_000).toISOString(),
      box: geobox({ y: 6_130_515 - row * 155_400 }),
    }),
  );
}).flat();

function planOf(fields: Readonly<Record<string, unknown>>, scenes: readonly Scene[]): Plan {
  const plan = planJob(jobSpec(fields), jobRequest(fields), scenes);
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
  return plan.value;
}

describe("planJob of a made-up year over two degrees in UTM at 30 m", () => {
  it.each([
    ["whole extent: 60 chunks a band of about 86 MiB", { time: 1 }, 60, 86, 7413, 6081],
    ["2048 pixels: 720 chunks of 8 MiB", { time: 1, height: 2048, width: 2048 }, 720, 8, 2048, 2048],
  ])("in chunks of %s", (_name, chunks, wantChunks, wantMiB, height, width) => {
    const plan = planOf({ region: REGION, chunks }, madeUpYear);
    expect([plan.scenes.length, plan.scenesOutside, plan.days.length]).toEqual([120, 0, 60]);
    expect(plan.chunks).toEqual({ time: 1, height, width });
    expect(chunkCount(plan.chunks, plan.grid, plan.days.length)).toBe(wantChunks);
    const chunkMiB = (plan.chunks.time * plan.chunks.height * plan.chunks.width * Uint16Array.BYTES_PER_ELEMENT) / MIB;
    expect(chunkMiB).toBeCloseTo(wantMiB, 1);
  });

  it("has four seasons of fifteen or so days, each day of two scenes, and a reduction for each tile of each", () => {
    const plan = planOf({ region: REGION, chunks: { time: 1, height: 2048, width: 2048 } }, madeUpYear);
    expect(plan.groups.map(({ name, days }) => [name, days.length])).toEqual([
      ["DJF", 14],
      ["MAM", 16],
      ["JJA", 15],
      ["SON", 15],
    ]);
    expect(plan.days.every(({ scenes }) => scenes.length === 2)).toBe(true);
    expect(plan.reductions).toHaveLength(4 * 12);
    expect(plan.reductions[11]?.tile).toEqual({ row0: 6144, col0: 4096, row1: 7413, col1: 6081 });
  });
});

describe("planJob", () => {
  const bounds = { bounds: [450_000, 6_000_000, 460_000, 6_010_000], crs: "EPSG:32755" };

  it("leaves out the scenes that do not touch the grid, and says how many", () => {
    const away = scene({ id: "away", box: geobox({ x: 700_000 }) });
    const plan = planOf({ region: bounds }, [scene({ id: "here" }), away]);
    expect([plan.scenes.map(({ id }) => id), plan.scenesOutside]).toEqual([["here"], 1]);
  });

  it("keeps a scene that reaches the grid from another zone", () => {
    const plan = planOf({ region: bounds }, [scene({ box: geobox({ epsg: 32754, x: 950_000, y: 6_030_000 }) })]);
    expect(plan.scenes).toHaveLength(1);
  });

  it("takes solar days by the grid's longitude", () => {
    const times = ["2021-02-28T23:52:00Z", "2021-03-01T00:05:00Z"].map((time) => scene({ id: time, time }));
    const plan = planOf({ region: bounds }, times);
    expect(plan.days.map(({ date, scenes }) => [date, scenes.length])).toEqual([["2021-03-01", 2]]);
    expect(plan.groups.map(({ name }) => name)).toEqual(["DJF"]);
  });

  describe("of a day whose first scene lies outside", () => {
    const first = scene({ id: "first", time: "2021-02-28T23:59:50Z", box: geobox({ x: 700_000 }) });
    const second = scene({ id: "second", time: "2021-03-01T00:00:14Z" });
    const plan = planOf({ region: bounds }, [first, second]);

    it("labels the day by the first scene all the same, and leaves that scene out", () => {
      expect([plan.scenes.map(({ id }) => id), plan.scenesOutside]).toEqual([["second"], 1]);
      expect(plan.groups.map(({ name }) => name)).toEqual(["DJF"]);
      expect(plan.days).toEqual([{ name: "2021-03-01", date: "2021-03-01", labelMs: first.timeMs, scenes: [second] }]);
    });

    it("is another job than without that scene, since the season is another", () => {
      const alone = planOf({ region: bounds }, [second]);
      const spec = jobSpec({ region: bounds });
      expect(alone.groups.map(({ name }) => name)).toEqual(["MAM"]);
      expect(jobHash(spec, product(), plan)).not.toBe(jobHash(spec, product(), alone));
      const later = scene({ id: "later", time: "2021-04-01T00:05:30Z", box: geobox({ x: 700_000 }) });
      expect(jobHash(spec, product(), planOf({ region: bounds }, [second, later]))).toBe(jobHash(spec, product(), alone));
    });
  });

  it("leaves out the days of which every scene lies outside", () => {
    const away = scene({ id: "away", time: "2021-06-01T00:05:30Z", box: geobox({ x: 700_000 }) });
    const plan = planOf({ region: bounds }, [scene({ id: "here" }), away]);
    expect([plan.days.length, plan.groups.map(({ name }) => name)]).toEqual([1, ["DJF"]]);
  });

  it("refuses a region outside all items", () => {
    const spec = jobSpec({ region: { bounds: [0, 0, 3000, 3000], crs: "EPSG:32755" } });
    expect(planJob(spec, jobRequest(), [scene(), scene()])).toEqual({
      ok: false,
      problems: [
        {
          what: "the region lies outside all items",
          where: "spec.region",
          todo: "none of the 2 items touches it: check lon, lat and time",
        },
      ],
    });
  });

  it.each([
    ["average", 30_000, true],
    ["average", 90_000, false],
    ["cubic", 90_000, false],
    ["nearest", 90_000, true],
  ])("with %s of images at 30 m takes a grid of %d m: %j", (resampling, resolution, want) => {
    const fields = { resampling: { "*": resampling } };
    const planned = planJob(jobSpec({ ...fields, grid: { crs: "EPSG:32755", resolution } }), jobRequest(fields), [scene()]);
    expect(planned.ok).toBe(want);
    if (!planned.ok)
      expect(planned.problems[0]).toMatchObject({ where: "spec.grid.resolution", what: expect.stringContaining("of item LC08") as string });
  });

  it("keeps a scene across the antimeridian from a grid that goes on to the east of it", () => {
    const fiji = geobox({ epsg: 32701, x: 200_000, y: 8_200_000 });
    const fields = { region: { bounds: [179.5, -17, 180.5, -16.5], crs: "EPSG:4326" }, grid: { crs: "EPSG:4326", resolution: 0.001 } };
    expect(planOf(fields, [scene({ box: fiji })]).scenes).toHaveLength(1);
  });

  it("takes an overview in the place of a measurement, never of flags", () => {
    const box = geobox();
    const overview = sourceRaster({ box: { ...box, affine: [60, 0, box.affine[2], 0, -60, box.affine[5]], height: 3500, width: 3500 } });
    const rasters = [0, 1, 2].map(() => ({ ...sourceRaster({ box }), overviews: [overview] }));
    const grid = { crs: "EPSG:32755", resolution: 90 };
    const widths = (overviews: string) =>
      planOf({ ...MASKED, grid: { ...grid, overviews } }, [scene({ rasters })]).scenes[0]?.rasters.map((raster) => raster.box.width);
    expect(widths("auto")).toEqual([3500, 3500, 7000]);
    expect(widths("never")).toEqual([7000, 7000, 7000]);
  });

  it("passes on what is wrong with the grid", () => {
    const planned = planJob(jobSpec({ region: bounds, grid: { crs: "EPSG:1", resolution: 30 } }), jobRequest(), [scene()]);
    expect(planned).toMatchObject({ ok: false, problems: [{ what: 'unknown CRS "EPSG:1"' }] });
  });
});
