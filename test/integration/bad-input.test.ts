/** A request that is wrong: exit status 2, one clear line a problem, and no output. On the demo's job with one thing changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { exampleJob } from "../support/example.ts";
import { mayfly, set } from "../support/mayfly.ts";
import { expectRefusal } from "../support/refusal.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
let places = 0;

/** A directory of a test's own, with room for an output in it. */
function place(): string {
  const directory = path.join(work, String(++places));
  mkdirSync(directory);
  return directory;
}

type Row = { readonly name: string; readonly flags: readonly string[]; readonly want: readonly RegExp[] };

const rows: readonly Row[] = [
  {
    name: "a flag that the product does not have",
    flags: set("spec.mask.flags.clowd=high_confidence"),
    want: [/unknown flag "clowd": spec\.mask\[0\]\.flags: .*use one of nodata, .*cloud/],
  },
  {
    name: "a flag that every JavaScript object has",
    flags: set("spec.mask.flags.constructor=high_confidence"),
    want: [/unknown flag "constructor": spec\.mask\[0\]\.flags: /],
  },
  {
    name: "a value that the flag does not have",
    flags: set("spec.mask.flags.cloud=low"),
    want: [/unknown flag value "low": spec\.mask\[0\]\.flags\.cloud: .*use one of not_high_confidence, high_confidence/],
  },
  {
    name: "two values that the flag does not have, a line each",
    flags: set("spec.mask.flags.cloud=[low, mid]"),
    want: [/unknown flag value "low": spec\.mask\[0\]\.flags\.cloud: /, /unknown flag value "mid": spec\.mask\[0\]\.flags\.cloud: /],
  },
  {
    name: "an EPSG code that is none",
    flags: set("spec.grid.crs=EPSG:9999"),
    want: [/unknown CRS "EPSG:9999": spec\.grid\.crs: use .*EPSG:n/],
  },
  { name: "a CRS that is no code", flags: set("spec.grid.crs=Albers"), want: [/"Albers": spec\.grid\.crs: write EPSG:/] },
  {
    name: "a field that is misspelt",
    flags: set("spec.resmapling={}"),
    want: [/unknown field "resmapling": spec\.resmapling: did you mean resampling\?/],
  },
  {
    name: "a deep field that is misspelt",
    flags: set("spec.grid.resoluton=30"),
    want: [/unknown field "resoluton": spec\.grid\.resoluton: did you mean resolution\?/],
  },
  { name: "an option that is not there", flags: ["--trheads", "2"], want: [/unknown option '--trheads'.*--threads.*: see mayfly --help/] },
  {
    name: "a kind of progress that is not there",
    flags: ["--progress", "loud"],
    want: [/--progress.*'loud' is invalid.*auto, plain, json, none/],
  },
  {
    name: "a region outside all items",
    flags: set("spec.region.lon=[10, 11]"),
    want: [/the region lies outside all items: spec\.region: none of the 19 items/],
  },
  {
    name: "a region that is reversed",
    flags: set("spec.region.lat=[42.6, 39.4]"),
    want: [/lat is not in order: spec\.region\.lat: put the smaller first/],
  },
  {
    name: "a time that is reversed",
    flags: set('spec.time={start: "2018-06-01", end: "2018-05-01"}'),
    want: [/time is reversed: spec\.time: put the earlier first: start 2018-05-01, end 2018-06-01/],
  },
  {
    name: "a day that does not exist",
    flags: set("spec.time.end=2018-02-30"),
    want: [/no such day: "2018-02-30": spec\.time\.end: write /],
  },
  {
    name: "a time without items",
    flags: set('spec.time={start: "2017", end: "2017"}'),
    want: [/no item in the time asked for: .*items\.json: its 19 items are of 2018-01-06 to 2018-12-17/],
  },
  {
    name: "averaging a flag band",
    flags: set("spec.resampling.qa_pixel=average"),
    want: [/average of the flag band qa_pixel: spec\.resampling\.qa_pixel: .*use nearest/],
  },
  {
    name: "a negative resolution",
    flags: set("spec.grid.resolution=-30"),
    want: [/must be positive: spec\.grid\.resolution: .*above 0 instead of -30/],
  },
  {
    name: "a resolution that is no number",
    flags: set("spec.grid.resolution=fine"),
    want: [/must be a number, not "fine": spec\.grid\.resolution: /],
  },
  {
    name: "a grid that is too large",
    flags: set("spec.grid.resolution=0.01"),
    want: [/pixels is too large: spec\.grid\.resolution: use a coarser/],
  },
  {
    name: "a product that is not there",
    flags: set("spec.product=landsat-c3"),
    want: [/unknown product "landsat-c3": spec\.product: use one of .*landsat-c2-l2/],
  },
  {
    name: "an index that is not there",
    flags: set("spec.index=nvdi"),
    want: [/unknown index "nvdi": spec\.indices\[0\]\.name: did you mean ndvi\? use one of ndvi/],
  },
  {
    name: "items on a server that is not there",
    // Nobody listens on the discard port.
    flags: set("spec.source.items=http://127.0.0.1:9/items.json"),
    want: [/item list unreadable.*: http:\/\/127\.0\.0\.1:9\/items\.json: /],
  },
  {
    name: "an output on the network, which comes later",
    flags: ["--out", "s3://bucket/prefix/"],
    want: [/s3:\/\/bucket\/prefix\/ is not supported yet: --out: give a directory/],
  },
  {
    name: "several things at once, a line each",
    flags: set("spec.grid.resolution=-30", "spec.tiem={}", "spec.mask.flags.clowd=high_confidence"),
    want: [/unknown field "tiem": spec\.tiem: did you mean time\?/, /must be positive: spec\.grid\.resolution: /],
  },
];

