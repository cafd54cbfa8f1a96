/**
 * Bilinear, cubic and nearest against exact.py, whose WarpedVRT is told the filters' scale (XSCALE, YSCALE): GDAL's default guesses it anew for each
 * chunk. What cannot match is where a centre lies on a pixel's edge or centre line to the last bit: there noise decides which pixels GDAL looks at, so that
 * beside clouds and fill cubic may fall back to bilinear in one and not in the other.
 */
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec } from "../support/example.ts";
import { writeJob, type JobOptions } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, type Nearness } from "../support/python.ts";
import { scenes, type SceneOptions } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Row = {
  readonly name: string;
  readonly scenes?: SceneOptions;
  readonly job: Omit<JobOptions, "scenes">;
  readonly region?: object;
  readonly wantWithin?: Nearness;
};

const small = { size: 700, dates: 4 } as const;
const halfPixel = { ...small, offsetMetres: 15 } as const;
const nearlyEveryPixel = { tolerance: 1e-5, within: 0.999, nanMismatch: 1e-4 };
const everyPixel = { tolerance: 2e-6 };
const inside = { lon: [148.12, 148.3], lat: [-35.38, -35.25] };

const grids = [
  { name: "aligned", job: {}, wantWithin: everyPixel },
  { name: "half a pixel off", scenes: halfPixel, job: {}, region: inside, wantWithin: everyPixel },
  { name: "30 m to 90 m", job: { resolution: 90 }, region: inside },
  { name: "30 m to 45 m, half a pixel off", scenes: halfPixel, job: { resolution: 45 }, region: inside },
  { name: "30 m to 20 m", job: { resolution: 20 } },
  { name: "Australian Albers", job: { crs: "EPSG:3577" } },
  { name: "Australian Albers at 100 m, two UTM zones", scenes: { ...small, layout: "zones" }, job: { crs: "EPSG:3577", resolution: 100 } },
] as const satisfies readonly Row[];

const rows: readonly Row[] = [
  ...(["bilinear", "cubic", "nearest"] as const).flatMap((resampling) =>
    grids.map((row): Row => ({ ...row, name: `${resampling}: ${row.name}`, job: { ...row.job, resampling } })),
  ),
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against exact.py", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  it.each(rows)("$name", async ({ scenes: sceneOptions = small, region, job: jobOptions, wantWithin = nearlyEveryPixel }) => {
    const name = `job-${++jobs}`;
    const job = writeJob(work, name, { scenes: await scenes(sceneOptions), ...jobOptions });
    if (region) changeSpec(job, (spec) => (spec["region"] = region));
    const [ours, theirs] = [path.join(work, name, "ours"), path.join(work, name, "exact")];
    await runJob(job, ours);
    await exact(job, theirs);
    const groups = await compare(ours, theirs, wantWithin);
    expect(groups.map((group) => group.group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });
});
