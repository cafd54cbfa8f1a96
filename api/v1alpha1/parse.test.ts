import { describe, expect, it } from "vitest";
import { parseComputeCluster, parseComputeJob } from "./parse.ts";
import { changed, designCluster, designJob, newYorkJob, smallJob } from "./sample-manifests.fixture.ts";

const API = "compute.mayfly.dev/v1alpha1";

describe("parseComputeJob for a command", () => {
  it("takes the notebook's words", () => {
    const parsed = parseComputeJob(newYorkJob, "command");
    expect(parsed.ok ? parsed.value.spec : parsed).toMatchObject({
      source: { items: "items.json" },
      chunks: { time: 1, height: 64, width: 64 },
      mask: [{ band: "qa_pixel", flags: { nodata: ["false"], cloud: ["not_high_confidence"], cloud_shadow_confidence: ["none", "low"] } }],
      indices: [{ name: "ndvi" }],
      values: "raw",
      output: { count: true, quicklook: true },
    });
  });

  it.each([
    ["index", { "spec.index": ["ndvi", "nbr"], "spec.indices": undefined }, "index is not in its short form: spec.index: give one name"],
    ["index beside indices", { "spec.index": "ndvi", "spec.indices": [{ name: "nbr" }] }, "both index and indices are given: spec.index"],
    ["x", { "spec.region": { x: 1, y: [3, 4], crs: "EPSG:3577" } }, "x is not in its short form: spec.region.x: give both x"],
    ["x and y", { "spec.region": { x: [1, 2], y: [3, 4] } }, "bounds, or x and y, have no crs: spec.region: add the CRS"],
  ])("says what is wrong with the short form %s", (_name, fields, want) => {
    const parsed = parseComputeJob(changed(smallJob, fields), "command");
    const [first] = parsed.ok ? [] : parsed.problems;
    expect(`${first?.what}: ${first?.where}: ${first?.todo}`).toContain(want);
  });

  it("refuses a short form beside its canonical one", () => {
    const parsed = parseComputeJob(changed(newYorkJob, { "spec.chunks.height": 1 }), "command");
    expect(parsed).toEqual({
      ok: false,
      problems: [{ what: "both y and height are given", where: "spec.chunks.y", todo: "they mean the same: drop one" }],
    });
  });

  it("says a misspelt field before what is missing for it", () => {
    const parsed = parseComputeJob(changed(newYorkJob, { "spec.grid": undefined, "spec.gird": {}, "spec.chunks.time": 0 }), "command");
    const found = parsed.ok ? [] : parsed.problems.map(({ what, where }) => `${what}: ${where}`);
    expect(found).toEqual([
      'unknown field "gird": spec.gird',
      "required field is missing: spec.grid",
      "must be positive: spec.chunks.time",
    ]);
  });

  it("says a misspelt field instead of the rule that it breaks", () => {
    const parsed = parseComputeJob(changed(newYorkJob, { "spec.source": { item: "items.json" } }), "command");
    const want = {
      what: 'unknown field "item"',
      where: "spec.source.item",
      todo: "did you mean items? the fields here are items, stac, s3, onError",
    };
    expect(parsed).toEqual({ ok: false, problems: [want] });
  });

  it("suggests the field that was meant and lists the others", () => {
    expect(parseComputeJob(changed(newYorkJob, { "spec.grid.resolutoin": 3 }), "command")).toEqual({
      ok: false,
      problems: [
        {
          what: 'unknown field "resolutoin"',
          where: "spec.grid.resolutoin",
          todo: "did you mean resolution? the fields here are crs, resolution, resolutionXY, anchor, overviews",
        },
      ],
    });
  });

  it.each([
    [
      "reversed",
      { start: "2021-12", end: "2021-01" },
      "time is reversed",
      "spec.time",
      "put the earlier first: start 2021-01, end 2021-12",
    ],
    [
      "no date",
      { start: "last year" },
      'not a date: "last year"',
      "spec.time.start",
      "write 2021, 2021-03, 2021-03-05 or 2021-03-05T23:59:59Z",
    ],
  ])("refuses a time that is %s", (_name, time, what, where, todo) => {
    expect(parseComputeJob(changed(newYorkJob, { "spec.time": time }), "command")).toEqual({
      ok: false,
      problems: [{ what, where, todo }],
    });
  });
});

