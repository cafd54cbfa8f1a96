/**
 * Outputs that cannot be written, or should not be: one line, the right status, and what lay there before still lies there, alone. The small disks
 * and the missing permissions are real.
 */
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { directoryState } from "../support/directory-state.ts";
import { exampleJob } from "../support/example.ts";
import { imageDigests, mayflyCommand, runJob } from "../support/mayfly.ts";
import { canMount, heldToPermissions, isRoot, onSmallDisk, permissionsHold } from "../support/privilege.ts";
import { expectRefusal } from "../support/refusal.ts";
import { runCommand } from "../support/run-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
const older = path.join(work, "older");
const another = ["--set", "spec.reduce.by=all"];
const overwrite = [...another, "--overwrite"];
const nobody = 65534;

let places = 0;

/** A directory `out` in a directory of its own, with the result of the example's job where `filled`. */
function output({ filled }: { readonly filled: boolean }): string {
  const out = path.join(work, String(++places), "out");
  mkdirSync(out, { recursive: true });
  if (filled) for (const name of readdirSync(older)) copyFileSync(path.join(older, name), path.join(out, name));
  return out;
}

beforeAll(() => runJob(exampleJob, older));

describe("an output that holds something else", () => {
  it("another job's result, is refused", async () => {
    const want = [/the output holds the result of another job: .*out: use --overwrite, or another --out/];
    await expectRefusal({ job: exampleJob, out: output({ filled: true }), flags: another, wantStatus: 2, wantLines: want });
  });

  it("another job's result that lacks a file, is refused all the same", async () => {
    const out = output({ filled: true });
    rmSync(path.join(out, "quicklook_DJF.png"));
    const want = [/the output holds the result of another job: /];
    await expectRefusal({ job: exampleJob, out, flags: another, wantStatus: 2, wantLines: want });
  });

  it("another program's report.json, is refused", async () => {
    const out = output({ filled: false });
    writeFileSync(path.join(out, "report.json"), '{"title": "mine"}');
    const want = [/the output holds a report\.json of another program or version: .*report\.json: choose an empty folder/];
    await expectRefusal({ job: exampleJob, out, wantStatus: 2, wantLines: want });
  });

  it("another job's result, is replaced whole with --overwrite, beside what else lies there", async () => {
    const out = output({ filled: true });
    writeFileSync(path.join(out, "notes.txt"), "mine");
    await runJob(exampleJob, out, overwrite);
    const want = ["item.json", "job.yaml", "ndvi_all.tif", "ndvi_all_count.tif", "notes.txt", "quicklook_all.png", "report.json"];
    expect(readdirSync(out).sort()).toEqual(want);
  });

  it("its own result without one of the files, is made whole", async () => {
    const out = output({ filled: true });
    rmSync(path.join(out, "ndvi_JJA.tif"));
    await runJob(exampleJob, out);
    expect(imageDigests(out)).toEqual(imageDigests(older));
  });

  it.each([
    { name: "a directory where an image belongs", entry: "ndvi_all.tif" },
    { name: "a directory where the report belongs", entry: "report.json" },
  ])("$name, is an error that loses nothing, even with --overwrite", async ({ entry }) => {
    const out = output({ filled: true });
    rmSync(path.join(out, entry), { force: true });
    mkdirSync(path.join(out, entry, "mine"), { recursive: true });
    const want = [new RegExp(`a directory is in the way: .*${entry}: remove it or choose another output`)];
    await expectRefusal({ job: exampleJob, out, flags: overwrite, wantStatus: 1, wantLines: want });
  });
});

describe("a path that cannot be", () => {
  const file = path.join(work, "paths/file");
  const rows = [
    { name: "a file", out: file, want: /a file is in the way: .*\/file: choose another output directory/ },
    { name: "below a file", out: path.join(file, "out"), want: /a part of the path is not a directory: .*\/file\/out: / },
    { name: "of too long a name", out: path.join(work, "paths/new", "x".repeat(300)), want: /the path is too long: .*: choose a shorter/ },
    { name: "where nobody writes", out: "/proc/mayfly/out", want: /: \/proc\/mayfly.*: / },
  ];

  it.each(rows)("$name", async ({ out, want }) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "mine");
    const before = directoryState(path.dirname(file));
    await expectRefusal({ job: exampleJob, out, wantStatus: 1, wantLines: [want] });
    expect(directoryState(path.dirname(file))).toEqual(before);
  });
});

