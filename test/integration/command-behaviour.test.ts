/** What run and convert print and do, and the options of all commands, where nothing is wrong, on the demo's nineteen scenes; what a person or a script relies on. */
import { readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { reportSchema } from "../../api/v1alpha1/report.ts";
import { directoryState } from "../support/directory-state.ts";
import { copyExample, exampleJob } from "../support/example.ts";
import { imageDigests, mayfly, mayflyCommand, planOf, runJob, set, stdoutOf } from "../support/mayfly.ts";
import { runCommand } from "../support/run-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
const result = path.join(work, "result");

beforeAll(() => runJob(exampleJob, result));

describe("--set", () => {
  it("is given several times, the last one wins", async () => {
    const { groups, grid } = await planOf(exampleJob, [
      "spec.reduce.by=month",
      "spec.grid.resolution=300",
      "spec.reduce.by=all",
      "spec.grid.resolution=6000",
    ]);
    expect(groups.map(({ name }) => name)).toEqual(["all"]);
    expect(grid).toMatchObject({ resolutionXY: [6000, 6000] });
  });

  it("takes YAML for a value: lists, mappings, text that looks like a number", async () => {
    const settings = ["spec.region.lon=[-75, -74]", 'spec.time={start: "2018-06", end: "2018-06"}'];
    const { groups } = await planOf(exampleJob, settings);
    expect(groups.map(({ name, days }) => [name, days])).toEqual([["JJA", ["2018-06-15"]]]);
  });

  it("reaches into a list by number, and one place after its end", async () => {
    const job = path.join(work, "canonical.yaml");
    writeFileSync(job, await stdoutOf(["convert", exampleJob]));
    const changed = parse(
      await stdoutOf(["convert", job, ...set("spec.indices.0.name=ndwi", "spec.mask.0.validRange=product", "spec.indices.1={name: ndvi}")]),
    );
    expect(changed).toMatchObject({ spec: { indices: [{ name: "ndwi" }, { name: "ndvi" }], mask: [{ validRange: "product" }] } });
    for (const place of ["spec.mask.band", "spec.mask.2.band", "spec.mask.-1.band", "spec.mask.01.band"]) {
      const { status, stderr } = await mayfly(["convert", job, ...set(`${place}=qa_pixel`)]);
      expect({ place, status, stderr }).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^error: .* is no place in a list: --set .*: name one of 0 to 1\n$/),
      });
    }
  });

  it.each([
    "spec.region",
    "=3",
    "spec..crs=utm",
    ".spec=1",
    "__proto__.polluted=1",
    "spec.__proto__.polluted=1",
    "spec.product.name=x",
    "spec.grid={crs: ",
  ])("refuses %s", async (setting) => {
    const { status, stderr } = await mayfly(["plan", exampleJob, ...set(setting)]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .+: --set.*: .+\n$/);
  });
});

describe("mayfly convert", () => {
  it("gives a manifest that it gives again, and that runs to the same bytes", async () => {
    const job = copyExample(path.join(work, "converted"));
    const once = await stdoutOf(["convert", job]);
    const canonical = path.join(path.dirname(job), "canonical.yaml");
    writeFileSync(canonical, once);
    expect(await stdoutOf(["convert", canonical])).toBe(once);
    expect(parse(once)).toEqual(JSON.parse(await stdoutOf(["convert", job, "--json"])));
    expect((await planOf(canonical)).jobHash).toBe((await planOf(job)).jobHash);
    await runJob(canonical, path.join(work, "from-canonical"));
    expect(imageDigests(path.join(work, "from-canonical"))).toEqual(imageDigests(result));
  });

  it("is what lies beside the result as job.yaml", async () => {
    expect(readFileSync(path.join(result, "job.yaml"), "utf8")).toBe(
      (await stdoutOf(["convert", exampleJob])).replace("items: items.json", `items: ${path.join(path.dirname(exampleJob), "items.json")}`),
    );
  });
});

