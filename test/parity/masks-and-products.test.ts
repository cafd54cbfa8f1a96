/**
 * Masks, valid ranges, several indices and plain bands from one read, and products, against exact.py, counts too.
 */
import path from "node:path";
import { describe, expect, it } from "vitest";

import { writeJob } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { compare, exact, pythonIsReady, type Nearness } from "../support/python.ts";
import { otherProductScenes, scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const aligned = { tolerance: 1e-6 };
const halfPixelOff = { tolerance: 2e-6 };
const small = { size: 300, dates: 6 } as const;
const rows = { ...small, layout: "rows" } as const;

const clear = { band: "qa_pixel", flags: { nodata: ["false"], cloud: ["not_high_confidence"] } };
const noShadow = { band: "qa_pixel", flags: { cloud_shadow: ["not_high_confidence"] } };
const everyIndex = [
  { name: "ndvi" },
  { name: "red", band: "red" },
  { name: "nir", band: "nir08" },
  { name: "turned", normalizedDifference: ["red", "nir08"] },
];

/** Over the scenes of make_scenes.py. */
const landsat: readonly (readonly [string, Record<string, unknown>, Nearness, { readonly offsetMetres?: number }])[] = [
  ["no mask: nodata alone", { mask: undefined }, aligned, {}],
  ["two masks on one band", { mask: [clear, noShadow] }, aligned, {}],
  ["the product's valid range", { mask: [{ ...clear, validRange: "product" }] }, aligned, {}],
  ["the product's valid range, half a pixel off", { mask: [{ ...clear, validRange: "product" }] }, halfPixelOff, { offsetMetres: 15 }],
  ["a range of one's own", { mask: [{ ...clear, validRange: { min: 8000, max: 17_000 } }] }, aligned, {}],
  [
    "two ranges, which both must hold",
    {
      mask: [
        { ...clear, validRange: { min: 8000, max: 20_000 } },
        { ...noShadow, validRange: "product" },
      ],
    },
    aligned,
    {},
  ],
  ["four indices and bands", { indices: everyIndex }, aligned, {}],
  ["four indices and bands, half a pixel off", { indices: everyIndex }, halfPixelOff, { offsetMetres: 15 }],
  [
    "four indices and bands, the median of stored numbers",
    { indices: everyIndex, values: "raw", reduce: { statistic: "median" } },
    aligned,
    {},
  ],
  ["four indices and bands, the standard deviation", { indices: everyIndex, reduce: { statistic: "std", by: "all" } }, aligned, {}],
  [
    "a band by nearest and one by average",
    { indices: everyIndex, resampling: { red: "nearest", nir08: "average" } },
    halfPixelOff,
    { offsetMetres: 15 },
  ],
];

const valid = { band: "oa_fmask", flags: { fmask: ["valid", "snow"] } };
const contiguous = { band: "oa_nbart_contiguity", flags: { contiguous: ["true"] } };
const range = { min: 0, max: 3000 };
const measured = { nodata: -999, scale: 0.0001, offset: 0 };
const table = {
  bands: {
    B4: { ...measured, aliases: ["nbart_red", "red"], validRange: range },
    B5: { ...measured, aliases: ["nbart_nir", "nir08"], validRange: range },
    bits: { aliases: ["bits_int16"], nodata: -1 },
    codes: { aliases: ["codes_int8"], nodata: -128 },
  },
  flags: {
    bits: {
      cloud: { bit: 15, width: 1, values: { clear: 0, cloudy: 1 } },
      class: { bit: 13, width: 2, values: { land: 0, water: 1, shadow: 2, snow: 3 } },
    },
    codes: { code: { bit: 0, width: 8, values: { land: 1, water: 2, shadow: 3, cloud: 251 } } },
  },
};
const ownTable = { product: undefined, productTable: table, resampling: { "*": "average" } };
const gaIndices = [
  { name: "ndvi" },
  { name: "ndwi" },
  { name: "ndmi" },
  { name: "red", band: "red" },
  { name: "light", band: "nbart_green" },
  { name: "mine", normalizedDifference: ["nbart_swir_1", "red"] },
  { name: "nir", band: "nir" },
  { name: "swir", band: "nbart_swir_1" },
];
const ga = { product: "ga-landsat-ard", resampling: { "*": "average", fmask: "nearest" }, mask: [valid] };

/** Over the scenes of other_product.py. */
const others: readonly (readonly [string, Record<string, unknown>, Nearness, { readonly offsetMetres?: number }])[] = [
  ["Geoscience Australia's, an enumerated flag", ga, aligned, {}],
  ["Geoscience Australia's, half a pixel off", ga, halfPixelOff, { offsetMetres: 15 }],
  ["Geoscience Australia's, two flag bands", { ...ga, mask: [valid, contiguous] }, aligned, {}],
  ["eight indices and bands, each with its own count", { ...ga, indices: gaIndices }, aligned, {}],
  ["eight indices and bands, the median", { ...ga, indices: gaIndices, reduce: { by: "all", statistic: "median" } }, aligned, {}],
  [
    "a table of one's own, bits of int16",
    { ...ownTable, mask: [{ band: "bits", flags: { cloud: ["clear"], class: ["land", "snow"] } }] },
    aligned,
    {},
  ],
  ["a table of one's own, codes of int8", { ...ownTable, mask: [{ band: "codes_int8", flags: { code: ["land", "cloud"] } }] }, aligned, {}],
  [
    "a table of one's own, three masks and its valid range",
    {
      ...ownTable,
      values: "raw",
      mask: [
        { band: "bits", flags: { cloud: ["clear"] }, validRange: "product" },
        { band: "bits", flags: { class: ["land", "snow", "water"] } },
        { band: "codes", flags: { code: ["land", "water"] }, validRange: { min: 100, max: 9999 } },
      ],
    },
    aligned,
    {},
  ],
];

// Skipped where `npm test` could not make the Python environment; it says why.
describe.skipIf(!pythonIsReady)("against exact.py", () => {
  const work = temporaryDirectory();
  let jobs = 0;

  async function holds(directory: string, spec: Record<string, unknown>, within: Nearness): Promise<void> {
    const name = `job-${++jobs}`;
    const job = writeJob(work, name, { scenes: directory, spec });
    const [ours, theirs] = [path.join(work, name, "ours"), path.join(work, name, "exact")];
    await runJob(job, ours);
    await exact(job, theirs, "counts");
    const compared = await compare(ours, theirs, within);
    expect(compared.length).toBeGreaterThan(0);
    expect(compared.some(({ valid: share = 0 }) => share > 0.2)).toBe(true);
    expect(compared.filter((group) => !group.ok)).toEqual([]);
  }

  it.each(landsat)("%s", async (_name, spec, within, offset) => {
    await holds(await scenes({ ...rows, ...offset }), spec, within);
  });

  it.each(others)("%s", async (_name, spec, within, offset) => {
    await holds(await otherProductScenes({ ...rows, ...offset }), spec, within);
  });
});
