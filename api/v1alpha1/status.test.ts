import { describe, expect, it } from "vitest";
import { clusterConditions, jobConditions } from "./conditions.ts";
import { computeClusterStatusSchema, computeJobStatusSchema } from "./status.ts";

const condition = { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" };
const failure = { pod: "p", reason: "OOMKilled", exitCode: 137, time: "2026-01-01T00:00:00Z" };

describe("status", () => {
  it("of a cluster holds at most ten failures", () => {
    const status = (count: number) => ({ conditions: [condition], workerFailures: Array.from({ length: count }, () => failure) });
    expect(computeClusterStatusSchema.safeParse(status(10)).success).toBe(true);
    expect(computeClusterStatusSchema.safeParse(status(11)).success).toBe(false);
  });

  it("of a job holds at most 20 log lines and 64 groups", () => {
    const status = (lines: number, groups: number) => ({
      failure: { reason: "OOMKilled", message: "m", logLines: Array.from({ length: lines }, () => "x") },
      result: { url: "s3://b/", groups: Array.from({ length: groups }, () => ({ name: "ndvi_all", url: "ndvi_all.tif" })) },
    });
    expect(computeJobStatusSchema.safeParse(status(20, 64)).success).toBe(true);
    expect(computeJobStatusSchema.safeParse(status(21, 64)).success).toBe(false);
    expect(computeJobStatusSchema.safeParse(status(20, 65)).success).toBe(false);
  });

  it("drops what a newer operator wrote", () => {
    expect(computeJobStatusSchema.parse({ attempts: 1, newer: {} })).toEqual({ attempts: 1 });
  });
});

describe("conditions", () => {
  it.each([
    ["ComputeCluster", clusterConditions, ["SchedulerReady", "WorkersReady", "Ready", "Suspended", "Degraded"]],
    ["ComputeJob", jobConditions, ["Admitted", "Running", "Suspended", "Complete", "Failed", "Finished"]],
  ])("of a %s are those of the design", (_name, conditions, want) => {
    expect(Object.keys(conditions)).toEqual(want);
  });
});