describe("mayfly run", () => {
  it("prints with --json nothing but the report that it writes, which is valid", async () => {
    const out = path.join(work, "json");
    const report = reportSchema.parse(
      JSON.parse(await stdoutOf(["run", exampleJob, "--out", out, "--json", "--progress", "none", "--threads", "1"])),
    );
    expect(report).toEqual(JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")));
    expect(report).toMatchObject({ scenes: 19, solarDays: 17, chunks: 68, threadsPerWorker: 1, skippedScenes: [] });
    const images = report.files.map(({ name }) => name).filter((name) => name.endsWith(".tif"));
    expect(images).toEqual(["DJF", "MAM", "JJA", "SON"].flatMap((group) => [`ndvi_${group}.tif`, `ndvi_${group}_count.tif`]));
    expect(report.groups.map(({ name, days }) => [name, days])).toEqual([
      ["ndvi_DJF", 5],
      ["ndvi_MAM", 5],
      ["ndvi_JJA", 3],
      ["ndvi_SON", 4],
    ]);
    const digests = directoryState(out);
    for (const { name, sha256 } of report.files) expect(digests?.[name], name).toBe(sha256);
  });

  it("does nothing where the result is already complete", async () => {
    const before = directoryState(result);
    const { status, stdout, stderr } = await mayfly(["run", exampleJob, "--out", result, "--progress", "json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Already complete: .*result holds the result of this job/);
    const json = JSON.parse(await stdoutOf(["run", exampleJob, "--out", result, "--progress", "none", "--json"])) as unknown;
    expect(json).toEqual(JSON.parse(readFileSync(path.join(result, "report.json"), "utf8")));
    expect(directoryState(result)).toEqual(before);
  });

  it("says of a complete result without pictures how to get them, and notes what is for a cluster", async () => {
    const out = path.join(work, "without-pictures");
    await runJob(exampleJob, out, set("spec.output.quicklook=false"));
    const again = await mayfly(["run", exampleJob, "--out", out, "--progress", "none", ...set("spec.clusterName=mine")]);
    expect(again).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Already complete: .*; it was run without quicklooks: --overwrite computes it with them\n$/),
      stderr: "note: spec.clusterName is for a cluster: ignored here\n",
    });
  });

  it("takes a changed source file for another job, and another memory or name for the same", async () => {
    const job = copyExample(path.join(work, "touched"));
    const out = path.join(work, "touched-out");
    await runJob(job, out);
    const same = await mayfly(["run", job, "--out", out, "--threads", "1", ...set("metadata.name=other", "spec.user=bob")]);
    expect(same.stdout).toMatch(/^Already complete/);
    utimesSync(path.join(path.dirname(job), "LC08_L1TP_014031_20180530_B5.TIF"), 1, 1);
    const { status, stderr } = await mayfly(["run", job, "--out", out, "--progress", "none"]);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: the output holds the result of another job: /),
    });
    await runJob(job, out, ["--overwrite"]);
    expect(imageDigests(out)).toEqual(imageDigests(result));
  });

  it("finds manifest and output from where it is called, items from where the manifest lies, itself through a link", async () => {
    const job = copyExample(path.join(work, "elsewhere/jobs"));
    symlinkSync(mayflyCommand, path.join(work, "elsewhere/link"));
    const { status, stderr } = await runCommand("./link", ["run", "jobs/job.yaml", "--out", "here", "--progress", "none"], {
      cwd: path.join(work, "elsewhere"),
    });
    expect({ status, stderr, job: path.basename(job) }).toEqual({ status: 0, stderr: "", job: "job.yaml" });
    expect(imageDigests(path.join(work, "elsewhere/here"))).toEqual(imageDigests(result));
  });

  it.each(["0", "-1", "1.5", "two", "", "257", "0x"])("refuses %j threads", async (threads) => {
    const { status, stderr } = await mayfly(["run", exampleJob, "--out", path.join(work, "never"), `--threads=${threads}`]);
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error: .+: .+: .*\n$/) });
  });
});

describe("--progress", () => {
  const linesOf = async (kind: string): Promise<readonly string[]> => {
    const { status, stderr } = await mayfly(["run", exampleJob, "--out", path.join(work, `progress-${kind}`), "--progress", kind]);
    expect(status).toBe(0);
    expect(stderr).not.toContain("\r");
    return stderr.split("\n").filter((line) => line !== "");
  };

  it("none says nothing", async () => {
    expect(await linesOf("none")).toEqual([]);
  });

  it("json gives JSON lines and nothing else", async () => {
    const lines = (await linesOf("json")).map((line) => JSON.parse(line) as object);
    expect(lines[0]).toMatchObject({ stage: "compute", chunksDone: 0, chunksTotal: 68 });
    expect(lines.at(-1)).toMatchObject({ stage: "write", chunksDone: 68, chunksTotal: 68 });
    for (const line of lines) expect(Object.keys(line)).toEqual(["stage", "chunksDone", "chunksTotal", "bytesRead", "elapsedSeconds"]);
  });

  it.each(["plain", "auto"])("%s without a terminal gives plain lines", async (kind) => {
    const lines = await linesOf(kind);
    expect(lines[0]).toMatch(/^ny-2018: 19 scenes, \d+ threads, into .*progress-/);
    expect(lines[1]).toMatch(/^ {2}0 % 0 of 68 chunks, \d+ KiB read, /);
    expect(lines.at(-1)).toMatch(/^100 % writing the images, /);
  });
});

describe("--help", () => {
  it.each([
    { command: "plan", options: ["--set", "--json", "--verbose"] },
    { command: "convert", options: ["--set", "--json", "--verbose"] },
    { command: "run", options: ["--set", "--json", "--verbose", "--out", "--threads", "--progress", "--overwrite"] },
  ])("of $command names its options", async ({ command, options }) => {
    const text = await stdoutOf([command, "--help"]);
    expect(text).toMatch(new RegExp(`^Usage: mayfly ${command} \\[options\\] <JOB\\.yaml>\n`));
    for (const option of options) expect(text).toContain(`${option} `);
    expect(await stdoutOf(["help", command])).toBe(text);
  });
});
