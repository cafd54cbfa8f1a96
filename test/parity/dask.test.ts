/** The notebook's own stack, reference.py, on aligned grids: there it warps nothing and its answer is exact. */
import path from "node:path";
import { describe, expect, it } from "vitest";

import { writeJob } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, pythonIsReady, reference } from "../support/python.ts";
import { scenes, type SceneOptions } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const rows: readonly { readonly name: string; readonly scenes: SceneOptions; readonly tolerance: number }[] = [
  { name: "one observation a season", scenes: { size: 700, dates: 4 }, tolerance: 0 },
  // Dask adds up in float32, we in float64. (4.8e-7 was seen where dark water gives an NDVI far above 1.)
  { name: "three observations a season, two rows of a path", scenes: { size: 700, dates: 12, layout: "rows" }, tolerance: 1e-6 },
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against Dask, odc-stac and xarray on an aligned grid", () => {
  const work = temporaryDirectory();

  it.each(rows)("$name", async ({ name, scenes: sceneOptions, tolerance }) => {
    const key = name.replaceAll(/\W+/g, "-");
    const job = writeJob(work, key, { scenes: await scenes(sceneOptions) });
    const [ours, theirs] = [path.join(work, `${key}-ours`), path.join(work, `${key}-dask`)];
    await runJob(job, ours);
    await reference(job, theirs);
    const groups = await compare(ours, theirs, { tolerance });
    expect(groups).not.toEqual([]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });
});
