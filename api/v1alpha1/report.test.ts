import { describe, expect, it } from "vitest";
import { reportSchema, type Report } from "./report.ts";

const HASH = "0".repeat(64);
const report: Report = {
  version: "0.1.0",
  jobHash: HASH,
  scenes: 19,
  solarDays: 12,
  chunks: 100,
  chunkBytes: 8192,
  datasetBytes: 1e6,
  resultBytes: 1e5,
  requests: 0,
  bytesRead: 1e6,
  spilledBytes: 0,
  wallSeconds: 1.5,
  computeSeconds: 1.2,
  workers: 1,
  threadsPerWorker: 4,
  memoryLimitBytes: 2 ** 31,
  peakWorkerResidentBytes: 1e8,
  peakResidentBytes: 1e8,
  retries: 0,
  disruptions: 0,
  skippedScenes: [{ id: "LC08", reason: "truncated" }],
  groups: [{ name: "ndvi_DJF", days: 3, validObservations: 0, min: null, mean: null, max: null, outsideValidRange: 0 }],
  files: [{ name: "ndvi_DJF.tif", sha256: HASH, bytes: 1000 }],
};

describe("report", () => {
  it("takes a whole one, with a group that nobody observed", () => {
    expect(reportSchema.parse(report)).toEqual(report);
  });

  it.each(Object.keys(report))("needs %s", (name) => {
    const without = Object.fromEntries(Object.entries(report).filter(([field]) => field !== name));
    expect(reportSchema.safeParse(without).success).toBe(false);
  });

  it("takes no NaN", () => {
    expect(reportSchema.safeParse({ ...report, wallSeconds: Number.NaN }).success).toBe(false);
  });
});
