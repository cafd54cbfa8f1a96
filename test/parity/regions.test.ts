/** Regions that clip: what is left of the result is the whole result behind rasterio's own mask of the geometry. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { changeSpec } from "../support/example.ts";
import { writeJob, type JobOptions } from "../support/job.ts";
import { imageDigests, runJob } from "../support/mayfly.ts";
import { pythonIsReady, runScript } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** Of one image, in pixels; see clip_mask.py. */
type Figures = { readonly inside: number; readonly outside: number; readonly differing: number; readonly differingCounts: number };

type Position = readonly [number, number];

/** A star of many corners around a middle, and its holes: closed rings. */
const star = ([x, y]: Position, radius: number, corners: number): readonly Position[] =>
  Array.from({ length: 2 * corners + 1 }, (_, i): Position => {
    const [angle, r] = [(Math.PI * (i % (2 * corners))) / corners, i % 2 === 0 ? radius : radius / 2.3];
    return [x + r * Math.cos(angle), y + r * 0.8 * Math.sin(angle)];
  });

const middle: Position = [148.2, -35.3];
const withHoles = { type: "Polygon", coordinates: [star(middle, 0.09, 7), star(middle, 0.02, 5), star([148.24, -35.3], 0.008, 3)] };
const parts = {
  type: "MultiPolygon",
  coordinates: [[star([148.14, -35.28], 0.04, 3)], [star([148.27, -35.34], 0.05, 9), star([148.27, -35.34], 0.01, 4)]],
};
const coast = { type: "Polygon", coordinates: [star(middle, 0.1, 2000)] };

const rows: readonly {
  readonly name: string;
  readonly geometry: object;
  readonly job?: Omit<JobOptions, "scenes">;
  readonly statistic?: string;
  readonly wantDiffering?: number;
}[] = [
  { name: "a polygon with holes, in UTM", geometry: withHoles },
  { name: "a multipolygon, in Australian Albers, in small chunks", geometry: parts, job: { crs: "EPSG:3577", chunk: 64 } },
  { name: "a polygon with holes, the median", geometry: withHoles, statistic: "median" },
  { name: "a polygon with holes, the number of observations", geometry: withHoles, statistic: "count" },
  { name: "a polygon with holes, in degrees", geometry: withHoles, job: { crs: "EPSG:4326", resolution: 0.0003 } },
  // Along its 440,000 pixels of edges one or the other centre lies within the exactness of either side, 1e-6 pixel.
  { name: "a coast of 4,000 corners", geometry: coast, wantDiffering: 2 },
];

describe.skipIf(!pythonIsReady)("a region that clips", () => {
  const work = temporaryDirectory();

  it.each(rows)("$name", async ({ name, geometry, job: options, statistic = "mean", wantDiffering = 0 }) => {
    const key = name.toLowerCase().replaceAll(/\W+/g, "-");
    const job = writeJob(work, key, { scenes: await scenes({ size: 700, dates: 4 }), ...options });
    const [clipped, whole, file] = ["clipped", "whole", "geometry.json"].map((part) => path.join(work, `${key}-${part}`)) as [
      string,
      string,
      string,
    ]; // three
    writeFileSync(file, JSON.stringify(geometry));
    changeSpec(job, (spec) => Object.assign(spec, { region: { geometry }, reduce: { by: "season", statistic } }));
    await runJob(job, whole);
    changeSpec(job, (spec) => (spec["region"] = { geometry, clip: true }));
    await runJob(job, clipped);
    const { status, stdout, stderr } = await runScript("clip_mask.py", [clipped, whole, file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const report = Object.entries(JSON.parse(stdout) as Record<string, Figures>); // clip_mask.py's own shape
    expect(report.map(([group]) => group)).toEqual(["ndvi_DJF", "ndvi_JJA", "ndvi_MAM", "ndvi_SON"]);
    for (const [, figures] of report) {
      expect(Math.max(figures.differing, figures.differingCounts)).toBeLessThanOrEqual(wantDiffering);
      expect(Math.min(figures.inside, figures.outside)).toBeGreaterThan(5000);
    }
    await runJob(job, `${clipped}-again`, ["--set", "spec.chunks={height: 512, width: 1024}", "--threads", "1"]);
    expect(imageDigests(`${clipped}-again`)).toEqual(imageDigests(clipped));
  });
});
