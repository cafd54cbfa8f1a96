import { describe, expect, it } from "vitest";
import type { Problem } from "./problem.ts";
import { parseComputeJob } from "./parse.ts";
import { changed, designJob, smallJob, type Changes } from "./sample-manifests.fixture.ts";

type BadRow = readonly [name: string, changes: Changes, what: string, where: string, todo: string];

function problemsOf(changes: Changes): readonly Problem[] {
  const parsed = parseComputeJob(changed(smallJob, changes), "cluster");
  return parsed.ok ? [] : parsed.problems;
}

function refuses(rows: readonly BadRow[]): void {
  it.each(rows)("refuses %s", (_name, changes, what, where, todo) => {
    expect(problemsOf(changes)).toEqual([{ what, where, todo }]);
  });
}

function takes(rows: readonly (readonly [name: string, changes: Changes])[]): void {
  it.each(rows)("takes %s", (_name, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });
}

describe("defaults", () => {
  it("are those of the design and no others", () => {
    const parsed = parseComputeJob(smallJob, "cluster");
    expect(parsed.ok ? parsed.value.spec : parsed).toEqual({
      ...smallJob.spec,
      chunks: { time: 1, height: 2048, width: 2048 },
      groupBy: "solar_day",
      indices: [{ name: "ndvi" }],
      values: "reflectance",
      reduce: { by: "season", statistic: "mean" },
      output: { url: "s3://bucket/ndvi/", count: true, quicklook: true },
      suspend: false,
      backoffLimit: 3,
    });
  });

  it.each([
    ["chunks without height and width are the whole extent", "chunks", { time: 2 }, { time: 2 }],
    ["empty chunks are one day of the whole extent", "chunks", {}, { time: 1 }],
    ["reduce keeps season where only the statistic is given", "reduce", { statistic: "max" }, { by: "season", statistic: "max" }],
    ["reduce keeps mean where only the group is given", "reduce", { by: "month" }, { by: "month", statistic: "mean" }],
    [
      "a template's memory is filled in",
      "clusterTemplate",
      { spec: { workers: { memory: { target: "0.5" } } } },
      { spec: { suspend: false, workers: { memory: { target: "0.5", spill: "0.70", pause: "0.80", terminate: "0.95" } } } },
    ],
  ] as const)("%s", (_name, field, value, want) => {
    const parsed = parseComputeJob(changed(smallJob, { [`spec.${field}`]: value }), "cluster");
    expect(parsed.ok ? parsed.value.spec[field] : parsed).toEqual(want);
  });

  it("add nothing to the design's own manifest but the template's", () => {
    const parsed = parseComputeJob(designJob, "cluster");
    const memory = { target: "0.60", spill: "0.70", pause: "0.80", terminate: "0.95" };
    expect(parsed.ok ? parsed.value : parsed).toEqual(
      changed(designJob, { "spec.clusterTemplate.spec.suspend": false, "spec.clusterTemplate.spec.workers.memory": memory }),
    );
  });
});

describe("source", () => {
  const stac = { url: "https://stac.example.org" };
  takes([
    ["items over https", { "spec.source.items": "https://example.org/items.json" }],
    ["a search", { "spec.source": { stac } }],
  ]);
  refuses([
    ["no source", { "spec.source": {} }, "neither items nor stac is given", "spec.source", "give exactly one of items, stac"],
    ["two sources", { "spec.source.stac": stac }, "both items and stac are given", "spec.source", "give exactly one of items, stac"],
    [
      "an unsigned reader with credentials",
      { "spec.source.s3": { unsigned: true, credentialsSecretName: "keys" } },
      "unsigned and credentialsSecretName are both given",
      "spec.source.s3",
      "give one of them",
    ],
    [
      "a STAC address that is no URL",
      { "spec.source": { stac: { url: "stac.example.org" } } },
      'not allowed: "stac.example.org"',
      "spec.source.stac.url",
      "give a URL that begins with https:// or http://",
    ],
    [
      "another onError",
      { "spec.source.onError": "skp" },
      'unknown value "skp"',
      "spec.source.onError",
      "did you mean skip? use one of fail, skip",
    ],
  ]);
});

