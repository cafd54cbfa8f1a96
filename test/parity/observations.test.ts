/** groupBy: time and id against odc.stac.load's groupby of the same names (reference.py), on an aligned grid, where it is exact. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec } from "../support/example.ts";
import { writeJob } from "../support/job.ts";
import { planOf, runJob } from "../support/mayfly.ts";
import { compare, pythonIsReady, reference } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type List = { features: { id: string; properties: { datetime: string }; assets: Record<string, { href: string }> }[] };

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("observations", () => {
  const work = temporaryDirectory();

  /** Two rows of a path, of each second date at the very same moment, else 24 s apart; hrefs made absolute. */
  async function madeScenes(): Promise<string> {
    const made = await scenes({ size: 700, dates: 12, layout: "rows" });
    const list = JSON.parse(readFileSync(path.join(made, "items.json"), "utf8")) as List; // make_scenes.py's items
    const byDate = Map.groupBy(list.features, ({ properties }) => properties.datetime.slice(0, 10));
    [...byDate.values()].forEach((pair, date) => {
      for (const { assets } of pair) for (const asset of Object.values(assets)) asset.href = path.resolve(made, asset.href);
      if (date % 2 === 0) for (const { properties } of pair) properties.datetime = pair[0]?.properties.datetime ?? "";
    });
    const directory = path.join(work, "scenes");
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, "items.json"), JSON.stringify(list));
    return directory;
  }

  it.each([
    ["time", 18],
    ["id", 24],
    ["solar_day", 12],
  ] as const)("by %s", async (groupBy, wantObservations) => {
    const job = writeJob(work, groupBy.replace("_", "-"), { scenes: await madeScenes() });
    changeSpec(job, (spec) => (spec["groupBy"] = groupBy));
    const { groups, solarDays } = await planOf(job);
    expect([solarDays, groups.reduce((sum, { days }) => sum + new Set(days).size, 0)]).toEqual([wantObservations, wantObservations]);
    const [ours, theirs] = [path.join(work, `${groupBy}-ours`), path.join(work, `${groupBy}-odc`)];
    await runJob(job, ours);
    await reference(job, theirs);
    const compared = await compare(ours, theirs, { tolerance: 1e-6 });
    expect(compared.map(({ group, ok }) => [group, ok])).toEqual(["DJF", "JJA", "MAM", "SON"].map((season) => [`ndvi_${season}`, true]));
  });
});