describe("parseComputeJob for a cluster", () => {
  it("takes the design's manifest", () => {
    expect(parseComputeJob(designJob, "cluster").ok).toBe(true);
  });

  it("takes a status beside the spec and drops what it does not know of it", () => {
    const parsed = parseComputeJob({ ...smallJob, status: { attempts: 1, later: true } }, "cluster");
    expect(parsed.ok ? parsed.value.status : parsed).toEqual({ attempts: 1 });
  });

  it("takes no short form", () => {
    const parsed = parseComputeJob(changed(smallJob, { "spec.index": "ndvi", "spec.time": "2021" }), "cluster");
    const found = parsed.ok ? [] : parsed.problems.map(({ what, where }) => `${what}: ${where}`);
    expect(found).toEqual(['unknown field "index": spec.index', 'must be a mapping, not "2021": spec.time']);
  });

  it.each([
    [
      "a path of items",
      { "spec.source.items": "items.json" },
      'a cluster cannot read the path "items.json"',
      "spec.source.items",
      "give an http(s):// or s3:// URL",
    ],
    [
      "a file URL",
      { "spec.source.items": "file:///x" },
      'a cluster cannot read the path "file:///x"',
      "spec.source.items",
      "give an http(s):// or s3:// URL",
    ],
    [
      "no output",
      { "spec.output": undefined },
      "required field is missing",
      "spec.output.url",
      "add it: an s3:// URL that the results are written under",
    ],
    ["a directory", { "spec.output.url": "out/" }, 'a cluster cannot write to "out/"', "spec.output.url", "give an s3:// URL"],
  ])("refuses %s", (_name, changes, what, where, todo) => {
    const manifest = changed(smallJob, changes);
    expect(parseComputeJob(manifest, "cluster")).toEqual({ ok: false, problems: [{ what, where, todo }] });
    expect(parseComputeJob(manifest, "command").ok).toBe(true);
  });
});

describe("another manifest", () => {
  const mapping = { what: "not a manifest", where: "the manifest", todo: `give a mapping with apiVersion: ${API} and kind: ComputeJob` };
  it.each([
    ["nothing", null, [mapping]],
    ["a text", "job", [mapping]],
    ["a list", [newYorkJob], [mapping]],
    [
      "an empty mapping",
      {},
      [
        { what: "required field is missing", where: "apiVersion", todo: `add apiVersion: ${API}` },
        { what: "required field is missing", where: "kind", todo: "add kind: ComputeJob" },
      ],
    ],
    ["a cluster", designCluster, [{ what: "kind is ComputeCluster", where: "kind", todo: "give a manifest of kind ComputeJob" }]],
    [
      "a misspelt kind",
      changed(smallJob, { kind: "ComputJob" }),
      [{ what: 'unknown kind "ComputJob"', where: "kind", todo: "did you mean ComputeJob? use ComputeJob" }],
    ],
    [
      "another version",
      changed(smallJob, { apiVersion: "compute.mayfly.dev/v1" }),
      [{ what: 'unknown apiVersion "compute.mayfly.dev/v1"', where: "apiVersion", todo: `did you mean ${API}? use ${API}` }],
    ],
  ])("is said at once: %s", (_name, raw, problems) => {
    expect(parseComputeJob(raw, "command")).toEqual({ ok: false, problems });
  });

  it("is said at once where a cluster is wanted", () => {
    expect(parseComputeCluster(smallJob, "cluster")).toEqual({
      ok: false,
      problems: [{ what: "kind is ComputeJob", where: "kind", todo: "give a manifest of kind ComputeCluster" }],
    });
  });
});
