import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { designJob, newYorkJob } from "./sample-manifests.fixture.ts";
import { expandShortForms } from "./short-forms.ts";

describe("expandShortForms", () => {
  it.each([
    ["chunks y and x", { chunks: { time: 1, y: 64, x: 32 } }, { chunks: { time: 1, height: 64, width: 32 } }],
    [
      "a region in x and y",
      { region: { x: [0, 10], y: [5, 6], crs: "EPSG:3577" } },
      { region: { bounds: [0, 5, 10, 6], crs: "EPSG:3577" } },
    ],
    ["one mask", { mask: { band: "qa", flags: { cloud: ["no"] } } }, { mask: [{ band: "qa", flags: { cloud: ["no"] } }] }],
    [
      "flag values that are no list",
      { mask: [{ band: "qa", flags: { nodata: false, cloud: "no", level: 2, snow: [true, "x", 3] } }] },
      { mask: [{ band: "qa", flags: { nodata: ["false"], cloud: ["no"], level: ["2"], snow: ["true", "x", "3"] } }] },
    ],
    ["an index", { index: "ndvi" }, { indices: [{ name: "ndvi" }] }],
    ["a year", { time: "2021" }, { time: { start: "2021", end: "2021" } }],
    ["a year that YAML reads as a number", { time: 2021 }, { time: { start: "2021", end: "2021" } }],
    ["a YAML date", { time: new Date("2021-03-05T00:00:00Z") }, { time: { start: "2021-03-05", end: "2021-03-05" } }],
    ["a pair of times", { time: ["2021-01", 2022] }, { time: { start: "2021-01", end: "2022" } }],
    ["a pair with an open end", { time: ["2021-01", null] }, { time: { start: "2021-01" } }],
    [
      "dates in the canonical time",
      { time: { start: 2020, end: new Date("2021-03-05T10:00:00Z") } },
      { time: { start: "2020", end: "2021-03-05T10:00:00.000Z" } },
    ],
    ["an end left empty", { time: { start: "2020", end: null } }, { time: { start: "2020" } }],
    [
      "numbers in a cluster's template",
      {
        clusterTemplate: {
          spec: { workers: { memory: { target: 0.5, pause: "0.8" }, resources: { limits: { cpu: 4 } }, spill: { sizeLimit: 1000 } } },
        },
      },
      {
        clusterTemplate: {
          spec: { workers: { memory: { target: "0.5", pause: "0.8" }, resources: { limits: { cpu: "4" } }, spill: { sizeLimit: "1000" } } },
        },
      },
    ],
  ])("makes %s canonical", (_name, spec, want) => {
    expect(expandShortForms({ kind: "ComputeJob", spec })).toEqual({ kind: "ComputeJob", spec: want });
  });

  it.each([
    ["a short form beside its canonical one", { chunks: { y: 1, height: 2 }, index: "ndvi", indices: [] }],
    ["a region in x, y and bounds", { region: { x: [0, 1], y: [0, 1], bounds: [0, 0, 1, 1] } }],
    ["a region whose x is no pair", { region: { x: 1, y: [0, 1] } }],
    ["an index that is no name", { index: { name: "ndvi" } }],
    ["a date that is none", { time: new Date(Number.NaN) }],
    ["fields that nobody knows", { colour: "red", mask: "none", time: true, chunks: 3 }],
    ["no spec's fields", {}],
  ])("leaves %s", (_name, spec) => {
    expect(expandShortForms({ spec })).toEqual({ spec });
  });

  it.each([[null], [3], ["job"], [[]], [{ spec: 3 }], [{}]])("leaves %j", (raw) => {
    expect(expandShortForms(raw)).toEqual(raw);
  });

  it("gives a cluster only strings for its numbers", () => {
    const cluster = {
      kind: "ComputeCluster",
      spec: { time: 2021, workers: { memory: { target: 0.5 } }, scheduler: { resources: { limits: { cpu: 1 } } } },
    };
    expect(expandShortForms(cluster)).toEqual({
      kind: "ComputeCluster",
      spec: { time: 2021, workers: { memory: { target: "0.5" } }, scheduler: { resources: { limits: { cpu: "1" } } } },
    });
  });

  it("leaves the canonical manifest, and the order of fields", () => {
    expect(JSON.stringify(expandShortForms(designJob))).toBe(JSON.stringify(designJob));
    const { spec } = expandShortForms(newYorkJob) as { spec: object };
    expect(Object.keys(spec)).toEqual(Object.keys(newYorkJob.spec).map((name) => (name === "index" ? "indices" : name)));
  });

  it("does not change what it is given", () => {
    const before = structuredClone(newYorkJob);
    expandShortForms(newYorkJob);
    expect(newYorkJob).toEqual(before);
  });

  it("does no more when done twice", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.date());
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.anything({ maxDepth: 2 }));
    const some = (names: readonly string[], of: fc.Arbitrary<unknown>) =>
      fc.oneof(value, fc.record(Object.fromEntries(names.map((name) => [name, of])), { requiredKeys: [] }));
    const pairs = fc.oneof(value, fc.tuple(scalar, scalar));
    const mask = some(["band", "flags"], some(["nodata", "cloud"], value));
    const workers = some(["memory", "resources", "spill"], some(["target", "limits", "sizeLimit"], value));
    const spec = fc.record(
      {
        chunks: some(["time", "y", "x", "height", "width"], value),
        region: some(["x", "y", "crs", "bounds"], pairs),
        time: fc.oneof(some(["start", "end"], value), pairs),
        mask: fc.oneof(mask, fc.array(mask, { maxLength: 2 })),
        index: value,
        indices: value,
        clusterTemplate: some(["spec"], some(["workers", "scheduler"], workers)),
        workers,
      },
      { requiredKeys: [] },
    );
    const raw = fc.oneof(fc.anything(), fc.record({ kind: fc.constantFrom("ComputeJob", "ComputeCluster"), spec }));
    fc.assert(
      fc.property(raw, (given) => {
        const once = expandShortForms(given);
        expect(expandShortForms(once)).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });
});
