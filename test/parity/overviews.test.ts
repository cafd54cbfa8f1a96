/** `overviews: auto` against exact.py, which reads the overview that gdalwarp would; and that fewer bytes are read. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec } from "../support/example.ts";
import { writeJob, type JobOptions } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, type Nearness } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const nearlyEveryPixel: Nearness = { tolerance: 1e-5, within: 0.999, nanMismatch: 1e-4 };
const region = { lon: [148.15, 148.45], lat: [-35.5, -35.3] };

/** The share of the bytes without overviews that may be read: flag bands are always read whole. */
type Row = { readonly name: string; readonly job: Omit<JobOptions, "scenes">; readonly wantShare: number };

const rows: readonly Row[] = [
  { name: "as coarse as the first overview: its pixels are copied", job: { resolution: 60 }, wantShare: 0.6 },
  { name: "between the first and the second", job: { resolution: 100 }, wantShare: 0.6 },
  { name: "coarser than the last", job: { resolution: 300 }, wantShare: 0.4 },
  { name: "Australian Albers, bilinear", job: { resolution: 130, crs: "EPSG:3577", resampling: "bilinear" }, wantShare: 0.5 },
  { name: "degrees, nearest", job: { resolution: 0.0012, crs: "EPSG:4326", resampling: "nearest" }, wantShare: 0.6 },
  { name: "as fine as the images: none", job: { resolution: 30 }, wantShare: 1 },
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("stored overviews", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  async function run(options: JobOptions): Promise<{ readonly job: string; readonly out: string; readonly bytesRead: number }> {
    const name = `job-${++jobs}`;
    const job = writeJob(work, name, options);
    changeSpec(job, (spec) => (spec["region"] = region));
    const out = path.join(work, name);
    await runJob(job, out);
    const { bytesRead } = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as { bytesRead: number }; // report.json has it
    return { job, out, bytesRead };
  }

  it.each(rows)("$name", async ({ job: jobOptions, wantShare }) => {
    const directory = await scenes({ size: 1500, dates: 4, overviews: true });
    const auto = await run({ scenes: directory, ...jobOptions, overviews: "auto" });
    const never = await run({ scenes: directory, ...jobOptions, overviews: "never" });
    const theirs = path.join(work, `exact-${jobs}`);
    await exact(auto.job, theirs);
    const groups = await compare(auto.out, theirs, nearlyEveryPixel);
    expect(groups.map((group) => group.group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
    expect(auto.bytesRead / never.bytesRead).toBeLessThanOrEqual(wantShare);
  });
});