// As root without setpriv every directory can be written: nothing to see.
describe.skipIf(!permissionsHold)("without the permission to write", () => {
  const through = heldToPermissions;
  const todo = "make the directory writable or choose another output directory";

  it("a new directory is not made", async () => {
    const out = output({ filled: false });
    chmodSync(out, 0o555);
    const want = [new RegExp(`no permission to write: ${out}/new: ${todo}`)];
    await expectRefusal({ job: exampleJob, out: path.join(out, "new"), through, wantStatus: 1, wantLines: want });
  });

  it.each([
    { name: "an empty directory stays empty", filled: false },
    { name: "an older result stays", filled: true },
  ])("$name", async ({ filled }) => {
    const out = output({ filled });
    chmodSync(out, 0o555);
    const want = [new RegExp(`no permission to write: ${out}.*: ${todo}`)];
    await expectRefusal({ job: exampleJob, out, flags: overwrite, through, wantStatus: 1, wantLines: want });
  });

  it("an older result whose report cannot be read is not taken for none", async () => {
    const out = output({ filled: true });
    chmodSync(path.join(out, "report.json"), 0o000);
    const want = [/cannot read the report of an older result \(EACCES\): .*report\.json: make it readable/];
    await expectRefusal({ job: exampleJob, out, flags: another, through, wantStatus: 1, wantLines: want });
  });

  it.skipIf(!isRoot)("another user's result in a shared directory stays whole: its files cannot be replaced", async () => {
    const out = output({ filled: true });
    for (const name of readdirSync(out)) chownSync(path.join(out, name), nobody, nobody);
    chownSync(out, nobody, nobody);
    chmodSync(out, 0o1777);
    const want = [new RegExp(`no permission to write: ${out}/.*: ${todo}`)];
    await expectRefusal({ job: exampleJob, out, flags: overwrite, through, wantStatus: 1, wantLines: want });
  });
});

// Needs root and the right to mount; .ci/run on Debian has both unless its container takes the second away.
describe.skipIf(!canMount)("on a disk that is full", () => {
  const disk = path.join(work, "disk");
  const list = `cd "$0" && find . -type f -exec sha256sum {} + | sort`;

  beforeAll(() => mkdirSync(disk));

  /** KiB of the disk: full among the unfinished blocks, the images, the pictures, the documents. */
  it.each([16, 64, 128, 200, 300])("of %i KiB nothing is left", async (kibibytes) => {
    const script = `'${mayflyCommand}' run '${exampleJob}' --out "$0/new/out" --progress none; echo $?; find "$0" -mindepth 1`;
    const { stdout, stderr } = await runCommand(...commandLine(onSmallDisk(disk, kibibytes, script)));
    expect(stderr).toMatch(/^error: no space left on the disk: .*\/new\/out\/\.mayfly\/.*: free some space [^\n]*\n$/);
    expect(stdout).toBe("1\n");
  });

  it.each([40, 100, 200])("with %i KiB left an older result stays", async (spare) => {
    const used = readdirSync(older).reduce((sum, name) => sum + 4 * Math.ceil(statSync(path.join(older, name)).size / 4096), 0);
    const script = [
      `cp '${older}'/* "$0"`,
      `(${list})`,
      `'${mayflyCommand}' run '${exampleJob}' --out "$0" --progress none --overwrite`,
      `echo $?`,
      `(${list})`,
    ].join("; ");
    const { stdout, stderr } = await runCommand(...commandLine(onSmallDisk(disk, used + spare, script)));
    expect(stderr).toMatch(/^error: no space left on the disk: .*: free some space [^\n]*\n$/);
    const [before, after] = stdout.split(/^1\n/m);
    expect(before).toMatch(/ndvi_DJF\.tif/);
    expect(after).toBe(before);
  });
});

function commandLine([command, ...args]: readonly [string, ...string[]]): [string, string[]] {
  return [command, args];
}
