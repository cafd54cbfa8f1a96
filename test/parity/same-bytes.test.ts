/** The bytes of every .tif are the same for any number of threads and any chunk size (DESIGN section 2). */
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { writeJob, type JobOptions } from "../support/job.ts";
import { imageDigests, runJob } from "../support/mayfly.ts";
import { pythonIsReady } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Chunk = Required<JobOptions>["chunk"];

const variants: readonly { readonly name: string; readonly chunk: Chunk; readonly threads: number }[] = [
  { name: "4 threads", chunk: 512, threads: 4 },
  { name: "chunks of 64", chunk: 64, threads: 1 },
  { name: "chunks of 64, 4 threads", chunk: 64, threads: 4 },
  { name: "chunks of 2048", chunk: 2048, threads: 4 },
  { name: "the whole extent", chunk: "whole", threads: 1 },
  { name: "the whole extent, 4 threads", chunk: "whole", threads: 4 },
];

type Grid = {
  readonly name: string;
  readonly crs: string;
  readonly offsetMetres: number;
  readonly statistic?: string;
  readonly resampling?: JobOptions["resampling"];
  readonly resolution?: number;
};

const grids: readonly Grid[] = [
  { name: "aligned", crs: "EPSG:32755", offsetMetres: 0 },
  { name: "half a pixel off", crs: "EPSG:32755", offsetMetres: 15 },
  { name: "in Australian Albers", crs: "EPSG:3577", offsetMetres: 0 },
  { name: "the median, half a pixel off", crs: "EPSG:32755", offsetMetres: 15, statistic: "median" },
  { name: "the standard deviation, half a pixel off", crs: "EPSG:32755", offsetMetres: 15, statistic: "std" },
  { name: "in Australian Albers, cubic", crs: "EPSG:3577", offsetMetres: 0, resampling: "cubic" },
  { name: "half as coarse again, bilinear", crs: "EPSG:32755", offsetMetres: 15, resampling: "bilinear", resolution: 45 },
];

// The scenes are made by Python; skipped where `npm test` could not make its environment.
describe.skipIf(!pythonIsReady).each(grids)(
  "$name",
  ({ crs, offsetMetres, statistic = "mean", resampling = "average", resolution = 30 }) => {
    const work = temporaryDirectory();
    let directory: string;
    let want: Readonly<Record<string, string>>;

    async function digests(name: string, chunk: Chunk, threads: number): Promise<Readonly<Record<string, string>>> {
      const out = path.join(work, name);
      const options = { scenes: directory, crs, chunk, resampling, resolution, spec: { reduce: { by: "season", statistic } } };
      await runJob(writeJob(work, name, options), out, ["--threads", String(threads)]);
      return imageDigests(out);
    }

    beforeAll(async () => {
      directory = await scenes({ size: 700, dates: 4, layout: "rows", offsetMetres });
      want = await digests("one-thread", 512, 1);
    });

    it("writes an image and a count for each of the four seasons", () => {
      expect(Object.keys(want)).toEqual(
        ["DJF", "JJA", "MAM", "SON"].flatMap((season) => [`ndvi_${season}.tif`, `ndvi_${season}_count.tif`]).sort(),
      );
    });

    it.each(variants)("$name gives the bytes of one thread and chunks of 512", async ({ name, chunk, threads }) => {
      expect(await digests(`with-${name.replaceAll(/\W+/g, "-")}`, chunk, threads)).toEqual(want);
    });
  },
);
