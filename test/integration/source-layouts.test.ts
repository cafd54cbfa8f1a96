/** The same pixels in other layouts give the same images, byte for byte, through the whole command; a mask takes its pixels out. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { imageDigests, runJob } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const generated = path.join(projectRoot, "test/fixtures/layouts/generated");
const work = temporaryDirectory();

/** Digests of the NDVI of `red` and the packbits file of the same grid. */
async function run(red: string): Promise<Readonly<Record<string, string>>> {
  const directory = path.join(work, red);
  mkdirSync(directory);
  const assets = { red: { href: path.join(generated, red) }, nir08: { href: path.join(generated, "u8_packbits_tiled.tif") } };
  const item = { type: "Feature", stac_version: "1.0.0", id: "one", properties: { datetime: "2021-03-05T15:40:12Z" }, links: [], assets };
  writeFileSync(path.join(directory, "items.json"), JSON.stringify({ type: "FeatureCollection", features: [item] }));
  const spec = {
    source: { items: "items.json" },
    productTable: { bands: { red: { nodata: 0 }, nir08: { nodata: 0 } } },
    grid: { crs: "EPSG:32618", resolution: 450 },
    indices: [{ name: "ndvi" }],
    values: "raw",
  };
  const job = path.join(directory, "job.yaml");
  writeFileSync(job, stringify({ apiVersion: "compute.mayfly.dev/v1alpha1", kind: "ComputeJob", metadata: { name: "layouts" }, spec }));
  await runJob(job, path.join(directory, "out"));
  return imageDigests(path.join(directory, "out"));
}

/** Each the same numbers (MANIFEST.tsv: the same checksum) at the same place: the second set is of PixelIsArea. */
const sets: readonly (readonly string[])[] = [
  [
    "u16_deflate_pred2_tiled_bigtiff.tif",
    "u16_deflate_pred2_tiled_be.tif",
    "u16_lerc_tiled.tif",
    "u16_lerc_deflate_tiled.tif",
    "u16_lzw_pred2_strip_be.tif",
    "u16_lzw_pred2_tiled_bigtiff_be.tif",
    "u16_zstd_pred2_tiled.tif",
  ],
  ["u16_3band_pixel_deflate_pred2_tiled.tif", "u16_3band_planar_deflate_pred2_tiled.tif"],
];

describe("mayfly run", () => {
  it.each(sets)("gives the images of %s for the same pixels in other layouts", async (first, ...others) => {
    const want = await run(first);
    expect(Object.keys(want).length).toBe(2);
    for (const other of others) expect([other, await run(other)]).toEqual([other, want]);
  });
});
