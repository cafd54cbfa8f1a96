/** What comes out beside the pixels for statistics, groupings and indices other than the demo's: names, words, report, memory. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeItems, changeSpec, copyExample, exampleJob, type ExampleItem } from "../support/example.ts";
import { mayfly, runJob, set, stdoutOf } from "../support/mayfly.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();

type Group = {
  readonly name: string;
  readonly days: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
};
type Result = {
  readonly report: { readonly groups: readonly Group[]; readonly files: readonly { readonly name: string }[] };
  readonly assets: Readonly<Record<string, { readonly title: string; readonly description?: string }>>;
};

async function resultOf(job: string, out: string, settings: readonly string[]): Promise<Result> {
  await runJob(job, out, set(...settings));
  const read = (name: string): unknown => JSON.parse(readFileSync(path.join(out, name), "utf8"));
  const { assets } = read("item.json") as Pick<Result, "assets">; // mayfly writes this shape
  return { report: read("report.json") as Result["report"], assets };
}

describe("a job of two indices and months", () => {
  it("writes an image of each for each month in order, says what they are, and draws the first", async () => {
    const out = path.join(work, "months");
    const job = copyExample(path.join(work, "two"));
    changeSpec(job, (spec) => delete spec["index"]);
    const settings = ["spec.indices=[{name: red, band: red}, {name: ndvi}]", "spec.reduce={by: month, statistic: median}"];
    const { report, assets } = await resultOf(job, out, settings);
    const months = ["01", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
    expect(report.groups.map(({ name }) => name)).toEqual(months.flatMap((month) => [`red_${month}`, `ndvi_${month}`]));
    expect(report.files.map(({ name }) => name).filter((name) => name.endsWith(".png"))).toEqual(
      months.map((month) => `quicklook_${month}.png`),
    );
    expect(assets["red_04"]).toMatchObject({ title: "RED median 04", description: "Median red of valid observations, 04" });
    expect(assets["ndvi_04_count"]).toMatchObject({ title: "NDVI 04, valid observations" });
    expect(readFileSync(path.join(out, "red_04.tif")).includes("red 04 median")).toBe(true);
  });
});

describe("the count of observations", () => {
  it("is a number, 0 too, in every pixel of the grid and of no other", async () => {
    const { report, assets } = await resultOf(exampleJob, path.join(work, "count"), ["spec.reduce={by: all, statistic: count}"]);
    const [all] = report.groups;
    expect(all).toMatchObject({ name: "ndvi_all", days: 17, min: 0 });
    expect(Number.isInteger(all?.max)).toBe(true);
    expect(assets["ndvi_all"]).toMatchObject({ title: "NDVI count all", description: "Number of valid observations of ndvi, all" });
  });
});

describe("a difference over a sum of 0", () => {
  it("is infinite in the image as in numpy, and null in the report", async () => {
    const job = copyExample(path.join(work, "infinite"));
    // A red number of 9000 and a near infrared one of -9000, say: their sum is 0, their difference is not.
    const bands = { red: { nodata: 0 }, nir08: { nodata: 0, scale: -1 }, qa_pixel: { nodata: 1 } };
    changeSpec(job, (spec) => {
      delete spec["product"];
      delete spec["mask"];
      Object.assign(spec, {
        productTable: { bands },
        values: "reflectance",
        reduce: { by: "all", statistic: "min" },
        resampling: { "*": "nearest" },
      });
    });
    const { report } = await resultOf(job, path.join(work, "infinite-out"), []);
    expect(report.groups[0]).toMatchObject({ min: null, mean: null });
    expect(report.groups[0]?.max).toBeTypeOf("number");
  });
});

describe("a median of more observations than memory can hold", () => {
  it("is refused in one line that says what to do, and the bill shows why", async () => {
    const job = copyExample(path.join(work, "deep"));
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    changeSpec(job, (spec) => {
      delete spec["index"];
      Object.assign(spec, { time: {}, indices: names.map((name) => ({ name, band: "red" })), reduce: { by: "all", statistic: "median" } });
    });
    changeItems(job, (items) => items.splice(0, items.length, ...manyDays(items[0]!, 500)));
    expect(await stdoutOf(["plan", job])).toMatch(/^a worker needs +4\.\d+ GiB with one thread, and may have \S+ [GM]iB: does not fit/m);
    const { status, stderr } = await mayfly(["run", job, "--out", path.join(work, "deep-out"), "--progress", "none"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: the median keeps every observation: 500 days of 8 indices take 4004 MiB a block: \d+ MiB of shared memory: use shorter groups .+\n$/,
    );
  });
});

/** The same images on so many days, one after the other. */
function manyDays(item: ExampleItem, days: number): readonly ExampleItem[] {
  return Array.from({ length: days }, (_, day) => {
    const datetime = new Date(Date.UTC(2000, 0, 1 + day, 15, 40)).toISOString();
    return { ...item, id: `day-${day}`, properties: { ...item.properties, datetime } };
  });
}
