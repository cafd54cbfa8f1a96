/**
 * Made-up scenes against exact.py: every layout, resampled or not. The tolerances are those of the contract; only pixels at
 * the edges of clouds and of the data may fall on either side in another projection, where a centre lies on a pixel's border.
 */
import path from "node:path";
import { describe, expect, it } from "vitest";

import { writeJob, type JobOptions } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, reference, type Nearness } from "../support/python.ts";
import { scenes, type SceneOptions } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Row = {
  readonly name: string;
  readonly scenes: SceneOptions;
  readonly job?: Omit<JobOptions, "scenes">;
  readonly wantWithin: Nearness;
};

const small = { size: 700, dates: 4 } as const;
const everyPixel = { tolerance: 1e-6 };
const albers = { crs: "EPSG:3577" } as const;
const nearlyEveryPixel = { tolerance: 1e-5, within: 0.999, nanMismatch: 1e-4 };

const rows: readonly Row[] = [
  { name: "one footprint, aligned, as reflectance", scenes: { ...small }, wantWithin: everyPixel },
  { name: "one footprint, aligned, raw", scenes: { ...small }, job: { values: "raw" }, wantWithin: everyPixel },
  { name: "two rows of a path, aligned, as reflectance", scenes: { ...small, layout: "rows" }, wantWithin: everyPixel },
  { name: "two rows of a path, aligned, raw", scenes: { ...small, layout: "rows" }, job: { values: "raw" }, wantWithin: everyPixel },
  { name: "half a pixel off, as reflectance", scenes: { ...small, offsetMetres: 15 }, wantWithin: { tolerance: 2e-6 } },
  { name: "half a pixel off, raw", scenes: { ...small, offsetMetres: 15 }, job: { values: "raw" }, wantWithin: { tolerance: 2e-6 } },
  {
    name: "half a pixel off, two rows of a path",
    scenes: { ...small, offsetMetres: 15, layout: "rows" },
    wantWithin: { tolerance: 2e-6 },
  },
  { name: "one footprint in Australian Albers", scenes: { ...small }, job: albers, wantWithin: nearlyEveryPixel },
  {
    name: "one footprint in Australian Albers, raw",
    scenes: { ...small },
    job: { ...albers, values: "raw" },
    wantWithin: nearlyEveryPixel,
  },
  { name: "two UTM zones in Australian Albers", scenes: { ...small, layout: "zones" }, job: albers, wantWithin: nearlyEveryPixel },
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against exact.py", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  /** Runs mayfly and exact.py on one job; the directories of both results. */
  async function both(options: JobOptions, exactOptions: JobOptions = options): Promise<{ ours: string; theirs: string; job: string }> {
    const name = `job-${++jobs}`;
    const job = writeJob(work, name, options);
    const [ours, theirs] = [path.join(work, name, "ours"), path.join(work, name, "exact")];
    await runJob(job, ours);
    await exact(writeJob(work, `${name}-exact`, exactOptions), theirs);
    return { ours, theirs, job };
  }

  it.each(rows)("$name", async ({ scenes: sceneOptions, job, wantWithin }) => {
    const { ours, theirs } = await both({ scenes: await scenes(sceneOptions), ...job });
    const groups = await compare(ours, theirs, wantWithin);
    expect(groups).not.toEqual([]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });

  it("an evening in UTC that is the next day, and the next season, by the sun goes where xarray puts it", async () => {
    // every 14 days at 23:52 UTC: 31 August is 1 September by the sun, and summer by its label
    const options = { scenes: await scenes({ size: 256, dates: 26, time: "23:52:00" }) };
    const { ours, theirs, job } = await both(options);
    const dask = path.join(work, "evening-dask");
    await reference(job, dask);
    for (const want of [theirs, dask]) {
      const groups = await compare(ours, want, everyPixel);
      expect(groups.map((group) => group.group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
      expect(groups.filter((group) => !group.ok)).toEqual([]);
    }
  });

  it("crs: native on whole multiples of 30 m is the aligned grid", async () => {
    const directory = await scenes({ ...small });
    const { ours, theirs } = await both({ scenes: directory, crs: "native" }, { scenes: directory });
    const aligned = path.join(work, "aligned");
    await runJob(writeJob(work, "aligned", { scenes: directory }), aligned);
    expect((await compare(ours, theirs, everyPixel)).filter((group) => !group.ok)).toEqual([]);
    expect((await compare(ours, aligned, { tolerance: 0 })).filter((group) => !group.ok)).toEqual([]);
  });

  it("crs: native keeps the scenes' own lattice, 15 m off, and so does anchor: center", async () => {
    const directory = await scenes({ ...small, offsetMetres: 15 });
    const { ours, theirs } = await both({ scenes: directory, crs: "native" }, { scenes: directory, anchor: "center" });
    const centred = path.join(work, "centred");
    await runJob(writeJob(work, "centred", { scenes: directory, anchor: "center" }), centred);
    expect((await compare(ours, theirs, everyPixel)).filter((group) => !group.ok)).toEqual([]);
    expect((await compare(ours, centred, { tolerance: 0 })).filter((group) => !group.ok)).toEqual([]);
  });
});
