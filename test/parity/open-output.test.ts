/** What other people's programs make of the output: rio-cogeo, rasterio, odc-stac, GDAL's command line. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { writeJob } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { openOutput, pythonIsReady, runTool } from "../support/python.ts";
import { runCommand } from "../support/run-command.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const gdalIsInstalled = spawnSync("gdalinfo", ["--version"]).status === 0;
const seasons = ["DJF", "JJA", "MAM", "SON"];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("the output of a run", () => {
  const work = temporaryDirectory();
  const out = path.join(work, "out");
  let images: string[] = [];

  beforeAll(async () => {
    const directory = await scenes({ size: 1100, dates: 4 });
    await runJob(writeJob(work, "job", { scenes: directory }), out);
    images = readdirSync(out).filter((name) => name.endsWith(".tif"));
  });

  it("has images, counts and quicklooks of all seasons", () => {
    const wanted = seasons.flatMap((season) => [`ndvi_${season}.tif`, `ndvi_${season}_count.tif`, `quicklook_${season}.png`]);
    expect(readdirSync(out).sort()).toEqual([...wanted, "item.json", "job.yaml", "report.json"].sort());
  });

  it("is valid for rio cogeo validate --strict", async () => {
    for (const image of images) {
      const { stdout, stderr } = await runTool("rio", ["cogeo", "validate", "--strict", path.join(out, image)]);
      expect(`${stdout}${stderr}`).toMatch(/is a valid cloud optimized GeoTIFF/);
    }
  });

  it("opens with rasterio, and with odc.stac.load([item]) to the same pixels", async () => {
    const assets = await openOutput(out);
    const wanted = (season: string): object[] => [
      { file: `ndvi_${season}.tif`, dtype: "float32", nodata: "nan" },
      { file: `ndvi_${season}_count.tif`, dtype: "uint16" },
    ];
    for (const want of seasons.flatMap(wanted)) {
      const common = { driver: "GTiff", crs: "EPSG:32755", compression: "DEFLATE", layout: "COG", sameByOdcStac: true };
      expect(assets).toContainEqual(expect.objectContaining({ ...common, ...want }));
    }
    expect(assets.every((asset) => asset.overviews.length > 0 && asset.description !== null)).toBe(true);
  });

  // Debian's gdal-bin; .ci/run installs it.
  it.skipIf(!gdalIsInstalled)("opens with gdalinfo without a warning", async () => {
    for (const image of images) {
      const { status, stdout, stderr } = await runCommand("gdalinfo", ["-checksum", path.join(out, image)]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain("LAYOUT=COG");
    }
  });
});
