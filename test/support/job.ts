/**
 * Builds manifests for tests in words that mayfly, exact.py and reference.py all read. A test states only what it is about.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";

/** What a test may say; the rest is an NDVI job over Collection 2 scenes in EPSG:32755 at 30 m with the notebook's mask. */
export type JobOptions = {
  /** Directory of items.json, as scenes() gives it. */
  readonly scenes: string;
  /** `EPSG:n`, or `native`. */
  readonly crs?: string;
  readonly resolution?: number;
  readonly anchor?: "edge" | "center";
  /** Of red and nir08; "average" where it is left out. */
  readonly resampling?: "nearest" | "average" | "bilinear" | "cubic";
  readonly overviews?: "never" | "auto";
  readonly values?: "raw" | "reflectance";
  /** Height and width of a chunk; "whole" leaves spec.chunks out. */
  readonly chunk?: number | "whole";
  /** Fields of the spec instead of those above; undefined leaves one out. */
  readonly spec?: Readonly<Record<string, unknown>>;
};

/** Writes `<directory>/<name>.yaml` and gives its path. */
export function writeJob(directory: string, name: string, options: JobOptions): string {
  const file = path.join(directory, `${name}.yaml`);
  writeFileSync(file, stringify(jobManifest(name, options)));
  return file;
}

function jobManifest(name: string, options: JobOptions): object {
  const {
    crs = "EPSG:32755",
    resolution = 30,
    anchor = "edge",
    values = "reflectance",
    chunk = 256,
    resampling = "average",
    overviews,
  } = options;
  return {
    apiVersion: "compute.mayfly.dev/v1alpha1",
    kind: "ComputeJob",
    metadata: { name },
    spec: {
      source: { items: path.join(options.scenes, "items.json") },
      product: "landsat-c2-l2",
      time: { start: "2021-01-01", end: "2022-12-31" },
      grid: { ...(crs === "native" ? { crs } : { crs, resolution, anchor }), ...(overviews ? { overviews } : {}) },
      ...(chunk === "whole" ? {} : { chunks: { time: 1, height: chunk, width: chunk } }),
      resampling: { qa_pixel: "nearest", "*": resampling },
      groupBy: "solar_day",
      mask: [
        {
          band: "qa_pixel",
          flags: {
            nodata: ["false"],
            cloud: ["not_high_confidence"],
            cloud_shadow: ["not_high_confidence"],
            water: ["land_or_cloud"],
          },
        },
      ],
      indices: [{ name: "ndvi" }],
      values,
      reduce: { by: "season", statistic: "mean" },
      ...options.spec,
    },
  };
}
