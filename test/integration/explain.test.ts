/** `mayfly explain` on the demo's nineteen scenes, as a user types it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import type { Explanation } from "../../worker/core/explain/explanation.ts";
import { changeItems, copyExample, exampleJob } from "../support/example.ts";
import { mayfly, planOf, set, stdoutOf } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
const centralPark = ["--at", "-73.97,40.78"];

/** The object that --json prints. */
type Printed = Explanation & { readonly job: string; readonly jobHash: string; readonly read: { requests: number; bytes: number } };

async function explain(args: readonly string[]): Promise<Printed> {
  return JSON.parse(await stdoutOf(["explain", exampleJob, "--json", ...args])) as Printed; // documented in docs/explain.md
}

describe("mayfly explain", () => {
  it("prints a line a day, one an item where a day has several, and a line a group", async () => {
    const text = await stdoutOf(["explain", exampleJob, ...centralPark]);
    const [title, , centre, , header, ...lines] = text.trimEnd().split("\n");
    expect(title).toBe("One pixel of ny-2018");
    expect(centre).toBe("centre  586500, 4513500 in EPSG:32618; longitude -73.975076, latitude 40.767922");
    expect(header).toMatch(/^day +group +item +nir08 +red +qa_pixel +ndvi +kept or why not +qa_pixel$/);
    expect(lines.filter((line) => /^2018-\d\d-\d\d {2}(DJF|MAM|JJA|SON) /.test(line))).toHaveLength(17);
    expect(lines.filter((line) => /^ +LC08_/.test(line))).toHaveLength(2);
    expect(text).toMatch(
      /^2018-04-05 {2}MAM +LC08_L1TP_013032_20180405 .* 6896 +\(0\.0005684439\) {2}cloud is high_confidence, the mask wants not_high_confidence +nodata=false cloud=high_confidence cloud_shadow_confidence=low$/m,
    );
    expect(lines.slice(-5).map((line) => line.split(/ +/))).toEqual([
      ["group", "days", "ndvi", "mean", "count"],
      ["DJF", "5", "0.12585832", "1"],
      ["MAM", "5", "-0.0019282618", "3"],
      ["JJA", "3", "0.016097803", "1"],
      ["SON", "4", "0.015668778", "3"],
    ]);
  });

  it("prints the same for a machine, with the job and what was read", async () => {
    const { job, jobHash, pixel, statistic, days, groups, maskFlags, read } = await explain(centralPark);
    expect({ job, jobHash, statistic }).toEqual({ job: "ny-2018", jobHash: (await planOf(exampleJob)).jobHash, statistic: "mean" });
    expect(maskFlags).toEqual({ qa_pixel: ["nodata", "cloud", "cloud_shadow_confidence"] });
    expect(pixel).toMatchObject({ row: 69, col: 58, x: 586500, y: 4513500 });
    expect(groups[0]).toEqual({ name: "DJF", days: 5, indices: [{ name: "ndvi", value: Math.fround(0.12585832), count: 1 }] });
    expect(days.map(({ date }) => date)).toEqual(days.map(({ date }) => date).toSorted());
    expect(days[5]?.items.map(({ id, bands }) => [id, bands["red"]?.state])).toEqual([
      ["LC08_L1TP_014031_20180428", "used"],
      ["LC08_L1TP_014032_20180428", "hidden"],
    ]);
    // Each band of each of the 19 scenes is one file of a few blocks.
    expect(read.requests).toBeLessThanOrEqual(19 * 3);
    expect(read.bytes).toBeLessThan(256 * 1024);
  });

  it("finds the same pixel by its numbers", async () => {
    expect(await explain(["--pixel", "69,58"])).toEqual(await explain(centralPark));
  });

  it("says outside, in one line, for a day that no scene of reaches the pixel", async () => {
    const text = await stdoutOf(["explain", exampleJob, "--pixel", "0,98"]);
    expect(text).toMatch(/^2018-12-08 {2}DJF +LC08_L1TP_014032_20181208 +- +- +- +- {2}outside$/m);
    const { days } = await explain(["--pixel", "0,98"]);
    const outside = days.filter(({ indices }) => indices[0]?.reasons.includes("outside the scene"));
    expect(outside.every(({ items }) => items.every(({ bands }) => Object.values(bands).every(({ state }) => state === "outside")))).toBe(
      true,
    );
  });

  it("prints what docs/explain.md shows", async () => {
    const season = set('spec.time={start: "2018-04-01", end: "2018-10-10"}');
    const text = await stdoutOf(["explain", exampleJob, ...centralPark, ...season]);
    expect(readFileSync(path.join(projectRoot, "docs/explain.md"), "utf8")).toContain(`\n${text}\`\`\`\n`);
  });

  it("takes --set", async () => {
    const { groups, days } = await explain([...centralPark, ...set("spec.reduce.by=month", "spec.mask.flags={nodata: false}")]);
    expect(groups.map(({ name }) => name)).toEqual(["01", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"]);
    expect(days.find(({ date }) => date === "2018-04-05")?.indices[0]).toMatchObject({ kept: true, reasons: [] });
  });

  it("says on stderr what it read, with --verbose", async () => {
    const { status, stderr } = await mayfly(["explain", exampleJob, ...centralPark, "--verbose"]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^\d+ requests for blocks, [\d.]+ KiB, beside the images' headers\n$/);
  });

  const usage: readonly (readonly [args: readonly string[], want: RegExp])[] = [
    [[], /^error: no pixel: mayfly explain: give --at LON,LAT or --pixel ROW,COL\n$/],
    [["--at", "1,2", "--pixel", "1,2"], /^error: two pixels: mayfly explain: give /],
    [["--at", "40.78"], /^error: not a place: "40\.78": give --at LON,LAT in degrees, as --at -73\.97,40\.78\n$/],
    [["--at", "a,b"], /^error: not a place: "a,b": /],
    [["--at", ","], /^error: not a place: ",": /],
    [["--at", "1,2,3"], /^error: not a place: /],
    [["--at", "1e1,0x2"], /^error: not a place: /],
    [["--at", "181,0"], /^error: not a place: /],
    [["--at", "40.78,-100"], /^error: not a place: /],
    [["--at"], /^error: option '--at <lon,lat>' argument missing: mayfly: see mayfly --help\n$/],
    [["--pixel", "1.5,0"], /^error: not a pixel: "1\.5,0": give --pixel ROW,COL in whole numbers, as --pixel 0,17\n$/],
    [["--pixel", "121,0"], /^error: pixel 121,0 lies outside the grid: --pixel: give a row from 0 to 120 and a column from 0 to 98\n$/],
    [
      ["--at", "10,10"],
      /^error: 10,10 lies outside the grid: --at: give LON,LAT within longitude -76\.\d{4} to -72\.\d{4}, latitude 39\.\d{4} to 42\.\d{4} \(121 x 99 pixels in EPSG:32618\)\n$/,
    ],
  ];
  it.each(usage)("refuses %j", async (args, want) => {
    const { status, stdout, stderr } = await mayfly(["explain", exampleJob, ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(want);
  });

  it("names a file that is not there", async () => {
    const job = copyExample(path.join(work, "missing"));
    changeItems(job, ([item]) => {
      for (const asset of Object.values(item?.assets ?? {})) asset.href = "missing.tif";
    });
    const { status, stderr } = await mayfly(["explain", job, ...centralPark]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: no such file: .*missing\.tif: check the item's href\n$/);
  });
});
