/**
 * TIFF layouts: real files (test/fixtures/layouts, see its MANIFEST.tsv) and one image in every layout that GDAL writes, each band read by Mayfly's own
 * reader and held against rasterio's numbers. What Mayfly does not read it names, and this file lists it.
 */
import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { createFileSource } from "../../worker/io/file/file-source.ts";
import { SourceError } from "../../runtime/errors.ts";
import { runJob } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { type Band, compareBands, makeLayouts, pythonIsReady } from "../support/python.ts";
import { readImage, samplesOf } from "../support/read-tiff.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const fixtures = path.join(projectRoot, "test/fixtures/layouts");
const files = globSync("**/*.{tif,tiff,TIF}", { cwd: fixtures }).sort();
const source = createFileSource();

/** Files that are pictures, or of a compression that no scene has. */
const refused: readonly (readonly [files: RegExp, what: RegExp])[] = [
  [/big_g4|fax4\.tiff|imagemagick_group4/, /^CCITT Group 4 fax compression \(4\) is not supported/],
  [/fax3|fax2d|g3test/, /^CCITT Group 3 fax compression \(3\) is not supported/],
  [/webp/, /^WebP compression \(50001\) is not supported/],
  [/lzma/, /^LZMA compression \(34925\) is not supported/],
  [/logluv|off_l16|off_luv/, /^SGI LogLuv (24-bit )?compression \(3467[67]\) is not supported/],
  [/libtiffpic__text/, /^ThunderScan compression \(32809\) is not supported/],
  [/smallliz|zackthecat/, /^old-style JPEG compression \(6\) is not supported/],
  [/cmyk-[34]c-8b|4c-8b-cmyk|tiled-cmyk-i8|separated-(contig|planar)-08/, /^CMYK colours of 8 bits are not supported/],
  [/ycbcr-cat/, /^YCbCr colours outside JPEG are not supported/],
];

/** Of larger images one band is enough for a test. */
const LARGE_PIXELS = 10_000_000;

/** Reads a file's bands into raw files, or gives the refusal. */
async function readBands(file: string, into: string): Promise<readonly Band[] | SourceError> {
  try {
    const bands: Band[] = [];
    for (let sample = 0, samples = await samplesOf(source, file); sample < samples; sample++) {
      const { height, width, type, data, mask } = await readImage(source, file, sample);
      const raw = path.join(into, `${path.basename(file)}-${sample}`);
      writeFileSync(raw, new Uint8Array(data.buffer));
      if (mask) writeFileSync(`${raw}-mask`, new Uint8Array(mask.buffer));
      bands.push({ file, sample, type, height, width, data: raw, mask: mask ? `${raw}-mask` : null });
      if (height * width > LARGE_PIXELS) break;
    }
    return bands;
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("real files of every layout", () => {
  const out = temporaryDirectory();
  const read = new Map<string, readonly Band[] | SourceError>();
  const problems = new Map<string, string[]>();

  beforeAll(async () => {
    for (const file of files) read.set(file, await readBands(path.join(fixtures, file), out));
    const bands = [...read.values()].flatMap((of) => (of instanceof SourceError ? [] : of));
    for (const { file, sample, problem } of await compareBands(bands, out)) {
      const name = path.relative(fixtures, file);
      problems.set(name, [...(problems.get(name) ?? []), ...(problem === null ? [] : [`band ${sample + 1}: ${problem}`])]);
    }
  });

  it("are all there", () => {
    expect(files.length).toBe(256);
  });

  it.each(files)("%s", (file) => {
    const why = refused.find(([files]) => files.test(path.basename(file)))?.[1];
    const found = read.get(file);
    if (why) {
      expect(found).toBeInstanceOf(SourceError);
      expect((found as SourceError).message).toMatch(why);
      expect((found as SourceError).message).toContain(path.join(fixtures, file));
      return;
    }
    expect(found instanceof SourceError ? found.message : undefined).toBeUndefined();
    expect(problems.get(file)).toEqual([]);
  });
});

describe.skipIf(!pythonIsReady)("one image in every layout that GDAL writes", () => {
  const out = temporaryDirectory();

  it("is read as rasterio reads it", async () => {
    const made = path.join(out, "made");
    await makeLayouts(made);
    const names = readdirSync(made).sort();
    expect(names.length).toBeGreaterThan(450);
    const read = await Promise.all(names.map(async (name) => readBands(path.join(made, name), out)));
    expect(read.filter((of) => of instanceof SourceError).map((error) => error.message)).toEqual([]);
    const bands = read.flatMap((of) => (of instanceof SourceError ? [] : of));
    const found = await compareBands(bands, out);
    expect(found.length).toBe(bands.length);
    expect(found.filter(({ problem }) => problem !== null)).toEqual([]);
  });

  it.each(["mask-none", "mask-deflate", "mask-lzw", "mask-packbits"])("has no observation where its mask is 0: %s", async (name) => {
    const [red, nir08] = [`${name}.tif`, "uint16-big-lzw-2.tif"].map((file) => path.join(out, "made", file));
    const directory = path.join(out, name);
    mkdirSync(directory);
    const properties = { datetime: "2021-03-05T15:40:12Z" };
    const item = {
      type: "Feature",
      stac_version: "1.0.0",
      id: "one",
      properties,
      links: [],
      assets: { red: { href: red }, nir08: { href: nir08 } },
    };
    writeFileSync(path.join(directory, "items.json"), JSON.stringify({ type: "FeatureCollection", features: [item] }));
    const productTable = { bands: { red: {}, nir08: {} } };
    const spec = { source: { items: "items.json" }, productTable, grid: { crs: "native" }, indices: [{ name: "ndvi" }], values: "raw" };
    const job = path.join(directory, "job.yaml");
    writeFileSync(job, stringify({ apiVersion: "compute.mayfly.dev/v1alpha1", kind: "ComputeJob", metadata: { name: "mask" }, spec }));
    await runJob(job, path.join(directory, "out"));
    const report = JSON.parse(readFileSync(path.join(directory, "out/report.json"), "utf8")) as { groups: { validObservations: number }[] }; // its own shape
    const image = await readImage(source, red ?? "");
    const want = image.data.filter((value, i) => value !== 0 && image.mask?.[i] !== 0).length;
    expect(want).toBeGreaterThan(2000);
    expect(want).toBeLessThan(2600);
    expect(report.groups.map((group) => group.validObservations)).toEqual([want]);
  });
});
