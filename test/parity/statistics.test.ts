/**
 * Every statistic and every grouping against exact.py, counts too: few days and 447 scenes of 29 years, one scene, a group without an observation.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { writeJob, type JobOptions } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, type Nearness } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const aligned = { tolerance: 1e-6 };
const halfPixelOff = { tolerance: 2e-6 };

const fewDays = { size: 300, dates: 26 } as const;
const decades = { size: 64, dates: 447, first: "1993-02-03", days: 10_585 } as const;
/** Every 14 days at 23:52 UTC: some evenings are another month, season or year by the sun. */
const evenings = { size: 64, dates: 52, time: "23:52:00", first: "2020-11-10", days: 728 } as const;
const allYears = { start: "1990-01-01", end: "2030-12-31" };

const statistics = ["mean", "median", "min", "max", "std", "count"] as const;
const seasons = ["DJF", "MAM", "JJA", "SON"];
const months = Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, "0"));

type Report = { readonly groups: readonly { readonly name: string; readonly min: number | null; readonly validObservations: number }[] };

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against exact.py", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  /** Runs mayfly and exact.py on one job and holds all images and counts to each other; the groups in the order of the report. */
  async function holds(options: JobOptions, within: Nearness): Promise<Report["groups"]> {
    const name = `job-${++jobs}`;
    const job = writeJob(work, name, options);
    const [ours, theirs] = [path.join(work, name, "ours"), path.join(work, name, "exact")];
    await runJob(job, ours);
    await exact(job, theirs, "counts");
    const compared = await compare(ours, theirs, within);
    expect(compared.filter((group) => !group.ok)).toEqual([]);
    const { groups } = JSON.parse(readFileSync(path.join(ours, "report.json"), "utf8")) as Report; // mayfly writes this shape
    expect(compared.map(({ group }) => group).toSorted()).toEqual(groups.flatMap((g) => [g.name, `${g.name}_count`]).toSorted());
    return groups;
  }

  const named = (groups: Report["groups"]) => groups.map(({ name }) => name.replace("ndvi_", ""));

  it.each(statistics)("%s by season, aligned", async (statistic) => {
    const groups = await holds({ scenes: await scenes(fewDays), spec: { reduce: { by: "season", statistic } } }, aligned);
    expect(named(groups)).toEqual(seasons);
  });

  it.each(statistics)("%s by month, half a pixel off, two rows of a path", async (statistic) => {
    const directory = await scenes({ ...fewDays, dates: 13, layout: "rows", offsetMetres: 15 });
    await holds({ scenes: directory, spec: { reduce: { by: "month", statistic } } }, halfPixelOff);
  });

  it.each(statistics)("%s of 447 scenes of 29 years in one", async (statistic) => {
    const spec = { time: allYears, reduce: { by: "all", statistic } };
    expect(named(await holds({ scenes: await scenes(decades), spec }, aligned))).toEqual(["all"]);
  });

  it("std of stored numbers, whose mean is large against their spread, over 447 scenes", async () => {
    const indices = [
      { name: "red", band: "red" },
      { name: "nir", band: "nir08" },
    ];
    // A float32 of some hundred has steps of 3e-5; every pixel is the same float32, but for the last bit of a few.
    const spec = { time: allYears, indices, values: "raw", reduce: { by: "all", statistic: "std" } };
    await holds({ scenes: await scenes(decades), spec }, { tolerance: 1e-4 });
  });

  it.each([
    ["quarter", undefined, ["Q1", "Q2", "Q3", "Q4"]],
    ["month", undefined, months],
    ["season", undefined, seasons],
    ["year", undefined, Array.from({ length: 29 }, (_, i) => String(1993 + i)).concat("2022")],
    ["all", "year", Array.from({ length: 29 }, (_, i) => String(1993 + i)).concat("2022")],
  ])("447 scenes of 29 years by %s, each %s", async (by, each, want) => {
    const spec = { time: allYears, reduce: { by, statistic: "median", ...(each ? { each } : {}) } };
    const groups = await holds({ scenes: await scenes(decades), spec }, aligned);
    expect(named(groups)).toEqual(want.filter((name) => named(groups).includes(name)));
    expect(groups.length).toBeGreaterThanOrEqual(want.length - 1);
  });

  it.each([
    ["season", "utc", ["2021-DJF", "2021-MAM", "2021-JJA", "2021-SON", "2022-DJF", "2022-MAM", "2022-JJA", "2022-SON"]],
    ["season", "solar", ["2021-DJF", "2021-MAM", "2021-JJA", "2021-SON", "2022-DJF", "2022-MAM", "2022-JJA", "2022-SON"]],
    ["month", "utc", ["2020-11", "2020-12", "2021-01"]],
    ["month", "solar", ["2020-11", "2020-12", "2021-01"]],
    ["quarter", "solar", ["2020-Q4", "2021-Q1", "2021-Q2"]],
  ])("each year's %s by the %s calendar, December with the next January", async (by, calendar, wantBegin) => {
    const spec = { time: allYears, reduce: { by, each: "year", calendar, statistic: "count" } };
    const names = named(await holds({ scenes: await scenes(evenings), spec }, aligned));
    const all = by === "season" ? names.slice(1) : names;
    expect(all.slice(0, wantBegin.length)).toEqual(wantBegin);
  });

  it("the two calendars put some days into other groups", async () => {
    const counts = async (calendar: string) => {
      const spec = { time: allYears, reduce: { by: "month", each: "year", calendar, statistic: "mean" } };
      return (await holds({ scenes: await scenes(evenings), spec }, aligned)).map(({ name, validObservations }) => [
        name,
        validObservations,
      ]);
    };
    expect(await counts("solar")).not.toEqual(await counts("utc"));
  });

  it.each(statistics)("%s of one scene", async (statistic) => {
    const groups = await holds({ scenes: await scenes({ size: 300, dates: 1 }), spec: { reduce: { by: "season", statistic } } }, aligned);
    expect(named(groups)).toEqual(["DJF"]);
  });

  it.each(statistics)("%s of groups without any observation: written, empty, and drawn", async (statistic) => {
    // No code has both.
    const mask = [
      { band: "qa_pixel", flags: { cloud: ["high_confidence"] } },
      { band: "qa_pixel", flags: { cloud: ["not_high_confidence"] } },
    ];
    const groups = await holds(
      { scenes: await scenes({ size: 300, dates: 4 }), spec: { mask, reduce: { by: "season", statistic } } },
      aligned,
    );
    expect(named(groups)).toEqual(seasons);
    for (const { min, validObservations } of groups) expect([min, validObservations]).toEqual([statistic === "count" ? 0 : null, 0]);
  });
});
