/** Source files that cannot be read: exit status 1, one line that names the file, and no output. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import type { Report } from "../../api/v1alpha1/report.ts";
import { changeItems, changeSpec, copyExample } from "../support/example.ts";
import { imageDigests, mayfly, runJob } from "../support/mayfly.ts";
import { heldToPermissions, permissionsHold } from "../support/privilege.ts";
import { expectRefusal } from "../support/refusal.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { placeOfTag, strip, STRIP_BYTE_COUNTS, STRIP_OFFSETS } from "../support/tiff-bytes.ts";

const work = temporaryDirectory();
const image = "LC08_L1TP_014031_20180530_B5.TIF";

let copies = 0;

/** A copy of the example whose `image` is spoilt, and an output that is not there. */
function spoilt(spoil: (file: string) => void): { readonly job: string; readonly out: string; readonly file: string } {
  const directory = path.join(work, String(++copies));
  const job = copyExample(path.join(directory, "example"));
  const file = path.join(directory, "example", image);
  spoil(file);
  return { job, out: path.join(directory, "a/new/one"), file };
}

/** Changes the bytes of a file. */
function edit(change: (tiff: Buffer) => Uint8Array): (file: string) => void {
  return (file) => writeFileSync(file, change(readFileSync(file)));
}

/** Flips bits from `at` on. */
function flip(tiff: Buffer, at: number, count: number): Buffer {
  for (let i = at; i < at + count; i++) tiff.writeUInt8(tiff.readUInt8(i) ^ 0x55, i);
  return tiff;
}

/** Writes another number for strip 1 under `tag`. */
function number(tag: number, value: (tiff: Buffer) => number): (file: string) => void {
  return edit((tiff) => {
    tiff.writeUInt32LE(value(tiff), placeOfTag(tiff, tag, 1));
    return tiff;
  });
}

type Row = { readonly name: string; readonly spoil: (file: string) => void; readonly what: string; readonly todo?: string };

const fetchAgain = "the file is damaged or truncated, or no TIFF; fetch it again";
const dropItem = "the file is damaged; fetch it again, or drop its item";
const pastEnd = "not a readable TIFF \\(block 1 lies past the end of the file\\)";
const undecodable = "block 1 cannot be decoded \\(.+\\)";

const rows: readonly Row[] = [
  { name: "missing", spoil: (file) => rmSync(file), what: "no such file", todo: "check the item's href" },
  {
    name: "a directory",
    spoil: (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    what: "not a file",
    todo: "give the path of a GeoTIFF",
  },
  { name: "empty", spoil: edit(() => new Uint8Array(0)), what: "not a readable TIFF .*" },
  { name: "no TIFF", spoil: edit(() => Buffer.from('{"type": "Feature"}')), what: "not a readable TIFF .*" },
  { name: "cut off in its first bytes", spoil: edit((tiff) => tiff.subarray(0, 6)), what: "not a readable TIFF .*" },
  { name: "cut off in its header", spoil: edit((tiff) => tiff.subarray(0, 100)), what: "not a readable TIFF .*" },
  {
    name: "cut off after its header",
    spoil: edit((tiff) => tiff.subarray(0, strip(tiff, 0).offset)),
    what: "not a readable TIFF \\(block 0 lies past the end of the file\\)",
  },
  { name: "cut off in the middle of a block", spoil: edit((tiff) => tiff.subarray(0, strip(tiff, 1).offset + 100)), what: pastEnd },
  { name: "cut off by its last byte", spoil: edit((tiff) => tiff.subarray(0, -1)), what: pastEnd },
  { name: "of an offset past its end", spoil: number(STRIP_OFFSETS, () => 0x7fff_ffff), what: pastEnd },
  { name: "of a block length past its end", spoil: number(STRIP_BYTE_COUNTS, () => 0x7fff_ffff), what: pastEnd },
  {
    name: "of a block that ends too early",
    spoil: number(STRIP_BYTE_COUNTS, (tiff) => strip(tiff, 1).length - 300),
    what: undecodable,
    todo: dropItem,
  },
  { name: "broken in a block's head", spoil: edit((tiff) => flip(tiff, strip(tiff, 1).offset, 2)), what: undecodable, todo: dropItem },
  {
    name: "broken in the middle of a block",
    spoil: edit((tiff) => flip(tiff, strip(tiff, 1).offset + 500, 8)),
    what: undecodable,
    todo: dropItem,
  },
  {
    name: "broken in a block's checksum",
    spoil: edit((tiff) => flip(tiff, strip(tiff, 1).offset + strip(tiff, 1).length - 4, 4)),
    what: undecodable,
    todo: dropItem,
  },
];

describe("mayfly run stops at a file that is", () => {
  it.each(rows)("$name", async ({ spoil, what, todo = fetchAgain }) => {
    const { job, out, file } = spoilt(spoil);
    await expectRefusal({ job, out, wantStatus: 1, wantLines: [new RegExp(`^error: ${what}: ${file}: ${todo}`)] });
  });

  // As root without setpriv every file can be read: nothing to see.
  it.skipIf(!permissionsHold)("not readable for this user", async () => {
    const { job, out, file } = spoilt((name) => chmodSync(name, 0o000));
    const want = [new RegExp(`permission denied: ${file}: make the file readable`)];
    await expectRefusal({ job, out, through: heldToPermissions, wantStatus: 1, wantLines: want });
  });

  it("broken, with the stack of every cause where --verbose is given", async () => {
    const { job, out } = spoilt(edit((tiff) => flip(tiff, strip(tiff, 1).offset + 500, 8)));
    const { status, stderr } = await mayfly(["run", job, "--out", out, "--progress", "none", "--verbose"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: block 1 .*\n.*\n\s+at .*engine\.ts:\d+/);
    expect(stderr).toMatch(/\ncaused by: /);
  });
});

describe("with onError: skip, mayfly run leaves out the scene of a file that is", () => {
  const item = "LC08_L1TP_014031_20180530";

  it.each([
    { name: "missing", spoil: (file: string) => rmSync(file), reason: "no such file" },
    { name: "cut off in its header", spoil: edit((tiff) => tiff.subarray(0, 100)), reason: "not a readable TIFF" },
    { name: "broken in a block", spoil: edit((tiff) => flip(tiff, strip(tiff, 1).offset + 500, 8)), reason: "block 1 cannot be decoded" },
  ])("$name, as if it had not been there", async ({ spoil, reason }) => {
    const { job, out, file } = spoilt(spoil);
    changeSpec(job, (spec) => ((spec["source"] as Record<string, unknown>)["onError"] = "skip"));
    await runJob(job, out);
    const report = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as Report; // mayfly wrote it
    expect(report.skippedScenes).toEqual([{ id: expect.stringContaining(item), reason: expect.stringMatching(`^${reason}.*: ${file}$`) }]);
    changeItems(job, (items) =>
      items.splice(
        items.findIndex(({ id }) => id.includes(item)),
        1,
      ),
    );
    const without = path.join(out, "../without");
    await runJob(job, without);
    expect(imageDigests(out)).toEqual(imageDigests(without));
    // The same hash: the two are results of the same scenes.
    expect((JSON.parse(readFileSync(path.join(without, "report.json"), "utf8")) as Report).jobHash).toBe(report.jobHash);
  });
});
