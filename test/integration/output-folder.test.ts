/**
 * Whose the output folder is: files that are not Mayfly's stay, whatever the flags; of runs at once one writes; what a killed run leaves, the next one
 * tidies up; and the result's own job.yaml is the same job.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";

import { copyExample, exampleJob } from "../support/example.ts";
import { interrupt } from "../support/interrupt.ts";
import { imageDigests, mayfly, runJob } from "../support/mayfly.ts";
import { expectRefusal } from "../support/refusal.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
const older = path.join(work, "older");
const another = ["--set", "spec.reduce.by=all"];
let places = 0;

function newFolder(): string {
  const folder = path.join(work, String(++places), "out");
  mkdirSync(folder, { recursive: true });
  return folder;
}

function olderResult(): string {
  const out = newFolder();
  cpSync(older, out, { recursive: true });
  return out;
}

type Listed = { readonly jobHash: string; readonly files: readonly { readonly name: string; readonly sha256: string }[] };

function reportIn(out: string): Listed {
  return JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as Listed; // what reportSchema wrote
}

/** Every file that the report lists has the bytes that it says, and nothing else is there. */
function expectWhole(out: string): void {
  const { files } = reportIn(out);
  const digest = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(path.join(out, name)))
      .digest("hex");
  expect(files.map(({ name }) => [name, digest(name)])).toEqual(files.map(({ name, sha256 }) => [name, sha256]));
  expect(readdirSync(out).sort()).toEqual([...files.map(({ name }) => name), "report.json"].sort());
}

beforeAll(() => runJob(exampleJob, older));

describe("files that are not Mayfly's", () => {
  it.each(["item.json", "job.yaml", "ndvi_DJF.tif", "ndvi_JJA_count.tif", "quicklook_DJF.png"])("%s is never replaced", async (name) => {
    const out = newFolder();
    writeFileSync(path.join(out, name), "mine");
    for (const flags of [[], ["--overwrite"]]) {
      const want = [new RegExp(`files that are not Mayfly's.*: ${out} \\(${name}\\): choose an empty folder`)];
      await expectRefusal({ job: exampleJob, out, flags, wantStatus: 2, wantLines: want });
    }
  });

  it("among an older result are not replaced either, nor one of its files that was changed since", async () => {
    const out = olderResult();
    writeFileSync(path.join(out, "ndvi_all.tif"), "mine");
    writeFileSync(path.join(out, "item.json"), "changed");
    const want = [/files that are not Mayfly's.* \(ndvi_all\.tif, item\.json\): choose an empty folder/];
    await expectRefusal({ job: exampleJob, out, flags: [...another, "--overwrite"], wantStatus: 2, wantLines: want });
  });

  it("stay where they have other names, in .mayfly too", async () => {
    const out = newFolder();
    mkdirSync(path.join(out, ".mayfly"));
    for (const name of ["notes.txt", "ndvi_all.tif", ".mayfly/mine"]) writeFileSync(path.join(out, name), "mine");
    await runJob(exampleJob, out);
    expect([".mayfly/mine", "ndvi_all.tif"].map((name) => readFileSync(path.join(out, name), "utf8"))).toEqual(["mine", "mine"]);
  });

  it.each([{ flags: [] }, { flags: ["--overwrite"] }])(
    "the job's manifest and item list in the output are refused with %o",
    async ({ flags }) => {
      const out = path.join(newFolder(), "here");
      const job = copyExample(out);
      renameSync(path.join(out, "items.json"), path.join(out, "item.json"));
      const want = [/the result would replace what the job reads: .*\(item\.json, job\.yaml\): choose an empty folder/];
      await expectRefusal({ job, out, flags: [...flags, "--set", "spec.source.items=item.json"], wantStatus: 2, wantLines: want });
    },
  );

  it("an empty --out is no folder", async () => {
    const { status, stderr } = await mayfly(["run", exampleJob, "--out", ""]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'error: no directory: --out "": give --out DIR; --out . is this one\n' });
  });
});

describe("runs into one folder at once", () => {
  it.each([0, 0, 0, 20, 50, 100, 200, 300, 400, 500])(
    "the second begun after %i ms: one writes, and the result is whole",
    async (offset) => {
      const out = path.join(newFolder(), "new");
      const args = ["run", exampleJob, "--out", out, "--progress", "none"];
      const both = await Promise.all([mayfly(args), sleep(offset).then(() => mayfly(args))]);
      const wrote = both.filter(({ status, stdout }) => status === 0 && stdout.includes("Result in"));
      expect(wrote).toHaveLength(1);
      for (const { status, stdout, stderr } of both.filter((run) => !wrote.includes(run))) {
        if (status === 0) expect(stdout).toMatch(/^Already complete/);
        else {
          expect(status).toBe(2);
          expect(stderr).toMatch(/^error: another run is writing here: .* \((pid \d+|.*begun)\): wait for it, or choose another output\n$/);
        }
      }
      expectWhole(out);
    },
  );

  it("of six that find a dead run's lock, one takes it over", async () => {
    const out = newFolder();
    await killed(out);
    const args = ["run", exampleJob, "--out", out, "--progress", "none"];
    const all = await Promise.all(Array.from({ length: 6 }, () => mayfly(args)));
    expect(all.filter(({ stdout }) => stdout.includes("Result in"))).toHaveLength(1);
    for (const { status, stdout, stderr } of all)
      expect(status === 0 || /another run is writing here/.test(stderr), stdout + stderr).toBe(true);
    expectWhole(out);
  });
});

