/** The bill of a job and its grid, on the demo's nineteen scenes. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec, copyExample, exampleJob } from "../support/example.ts";
import { mayfly, mayflyCommand, planOf, runJob, set, stdoutOf } from "../support/mayfly.ts";
import { runCommand } from "../support/run-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { placeOfTag } from "../support/tiff-bytes.ts";

const work = temporaryDirectory();

describe("mayfly plan", () => {
  it("prints the bill for a reader", async () => {
    const text = await stdoutOf(["plan", exampleJob]);
    expect(text).toMatch(/^Plan of ny-2018\n/);
    expect(text).toMatch(/^scenes +19$/m);
    expect(text).toMatch(/^solar days +17$/m);
    expect(text).toMatch(/^grid +121 x 99 pixels of 3000 x 3000, EPSG:32618$/m);
    expect(text).toMatch(/^chunks +68 a band, of 1 x 64 x 64, at most 8\.00 KiB$/m);
    expect(text).toMatch(/^DJF +5 days: 2018-01-06 2018-01-31 2018-12-01 2018-12-08 2018-12-17$/m);
  });

  it("prints the same for a machine", async () => {
    expect(await planOf(exampleJob)).toMatchObject({
      scenes: 19,
      scenesOutside: 0,
      solarDays: 17,
      chunks: 68,
      chunkBytes: 64 * 64 * 2,
      // A tile is the chunk rounded up to whole blocks of 512: one holds it all.
      reductions: 4,
      datasetBytes: 17 * 121 * 99 * 3 * 2,
      resultBytes: 4 * 121 * 99 * 6,
      bands: ["nir08", "red", "qa_pixel"],
      grid: { crs: "EPSG:32618", height: 121, width: 99, resolutionXY: [3000, 3000], bounds: [411000, 4359000, 708000, 4722000] },
      groups: [
        { name: "DJF", days: ["2018-01-06", "2018-01-31", "2018-12-01", "2018-12-08", "2018-12-17"] },
        { name: "MAM", days: ["2018-03-11", "2018-04-05", "2018-04-21", "2018-04-28", "2018-05-30"] },
        { name: "JJA", days: ["2018-06-15", "2018-07-10", "2018-08-27"] },
        { name: "SON", days: ["2018-09-03", "2018-10-05", "2018-10-30", "2018-11-22"] },
      ],
    });
  });

  it("has the job hash of the run that follows", async () => {
    const result = path.join(work, "result");
    await runJob(exampleJob, result);
    const { jobHash } = await planOf(exampleJob);
    expect(JSON.parse(readFileSync(path.join(result, "report.json"), "utf8"))).toMatchObject({ jobHash });
  });

  it("estimates requests and bytes as the run that follows makes them, and says whether a worker fits its limit", async () => {
    const result = path.join(work, "counted");
    await runJob(exampleJob, result, ["--set", "spec.chunks={height: 512, width: 512}"]);
    const { requests, fits } = await planOf(exampleJob, ["spec.chunks={height: 512, width: 512}"]);
    const report = JSON.parse(readFileSync(path.join(result, "report.json"), "utf8")) as { requests: number; memoryLimitBytes: number };
    expect(requests).toBe(report.requests);
    expect([fits, report.memoryLimitBytes > 2 ** 28]).toEqual([true, true]);
    const small = await planOf(exampleJob, ['spec.clusterTemplate={spec: {workers: {resources: {limits: {memory: "64Mi", cpu: "1"}}}}}']);
    expect(small).toMatchObject({ workerLimitBytes: 64 * 2 ** 20, fits: false });
  });

  it("is not disturbed by a reader that stops reading", async () => {
    const { status, stderr } = await runCommand("sh", ["-c", `'${mayflyCommand}' plan '${exampleJob}' | true`]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the grid", () => {
  it("is the UTM zone of the region's middle with crs: utm", async () => {
    const { grid } = await planOf(exampleJob, ["spec.grid.crs=utm"]);
    expect(grid).toEqual((await planOf(exampleJob)).grid);
  });

  it("has pixel centres on multiples of the resolution with anchor: center", async () => {
    const { grid } = await planOf(exampleJob, ["spec.grid.anchor=center"]);
    expect(grid.bounds.map((edge) => edge % 3000)).toEqual([1500, 1500, 1500, 1500]);
    const [west = 0, south = 0, east = 0, north = 0] = grid.bounds;
    expect(Math.max(Math.abs(west - 411000), Math.abs(south - 4359000), Math.abs(east - 708000), Math.abs(north - 4722000))).toBe(1500);
  });

  it("covers the footprints of all images where there is no region", async () => {
    const job = copyExample(path.join(work, "no-region"));
    changeSpec(job, (spec) => delete spec["region"]);
    const { scenes, grid } = await planOf(job);
    expect({ scenes, bounds: grid.bounds }).toEqual({ scenes: 19, bounds: unionOfFootprints(path.dirname(job)) });
  });

  it("cannot be native where the images lie on several lattices: they are listed with counts", async () => {
    const { status, stderr } = await mayfly(["plan", exampleJob, ...set("spec.grid={crs: native}")]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error: the items' bands have (\d+) CRSs or lattices: spec\.grid\.crs native: name a CRS and resolution\. Found: /,
    );
    const counts = [...stderr.matchAll(/EPSG:32618 [\d.]+ x [\d.]+ offset [\d.]+, [\d.]+ \((\d+)\)/g)].map(([, count]) => Number(count));
    expect(counts.length).toBe(Number(/have (\d+)/.exec(stderr)?.[1]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(57);
  });
});

/** From the tags that GDAL wrote (all in one CRS): ModelPixelScale 33550, ModelTiepoint 33922; snapped outward to 3000 m. */
function unionOfFootprints(directory: string): readonly number[] {
  const boxes = readdirSync(directory)
    .filter((name) => name.endsWith("_B4.TIF"))
    .map((name) => footprint(readFileSync(path.join(directory, name))));
  const outward = (pick: (box: readonly number[]) => number, side: "floor" | "ceil"): number => {
    const all = boxes.map((box) => Math[side](pick(box) / 3000) * 3000);
    return side === "floor" ? Math.min(...all) : Math.max(...all);
  };
  return [
    outward(([west = 0]) => west, "floor"),
    outward(([, south = 0]) => south, "floor"),
    outward(([, , east = 0]) => east, "ceil"),
    outward(([, , , north = 0]) => north, "ceil"),
  ];
}

function footprint(tiff: Buffer): readonly [west: number, south: number, east: number, north: number] {
  const [width, height] = [256, 257].map((tag) => tiff.readUInt16LE(placeOfTag(tiff, tag)));
  const double = (tag: number, index: number): number => tiff.readDoubleLE(placeOfTag(tiff, tag, index));
  const [sx, sy] = [double(33550, 0), double(33550, 1)];
  // Landsat's tie point is the centre of the first pixel (AREA_OR_POINT=Point).
  const [west, north] = [double(33922, 3) - sx / 2, double(33922, 4) + sy / 2];
  return [west, north - sy * (height ?? 0), west + sx * (width ?? 0), north];
}
