import { describe, expect, it } from "vitest";
import { canonicalJob } from "./canonical.ts";
import { parseComputeJob } from "./parse.ts";
import { designJob, newYorkJob, smallJob } from "./sample-manifests.fixture.ts";

function canonicalOf(raw: unknown): object {
  const parsed = parseComputeJob(raw, "command");
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.problems));
  }
  return canonicalJob(parsed.value);
}

/** The same mapping with every mapping's fields in reverse. */
function reversed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return Array.isArray(value) ? value.map(reversed) : value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, field]) => [name, reversed(field)]),
  );
}

describe("canonicalJob", () => {
  it("writes the notebook's job in the canonical form, in the design's order", () => {
    expect(JSON.stringify(canonicalOf(newYorkJob))).toBe(
      JSON.stringify({
        apiVersion: "compute.mayfly.dev/v1alpha1",
        kind: "ComputeJob",
        metadata: { name: "ny-2018" },
        spec: {
          source: { items: "items.json" },
          product: "landsat-c1-l1",
          region: { lon: [-76, -72.6], lat: [39.4, 42.6] },
          time: { start: "2018-01-01", end: "2018-12-31" },
          grid: { crs: "EPSG:32618", resolution: 3000 },
          chunks: { time: 1, height: 64, width: 64 },
          resampling: { qa_pixel: "nearest", "*": "average" },
          groupBy: "solar_day",
          mask: [
            {
              band: "qa_pixel",
              flags: { nodata: ["false"], cloud: ["not_high_confidence"], cloud_shadow_confidence: ["none", "low"] },
              validRange: "none",
            },
          ],
          indices: [{ name: "ndvi" }],
          values: "raw",
          reduce: { by: "season", statistic: "mean" },
          output: { count: true, quicklook: true },
          suspend: false,
          backoffLimit: 3,
        },
      }),
    );
  });

  it("has the same order of fields however they were written", () => {
    const free = { ...designJob, spec: { ...designJob.spec, mask: [], resampling: {} } };
    expect(JSON.stringify(canonicalOf(reversed(free)))).toBe(JSON.stringify(canonicalOf(free)));
  });

  it.each([
    ["the notebook's", newYorkJob],
    ["the design's", designJob],
    ["the smallest", smallJob],
  ])("gives the same again for %s", (_name, raw) => {
    const once = canonicalOf(raw);
    expect(canonicalOf(once)).toEqual(once);
  });

  it("leaves out what the API server added", () => {
    const raw = { ...smallJob, metadata: { name: "ndvi", labels: { a: "b" }, uid: "u", generation: 3 }, status: { attempts: 1 } };
    const { metadata, ...rest } = canonicalOf(raw) as { metadata: object };
    expect(metadata).toEqual({ name: "ndvi", labels: { a: "b" } });
    expect(Object.keys(rest)).toEqual(["apiVersion", "kind", "spec"]);
  });
});
