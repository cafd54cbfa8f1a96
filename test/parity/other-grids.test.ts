/**
 * Grids and images that the answer key's common cases do not have: an output coarser than the images in their own CRS (each axis by itself), far
 * coarser, images moved along one axis, images whose first row is the southernmost. Against exact.py, away from the images' edges where the source
 * box of an output pixel reaches over them: there GDAL's average (seen with 3.10.3) gives the outermost pixel the weight of all that lies outside
 * as well, and takes it even for a box that only touches it; we weigh by area.
 */
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec } from "../support/example.ts";
import { writeJob, type JobOptions } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, runScript, type Nearness } from "../support/python.ts";
import { scenes, type SceneOptions } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Row = {
  readonly name: string;
  readonly scenes?: SceneOptions;
  /** Arguments of move_scenes.py, if the scenes are to be moved. */
  readonly move?: readonly string[];
  readonly job?: Omit<JobOptions, "scenes">;
  readonly region?: object;
  readonly wantWithin?: Nearness;
};

const small = { size: 700, dates: 4 } as const;
const large = { size: 2048, dates: 4 } as const;
const nearlyEveryPixel = { tolerance: 1e-5, within: 0.999, nanMismatch: 1e-4 };
const everyPixel = { tolerance: 2e-6 };
/** Regions within the images, also where they are moved. */
const inside = { lon: [148.12, 148.3], lat: [-35.38, -35.25] };
const farInside = { lon: [148.2, 148.65], lat: [-35.7, -35.3] };

const rows: readonly Row[] = [
  { name: "twice as coarse as the images", job: { resolution: 60 } },
  { name: "one and a half times as coarse", job: { resolution: 45 } },
  { name: "one and a half times as coarse, raw", job: { resolution: 45, values: "raw" } },
  { name: "twice as coarse, half a pixel off", scenes: { ...small, offsetMetres: 15 }, job: { resolution: 60 }, region: inside },
  { name: "four times as coarse", job: { resolution: 120 }, region: inside },
  {
    name: "one and a half times as coarse, half a pixel off, two rows of a path",
    scenes: { ...small, offsetMetres: 15, layout: "rows" },
    job: { resolution: 45 },
  },
  { name: "finer than the images", job: { resolution: 20 } },
  { name: "ten times as coarse, in Australian Albers", scenes: large, job: { resolution: 300, crs: "EPSG:3577" }, region: farInside },
  { name: "a hundred times as coarse", scenes: large, job: { resolution: 3000 } },
  {
    name: "a hundred times as coarse, in Australian Albers",
    scenes: large,
    job: { resolution: 3000, crs: "EPSG:3577" },
    region: farInside,
  },
  { name: "images half a pixel off from south to north alone", move: ["--north", "15"], region: inside, wantWithin: everyPixel },
  { name: "images a third of a pixel off from west to east alone", move: ["--east", "10"], region: inside },
  { name: "images with the south up, aligned", move: ["--south-up"], region: inside, wantWithin: everyPixel },
  {
    name: "images with the south up, half a pixel off from south to north",
    move: ["--south-up", "--north", "15"],
    region: inside,
    wantWithin: everyPixel,
  },
  { name: "images with the south up, twice as coarse", move: ["--south-up"], region: inside, job: { resolution: 60 } },
  { name: "images with the south up, in Australian Albers", move: ["--south-up"], region: inside, job: { crs: "EPSG:3577" } },
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against exact.py", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  async function moved(directory: string, args: readonly string[]): Promise<string> {
    const out = path.join(work, `scenes-${jobs}`);
    const { status, stderr } = await runScript("move_scenes.py", [directory, out, ...args]);
    if (status !== 0) throw new Error(`move_scenes.py ended with ${status}: ${stderr}`);
    return out;
  }

  it.each(rows)("$name", async ({ scenes: sceneOptions = small, move, region, job: jobOptions, wantWithin = nearlyEveryPixel }) => {
    const name = `job-${++jobs}`;
    const made = await scenes(sceneOptions);
    const job = writeJob(work, name, { scenes: move ? await moved(made, move) : made, ...jobOptions });
    if (region) changeSpec(job, (spec) => (spec["region"] = region));
    const [ours, theirs] = [path.join(work, name, "ours"), path.join(work, name, "exact")];
    await runJob(job, ours);
    await exact(job, theirs);
    const groups = await compare(ours, theirs, wantWithin);
    expect(groups.map((group) => group.group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });

  it("takes a day's season from its first scene, even where the region does not reach that", async () => {
    // Two rows of a path, 24 s apart: the first is still of February, the second, where the region lies, of March.
    const made = await scenes({ size: 700, dates: 1, layout: "rows", first: "2021-02-28", time: "23:59:50" });
    const job = writeJob(work, "day-of-two-months", { scenes: made });
    changeSpec(job, (spec) => (spec["region"] = { lon: [148.12, 148.2], lat: [-35.55, -35.46] }));
    const [ours, theirs] = [path.join(work, "day-of-two-months", "ours"), path.join(work, "day-of-two-months", "exact")];
    await runJob(job, ours);
    await exact(job, theirs);
    expect(await compare(ours, theirs, everyPixel)).toMatchObject([{ group: "ndvi_DJF", ok: true }]);
  });
});