/** Leaves what a run that is killed while it computes leaves. */
async function killed(out: string, flags: readonly string[] = []): Promise<void> {
  for (let tries = 10; ; tries--) {
    const moment = (): boolean => existsSync(path.join(out, ".mayfly")) && readdirSync(path.join(out, ".mayfly")).length === 2;
    await interrupt({ args: ["run", exampleJob, "--out", out, "--progress", "none", ...flags], signal: "SIGKILL", moment });
    if (existsSync(path.join(out, ".mayfly/lock"))) return;
    if (tries === 0) throw new Error("no run could be killed in time");
    rmSync(out, { recursive: true });
    mkdirSync(out);
  }
}

describe("after a killed run", () => {
  it("the same job runs again, and leaves nothing of it", async () => {
    const out = newFolder();
    await killed(out);
    await runJob(exampleJob, out);
    expectWhole(out);
    expect(imageDigests(out)).toEqual(imageDigests(older));
  });

  it("another job is refused, unless --overwrite", async () => {
    const out = newFolder();
    await killed(out, another);
    const want = [/the output holds another job's unfinished work: .*\.mayfly\/[0-9a-f]{64}: use --overwrite, or another --out/];
    const { status, stderr } = await mayfly(["run", exampleJob, "--out", out]);
    expect(status).toBe(2);
    expect(stderr).toMatch(want[0] ?? "");
    await runJob(exampleJob, out, ["--overwrite"]);
    expectWhole(out);
  });

  /** As a run of the job whose result is in `of` leaves the folder when it is killed before it names the file `next`; older files are `before`. */
  function halfCommitted(out: string, of: string, next: string): void {
    const { jobHash, files } = reportIn(of);
    const from = path.join(out, ".mayfly", jobHash);
    mkdirSync(path.join(from, "before"), { recursive: true });
    for (const name of readdirSync(out).filter((each) => each !== ".mayfly"))
      renameSync(path.join(out, name), path.join(from, "before", name));
    const names = [...files.map(({ name }) => name), "report.json", ""];
    for (const [i, name] of names.slice(0, -1).entries())
      cpSync(path.join(of, name), path.join(i < names.indexOf(next) ? out : from, name));
    const dead = { pid: 2 ** 22 + 1, start: "1", host: "here", id: "x" };
    writeFileSync(path.join(out, ".mayfly/lock"), JSON.stringify(dead));
  }

  it.each(["ndvi_DJF.tif", "quicklook_DJF.png", "report.json"])(
    "that was killed before it named %s, the older result is back",
    async (next) => {
      const [out, other] = [olderResult(), newFolder()];
      await runJob(exampleJob, other, ["--set", "spec.values=reflectance"]);
      halfCommitted(out, other, next);
      ageLock(out);
      const { stdout } = await runJob(exampleJob, out);
      expect(stdout).toMatch(/^Already complete/);
      expectWhole(out);
      expect(imageDigests(out)).toEqual(imageDigests(older));
    },
  );

  it("that was killed while it named its files, the same job runs again", async () => {
    const out = newFolder();
    halfCommitted(out, older, "quicklook_DJF.png");
    ageLock(out);
    await runJob(exampleJob, out);
    expectWhole(out);
  });

  it("that had named all its files, the result is complete and the rest is tidied up", async () => {
    const out = newFolder();
    halfCommitted(out, older, "");
    ageLock(out);
    const { stdout } = await runJob(exampleJob, out);
    expect(stdout).toMatch(/^Already complete/);
    expectWhole(out);
  });

  it("of another container, its lock holds until it has been silent for a minute", async () => {
    const out = newFolder();
    halfCommitted(out, older, "ndvi_DJF.tif");
    const { status, stderr } = await mayfly(["run", exampleJob, "--out", out]);
    expect({ status, stderr: stderr.split("\n").at(-2) }).toEqual({
      status: 2,
      stderr: `error: another run is writing here: ${out} (pid ${2 ** 22 + 1} on here): wait for it, or choose another output`,
    });
    ageLock(out);
    await runJob(exampleJob, out);
    expectWhole(out);
  });
});

function ageLock(out: string): void {
  const then = new Date(Date.now() - 61_000);
  utimesSync(path.join(out, ".mayfly/lock"), then, then);
}

describe("the result's own job.yaml", () => {
  it.each([{ settings: [] }, { settings: ["--set", "spec.grid.crs=utm", "--set", "spec.grid.resolution=2000"] }])(
    "is the same job, from any folder, with %o",
    async ({ settings }) => {
      const out = newFolder();
      const job = copyExample(path.join(newFolder(), "job"));
      await runJob(job, out, settings);
      const again = path.join(newFolder(), "again");
      await runJob(path.join(out, "job.yaml"), again);
      expect(reportIn(again).jobHash).toBe(reportIn(out).jobHash);
      expect(imageDigests(again)).toEqual(imageDigests(out));
      expect(readFileSync(path.join(again, "job.yaml"), "utf8")).toBe(readFileSync(path.join(out, "job.yaml"), "utf8"));
      const { stdout } = await runJob(path.join(out, "job.yaml"), out);
      expect(stdout).toMatch(/^Already complete/);
    },
  );
});