describe("product", () => {
  const bands = { red: { aliases: ["B4"], nodata: 0, scale: 1, offset: 0, validRange: { min: 1, max: 2 } } };
  const cloud = { bit: 3, width: 1, values: { clear: 0, cloudy: 1 } };
  const own = (table: object): Changes => ({ "spec.product": undefined, "spec.productTable": table });
  const table = "spec.productTable";
  takes([["a table of one's own", own({ bands, flags: { qa: { cloud } } })]]);
  refuses([
    [
      "neither",
      { "spec.product": undefined },
      "neither product nor productTable is given",
      "spec",
      "give exactly one of product, productTable",
    ],
    ["both", { [table]: { bands } }, "both product and productTable are given", "spec", "give exactly one of product, productTable"],
    [
      "a table without bands",
      own({ bands: {} }),
      "no band is described",
      `${table}.bands`,
      "describe at least one, as {red: {aliases: [B4], nodata: 0}}",
    ],
    [
      "a value too large for its bits",
      own({ bands, flags: { qa: { cloud: { ...cloud, values: { clear: 2 } } } } }),
      "2 does not fit in 1 bit",
      `${table}.flags.qa.cloud.values.clear`,
      "correct the value or the width",
    ],
    [
      "a field beyond 32 bits",
      own({ bands, flags: { qa: { cloud: { ...cloud, bit: 31, width: 2 } } } }),
      "the field ends beyond bit 31",
      `${table}.flags.qa.cloud.width`,
      "flag bands have at most 32 bits",
    ],
    [
      "a field without values",
      own({ bands, flags: { qa: { cloud: { ...cloud, values: {} } } } }),
      "no value is named",
      `${table}.flags.qa.cloud.values`,
      "name at least one, as {clear: 0, cloudy: 1}",
    ],
    [
      "a reversed valid range",
      own({ bands: { red: { validRange: { min: 2, max: 1 } } } }),
      "min is not below max",
      `${table}.bands.red.validRange`,
      "put the smaller first: min 1, max 2",
    ],
    ["a band measured twice", { "spec.measurements": ["red", "red"] }, 'band "red" is listed twice', "spec.measurements", "list it once"],
  ]);
});

describe("grid, chunks and resampling", () => {
  takes([
    ["native without a resolution", { "spec.grid": { crs: "native" } }],
    ["utm", { "spec.grid": { crs: "utm", resolution: 30 } }],
    ["a resolution for each axis", { "spec.grid": { crs: "EPSG:4326", resolutionXY: [0.01, 0.02] } }],
    ["a method for all bands", { "spec.resampling": { "*": "bilinear", qa_pixel: "nearest" } }],
  ]);
  refuses([
    [
      "a negative resolution",
      { "spec.grid.resolution": -30 },
      "must be positive",
      "spec.grid.resolution",
      "give a number above 0 instead of -30",
    ],
    [
      "a resolution of zero along y",
      { "spec.grid": { crs: "EPSG:3577", resolutionXY: [30, 0] } },
      "must be positive",
      "spec.grid.resolutionXY[1]",
      "give a number above 0 instead of 0",
    ],
    [
      "a resolution for one axis",
      { "spec.grid": { crs: "EPSG:3577", resolutionXY: [30] } },
      "has too few entries",
      "spec.grid.resolutionXY",
      "give 2 or more instead of 1",
    ],
    [
      "both resolutions",
      { "spec.grid.resolutionXY": [30, 30] },
      "resolution and resolutionXY are both given",
      "spec.grid",
      "give one of them",
    ],
    [
      "no resolution",
      { "spec.grid.resolution": undefined },
      "the grid has no resolution",
      "spec.grid",
      "add resolution, in units of the CRS, for example resolution: 30",
    ],
    [
      "a CRS that is no code",
      { "spec.grid.crs": "WGS 84" },
      'not allowed: "WGS 84"',
      "spec.grid.crs",
      "write EPSG:<code> (EPSG:3577), native, or utm",
    ],
    ["no grid", { "spec.grid": undefined }, "required field is missing", "spec.grid", "add it: Lattice of the output: crs and resolution"],
    ["an empty grid", { "spec.grid": null }, "must be a mapping, not empty", "spec.grid", "give a mapping"],
    ["half a pixel", { "spec.chunks": { height: 1.5 } }, "must be a whole number, not 1.5", "spec.chunks.height", "give a whole number"],
    [
      "another method",
      { "spec.resampling": { red: "averge" } },
      'unknown value "averge"',
      "spec.resampling.red",
      "did you mean average? use one of nearest, average, bilinear, cubic",
    ],
    [
      "a band without a name",
      { "spec.resampling": { "": "nearest" } },
      "this name must not be empty",
      'spec.resampling[""]',
      "give a value",
    ],
  ]);
});

