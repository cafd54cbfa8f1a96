import { describe, expect, it } from "vitest";
import { findProduct, productOfTable } from "./product.ts";

describe("findProduct", () => {
  it.each([
    ["landsat-c2-l2", 0.0000275, -0.2],
    ["landsat-c1-l1", undefined, undefined],
  ])("knows %s, whose numbers have scale %s and offset %s", (name, scale, offset) => {
    const found = findProduct(name);
    expect(found.ok && found.value.table.bands["red"]).toMatchObject({ nodata: 0 });
    expect(found.ok && [found.value.table.bands["red"]?.scale, found.value.table.bands["red"]?.offset]).toEqual([scale, offset]);
  });

  it.each(["landsat-c2-l2", "landsat-c1-l1"])("has flag fields in %s that share no bit, and names for values that fit", (name) => {
    const found = findProduct(name);
    const fields = Object.values(found.ok ? (found.value.table.flags?.["qa_pixel"] ?? {}) : {});
    const bits = fields.flatMap(({ bit, width }) => Array.from({ length: width }, (_, i) => bit + i));
    expect(new Set(bits).size).toBe(bits.length);
    expect(Math.max(...bits)).toBeLessThan(16);
    for (const { width, values } of fields) expect(Math.max(...Object.values(values))).toBeLessThan(2 ** width);
  });

  it("knows Geoscience Australia's reflectance by its own names and by others'", () => {
    const found = findProduct("ga-landsat-ard");
    const { bands, flags } = found.ok ? found.value.table : { bands: {}, flags: {} };
    const fmask = { nodata: 0, valid: 1, cloud: 2, shadow: 3, snow: 4, water: 5 };
    expect(flags?.["oa_fmask"]).toEqual({ fmask: { bit: 0, width: 8, values: fmask } });
    for (const [name, band] of Object.entries(bands))
      if (name.startsWith("nbart_")) expect(band).toMatchObject({ nodata: -999, scale: 0.0001, offset: 0 });
    const aliases = Object.values(bands).flatMap(({ aliases }) => aliases ?? []);
    expect(aliases).toEqual(expect.arrayContaining(["red", "nir", "nir08", "fmask"]));
    expect(new Set(aliases).size).toBe(aliases.length);
  });

  it.each(["landsat-c2-l2", "landsat-c1-l1", "ga-landsat-ard"])("has the bands of %s's named indices", (name) => {
    const found = findProduct(name);
    if (!found.ok) throw new Error(name);
    for (const band of Object.values(found.value.indices).flat()) expect(Object.keys(found.value.table.bands)).toContain(band);
  });

  it("lists what there is for an unknown name", () => {
    const problem = {
      what: 'unknown product "landsat-c3"',
      where: "spec.product",
      todo: "use one of landsat-c2-l2, landsat-c1-l1, ga-landsat-ard, or productTable",
    };
    expect(findProduct("landsat-c3")).toEqual({ ok: false, problems: [problem] });
  });
});

describe("productOfTable", () => {
  it.each([
    ["knows NDVI where the table has its bands", { red: {}, nir08: {} }, { ndvi: ["nir08", "red"] }],
    ["or names them by aliases", { B4: { aliases: ["red"] }, B5: { aliases: ["nir08"] } }, { ndvi: ["nir08", "red"] }],
    ["but not where an alias is of two bands", { B4: { aliases: ["red"] }, B5: { aliases: ["red", "nir08"] } }, {}],
    ["knows no index else", { B4: {} }, {}],
  ])("%s", (_name, bands, want) => {
    expect(productOfTable({ bands }).indices).toEqual(want);
  });
});