describe("mayfly run refuses", () => {
  it.each(rows)("$name", async ({ flags, want }) => {
    await expectRefusal({ job: exampleJob, out: path.join(place(), "out"), flags, wantStatus: 2, wantLines: want });
  });
});

const notAManifest = "give apiVersion, kind, metadata and spec";
const manifests: readonly { readonly name: string; readonly text: string | undefined; readonly want: readonly RegExp[] }[] = [
  { name: "that is missing", text: undefined, want: [/cannot read the manifest \(ENOENT\): .*job\.yaml: give the path/] },
  { name: "that is not YAML", text: "kind: [ComputeJob\nspec: }", want: [/not YAML \(.*\): .*job\.yaml:2:\d+: correct it there/] },
  {
    name: "with one key twice",
    text: "kind: ComputeJob\nkind: ComputeJob\n",
    want: [/not YAML \(Map keys must be unique\): .*job\.yaml:2:1: /],
  },
  { name: "that is only text", text: "hello", want: [new RegExp(`not a manifest: .*job\\.yaml: ${notAManifest}`)] },
  { name: "that is empty", text: "", want: [/manifest: .*job\.yaml: give /] },
  {
    name: "of another kind",
    text: "apiVersion: v1\nkind: Pod\n",
    want: [/unknown apiVersion "v1": apiVersion: /, /unknown kind "Pod": kind: /],
  },
  {
    name: "with two jobs",
    text: "kind: ComputeJob\n---\nkind: ComputeJob\n",
    want: [/2 ComputeJobs in the manifest: .*job\.yaml: give one/],
  },
  { name: "with an alias to nothing", text: "kind: *nothing\n", want: [/not YAML \(Unresolved alias.*\): .*job\.yaml: write out/] },
  {
    name: "that grows as it is read",
    text: `a: &a [${"x,".repeat(99)}x]\nb: &b [${"*a,".repeat(99)}*a]\nc: [${"*b,".repeat(99)}*b]\n`,
    want: [/not YAML \(Excessive alias count.*\): .*job\.yaml: write out/],
  },
];

describe("mayfly run refuses a manifest", () => {
  it.each(manifests)("$name", async ({ text, want }) => {
    const directory = place();
    const job = path.join(directory, "job.yaml");
    if (text !== undefined) writeFileSync(job, text);
    await expectRefusal({ job, out: path.join(directory, "out"), wantStatus: 2, wantLines: want });
  });
});

describe("--verbose", () => {
  const wrong = ["run", exampleJob, "--out", path.join(work, "never"), "--progress", "none", "--set", "spec.grid.crs=EPSG:9999"];

  it("adds the stack below the line, which is never there without it", async () => {
    const [plain, verbose] = [await mayfly(wrong), await mayfly([...wrong, "--verbose"])];
    expect(plain.stderr).not.toMatch(/\n\s+at /);
    expect(verbose.status).toBe(2);
    expect(verbose.stderr.startsWith(plain.stderr)).toBe(true);
    expect(verbose.stderr).toMatch(/\n\s+at .*prepare-job\.ts:\d+/);
  });
});