describe("mask and validRange", () => {
  const mask = (flags: object): Changes => ({ "spec.mask": [{ band: "qa_pixel", flags }] });
  const range = (validRange: unknown): Changes => ({ "spec.mask": [{ band: "qa_pixel", flags: { cloud: ["a"] }, validRange }] });
  takes([
    [
      "several masks",
      {
        "spec.mask": [
          { band: "a", flags: { x: ["1"] } },
          { band: "b", flags: { y: ["2", "3"] } },
        ],
      },
    ],
    ["the product's range", range("product")],
    ["a range", range({ min: 7273, max: 43636 })],
  ]);
  refuses([
    [
      "one mask that is no list",
      { "spec.mask": { band: "a", flags: { x: ["1"] } } },
      "must be a list, not a mapping",
      "spec.mask",
      "give a list",
    ],
    ["a flag that is no list", mask({ cloud: "no" }), 'must be a list, not "no"', "spec.mask[0].flags.cloud", "give a list"],
    ["no value", mask({ cloud: [] }), "has too few entries", "spec.mask[0].flags.cloud", "give 1 or more instead of 0"],
    [
      "a value that is no string",
      mask({ nodata: [false] }),
      "must be a string, not false",
      "spec.mask[0].flags.nodata[0]",
      'put it in quotes: "false"',
    ],
    ["a value twice", mask({ cloud: ["a", "a"] }), 'value "a" is listed twice', "spec.mask[0].flags.cloud", "list it once"],
    [
      "no flag",
      mask({}),
      "no flag is named",
      "spec.mask[0].flags",
      "name at least one, as {cloud: [not_high_confidence]}, or drop the mask",
    ],
    [
      "another word for the range",
      range("all"),
      'not allowed: "all"',
      "spec.mask[0].validRange",
      "use none, product, or {min: <number>, max: <number>}",
    ],
    ["an empty range", range({ min: 1, max: 1 }), "min is not below max", "spec.mask[0].validRange", "put the smaller first: min 1, max 1"],
    [
      "a range with another field",
      range({ min: 1, max: 2, mix: 3 }),
      'unknown field "mix"',
      "spec.mask[0].validRange.mix",
      "did you mean min? the fields here are min, max",
    ],
  ]);
});

