/** The demo's nineteen real scenes against what exact.py made of them (test/fixtures/ndvi-ny-2018-expected). */
import path from "node:path";
import { describe, expect, it } from "vitest";

import { runJob } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { compare, exact, pythonIsReady } from "../support/python.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const job = path.join(projectRoot, "examples/ndvi-ny-2018/job.yaml");
const expected = path.join(projectRoot, "test/fixtures/ndvi-ny-2018-expected");

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("nineteen real Landsat 8 scenes on nineteen grids", () => {
  const out = temporaryDirectory();

  it("give the seasonal NDVI of the answer key, but for pixels at cloud edges", async () => {
    await runJob(job, out);
    const groups = await compare(out, expected, { tolerance: 1e-4, within: 0.99, nanMismatch: 0.002 });
    expect(groups.map((group) => group.group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });

  it("have an answer key that today's exact.py still gives, to the last bit", async () => {
    const again = path.join(out, "exact");
    expect(await exact(job, again)).toEqual({ shape: [121, 99], solarDays: 17 });
    const groups = await compare(again, expected, { tolerance: 0 });
    expect(groups.filter((group) => !group.ok)).toEqual([]);
  });
});