describe("indices and reduce", () => {
  const name64 = "use 1 to 32 of the characters a-z, 0-9 and _";
  takes([
    ["eight indices", { "spec.indices": "abcdefgh".split("").map((name) => ({ name, band: "red" })) }],
    ["each year", { "spec.reduce": { by: "month", each: "year", statistic: "std", calendar: "solar" } }],
  ]);
  refuses([
    ["no index", { "spec.indices": [] }, "has too few entries", "spec.indices", "give 1 or more instead of 0"],
    [
      "nine indices",
      { "spec.indices": "abcdefghi".split("").map((name) => ({ name })) },
      "has too many entries",
      "spec.indices",
      "give at most 8 instead of 9",
    ],
    [
      "a name twice",
      { "spec.indices": [{ name: "ndvi" }, { name: "ndvi", band: "red" }] },
      'index "ndvi" is given twice',
      "spec.indices",
      "give each a name of its own: it names the files",
    ],
    ["a name that is no file's", { "spec.indices": [{ name: "../x" }] }, 'not allowed: "../x"', "spec.indices[0].name", name64],
    ["a long name", { "spec.indices": [{ name: "a".repeat(33) }] }, `not allowed: "${"a".repeat(33)}"`, "spec.indices[0].name", name64],
    [
      "an index of two kinds",
      { "spec.indices": [{ name: "x", band: "a", normalizedDifference: ["a", "b"] }] },
      "normalizedDifference and band are both given",
      "spec.indices[0]",
      "give one of them, or the name alone",
    ],
    [
      "a difference of one band",
      { "spec.indices": [{ name: "x", normalizedDifference: ["a", "a"] }] },
      "both bands are the same",
      "spec.indices[0].normalizedDifference",
      "name two different bands",
    ],
    [
      "another group",
      { "spec.reduce.by": "seasons" },
      'unknown value "seasons"',
      "spec.reduce.by",
      "did you mean season? use one of season, month, quarter, year, all",
    ],
    ["other values", { "spec.values": "dn" }, 'unknown value "dn"', "spec.values", "use one of reflectance, raw"],
  ]);
});

describe("where it runs and goes", () => {
  takes([
    ["an existing cluster", { "spec.clusterName": "shared" }],
    ["no retry", { "spec.backoffLimit": 0 }],
    ["a negative priority", { "spec.priority": -5 }],
    ["going at once", { "spec.ttlSecondsAfterFinished": 0 }],
  ]);
  refuses([
    [
      "two clusters",
      { "spec.clusterName": "shared", "spec.clusterTemplate": { spec: {} } },
      "both clusterTemplate and clusterName are given",
      "spec",
      "give one of them, or neither",
    ],
    [
      "a negative backoffLimit",
      { "spec.backoffLimit": -1 },
      "must not be negative",
      "spec.backoffLimit",
      "give a number of 0 or more instead of -1",
    ],
    [
      "a deadline of zero",
      { "spec.activeDeadlineSeconds": 0 },
      "must be positive",
      "spec.activeDeadlineSeconds",
      "give a number above 0 instead of 0",
    ],
    ["a user without a name", { "spec.user": "" }, "must not be empty", "spec.user", "give a value"],
    ["a suspend that is a word", { "spec.suspend": "no" }, 'must be true or false, not "no"', "spec.suspend", "give true or false"],
    [
      "a key without KMS",
      { "spec.output.s3": { kmsKeyId: "k", serverSideEncryption: "AES256" } },
      "kmsKeyId needs KMS encryption",
      "spec.output.s3.kmsKeyId",
      "add serverSideEncryption: aws:kms",
    ],
  ]);
});

describe("metadata", () => {
  const alphabet = "use lower-case letters, digits and -, beginning with a letter and ending with a letter or digit";
  takes([
    ["a name of 52 characters", { "metadata.name": "a".repeat(52) }],
    ["what the API server adds", { "metadata.uid": "u", "metadata.creationTimestamp": null, "metadata.managedFields": [{}] }],
  ]);
  refuses([
    ["a long name", { "metadata.name": "a".repeat(53) }, "is too long", "metadata.name", "use at most 52 characters instead of 53"],
    ["a name with capitals", { "metadata.name": "NDVI" }, 'not allowed: "NDVI"', "metadata.name", alphabet],
    ["a name that no Service can have", { "metadata.name": "2021-ndvi" }, 'not allowed: "2021-ndvi"', "metadata.name", alphabet],
    [
      "a Kueue queue",
      { "metadata.labels": { "kueue.x-k8s.io/queue-name": "q" } },
      "Kueue queues are not supported",
      'metadata.labels["kueue.x-k8s.io/queue-name"]',
      "take the label away",
    ],
    [
      "a misspelt field",
      { "metadata.lables": {} },
      'unknown field "lables"',
      "metadata.lables",
      expect.stringMatching(/^did you mean labels\? /),
    ],
    [
      "no name",
      { "metadata.name": undefined },
      "required field is missing",
      "metadata.name",
      "add it: Name of the object; a job's own cluster has the job's name",
    ],
  ]);
});
