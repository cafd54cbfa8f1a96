import { describe, expect, it } from "vitest";
import { jobRequest, jobSpec, product } from "../../../test/support/builders.ts";
import { ABSENT_FLAGS } from "../kernels/kernels.ts";
import { productOfTable } from "../../products/product.ts";
import { compileRequest } from "./compile-request.ts";

const BANDS = "use one of coastal, blue, green, red, nir08, swir16, swir22";
const INDICES = "use one of ndvi, ndwi, ndmi, nbr";
const FLAGS =
  "use one of nodata, dilated_cloud, cirrus, cloud, cloud_shadow, snow, clear, water, cloud_confidence, cloud_shadow_confidence, snow_ice_confidence, cirrus_confidence";
const mask = (flags: Record<string, readonly string[]>, more: object = {}) => [{ band: "qa_pixel", flags, ...more }];

/** Whether the only flag band keeps a code. */
function keeps(fields: Record<string, unknown>, code: number): boolean {
  const band = jobRequest(fields).bands.at(-1);
  return band?.type === "flags" && band.keep[code] === 1;
}

describe("compileRequest", () => {
  it("reads NDVI's two bands by their own names and aliases, averaged, as reflectance", () => {
    const band = { type: "measurement", nodata: 0, scale: 0.0000275, offset: -0.2, tableScale: 0.0000275, tableOffset: -0.2 };
    const more = { validRange: { min: 7273, max: 43636 }, keepRange: undefined, resampling: "average" };
    expect(jobRequest()).toEqual({
      bands: [
        { ...band, ...more, name: "nir08", assetKeys: ["nir08", "SR_B5", "B5"] },
        { ...band, ...more, name: "red", assetKeys: ["red", "SR_B4", "B4"] },
      ],
      indices: [{ name: "ndvi", type: "normalizedDifference", a: 0, b: 1 }],
      values: "reflectance",
      reduce: { by: "season", statistic: "mean", eachYear: false, calendar: "utc" },
      count: true,
    });
  });

  it("reads a band once that two indices and two masks name, flag bands last", () => {
    const request = jobRequest({
      indices: [
        { name: "ndvi" },
        { name: "ndwi" },
        { name: "mine", normalizedDifference: ["red", "green"] },
        { name: "light", band: "SR_B4" },
      ],
      mask: [...mask({ cloud: ["not_high_confidence"] }), ...mask({ snow: ["not_high_confidence"] })],
    });
    expect(request.bands.map(({ name }) => name)).toEqual(["nir08", "red", "green", "qa_pixel"]);
    expect(request.indices).toEqual([
      { name: "ndvi", type: "normalizedDifference", a: 0, b: 1 },
      { name: "ndwi", type: "normalizedDifference", a: 2, b: 0 },
      { name: "mine", type: "normalizedDifference", a: 1, b: 2 },
      { name: "light", type: "band", band: 1 },
    ]);
  });

  it.each([
    ["raw values have no scale", { values: "raw" }, { scale: 1, offset: 0, tableScale: 0.0000275, tableOffset: -0.2 }],
    ["a band's own resampling wins", { resampling: { nir08: "nearest", "*": "average" } }, { resampling: "nearest" }],
    ["a band without one takes the star's", { resampling: { red: "average", "*": "nearest" } }, { resampling: "nearest" }],
    ["an alias says which band is meant", { resampling: { B5: "nearest" } }, { resampling: "nearest" }],
  ])("%s", (_name, fields, want) => {
    expect(jobRequest(fields).bands[0]).toMatchObject(want);
  });

  it.each([
    ["nothing is asked", [], undefined],
    ["none is asked", ["none"], undefined],
    ["the product's", ["product"], { min: 7273, max: 43636 }],
    ["one's own", [{ min: 1, max: 2 }], { min: 1, max: 2 }],
    ["what lies in all that are asked", ["none", "product", { min: 0, max: 10_000 }, "product"], { min: 7273, max: 10_000 }],
  ])("keeps stored numbers where %s", (_name, ranges, want) => {
    const masks = ranges.flatMap((validRange) => mask({ cloud: ["not_high_confidence"] }, { validRange }));
    const [nir] = jobRequest({ mask: masks }).bands;
    expect(nir).toMatchObject({ keepRange: want, validRange: { min: 7273, max: 43636 } });
  });

  it("takes what reduce and output say", () => {
    const request = jobRequest({ reduce: { by: "month", each: "year", calendar: "solar" }, output: { count: false } });
    expect(request).toMatchObject({ reduce: { by: "month", statistic: "mean", eachYear: true, calendar: "solar" }, count: false });
  });
});

describe("a product of one's own", () => {
  const table = {
    bands: { B4: { aliases: ["red"] }, B5: { aliases: ["nir08"] }, classes: { aliases: ["scl"], nodata: 0 } },
    flags: { classes: { class: { bit: 0, width: 8, values: { land: 4, water: 6, cloud: 9 } } } },
  };
  const compile = (fields: Record<string, unknown>) => compileRequest(jobSpec(fields), productOfTable(table));

  it("is read by names and aliases, and an enumerated band by its one field", () => {
    const compiled = compile({ mask: [{ band: "scl", flags: { class: ["land", "water"] } }] });
    const bands = compiled.ok ? compiled.value.bands : [];
    expect(bands.map(({ name, assetKeys, nodata }) => [name, assetKeys, nodata])).toEqual([
      ["B5", ["B5", "nir08"], undefined],
      ["B4", ["B4", "red"], undefined],
      ["classes", ["classes", "scl"], 0],
    ]);
    const flags = bands.at(-1);
    const kept = flags?.type === "flags" ? [...flags.keep.subarray(0, 256).entries()].filter(([, keep]) => keep === 1) : [];
    expect(kept.map(([code]) => code)).toEqual([4, 6]);
  });

  it("has no valid range to ask for where it names none", () => {
    const compiled = compile({ mask: [{ band: "classes", flags: { class: ["land"] }, validRange: "product" }] });
    expect(compiled.ok ? [] : compiled.problems).toContainEqual({
      what: "the product knows no valid range of band B4",
      where: "spec.mask[0].validRange",
      todo: "use none, or {min, max}",
    });
  });
});

describe("the table of a flag band", () => {
  const clear = 21824; // 0101010101000000: clear, all confidences low
  const fields = { mask: mask({ cloud: ["not_high_confidence"], water: ["land_or_cloud"] }) };

  it.each([
    ["clear land", clear, true],
    ["water", clear | (1 << 7), false],
    ["cloud", clear | (1 << 3), false],
    ["cloud and water", clear | (1 << 3) | (1 << 7), false],
    ["shadow, which nobody asked about", clear | (1 << 4), true],
    ["what is absent", ABSENT_FLAGS, false],
  ])("for cloud and water has %s (%d): %s", (_name, code, want) => {
    expect(keeps(fields, code)).toBe(want);
  });

  it.each([
    ["low", 0b01, true],
    ["medium", 0b10, true],
    ["high", 0b11, false],
    ["none", 0b00, false],
  ])("for a field of two bits keeps the values listed: %s", (_name, confidence, want) => {
    expect(keeps({ mask: mask({ cloud_confidence: ["low", "medium"] }) }, confidence << 8)).toBe(want);
  });

  it("of two masks on one band keeps what both keep", () => {
    const both = { mask: [...mask({ cloud: ["not_high_confidence"] }), ...mask({ water: ["water"] })] };
    expect([clear, clear | (1 << 7), clear | (1 << 3) | (1 << 7)].map((code) => keeps(both, code))).toEqual([false, true, false]);
  });
});

describe("compileRequest says what is wrong", () => {
  it.each([
    ["an unknown index", { indices: [{ name: "evi" }] }, 'unknown index "evi"', "spec.indices[0].name", INDICES],
    [
      "an unknown measurement",
      { measurements: ["red", "SR_B5", "qa_pixel", "gren"] },
      'unknown band "gren"',
      "spec.measurements[3]",
      expect.stringMatching(/^did you mean green\? /),
    ],
    [
      "an unknown band",
      { indices: [{ name: "x", normalizedDifference: ["red", "tir"] }] },
      'unknown band "tir"',
      "spec.indices[0].normalizedDifference",
      BANDS,
    ],
    [
      "a flag band in an index",
      { indices: [{ name: "x", normalizedDifference: ["red", "qa_pixel"] }] },
      'unknown band "qa_pixel"',
      "spec.indices[0].normalizedDifference",
      BANDS,
    ],
    [
      "an unknown flag band",
      { mask: [{ band: "fmask", flags: { cloud: ["a"] } }] },
      'unknown flag band "fmask"',
      "spec.mask[0].band",
      "use one of qa_pixel",
    ],
    [
      "a mask on a measured band",
      { mask: [{ band: "red", flags: { cloud: ["a"] } }] },
      'unknown flag band "red"',
      "spec.mask[0].band",
      "use one of qa_pixel",
    ],
    ["an unknown flag", { mask: mask({ clouds: ["a"] }) }, 'unknown flag "clouds"', "spec.mask[0].flags", `did you mean cloud? ${FLAGS}`],
    [
      "a flag named as every object's own field",
      { mask: mask({ constructor: ["a"] }) },
      'unknown flag "constructor"',
      "spec.mask[0].flags",
      FLAGS,
    ],
    [
      "an unknown value",
      { mask: mask({ cloud: ["clear"] }) },
      'unknown flag value "clear"',
      "spec.mask[0].flags.cloud",
      "use one of not_high_confidence, high_confidence",
    ],
    [
      "a value named as every object's own field",
      { mask: mask({ cloud: ["toString"] }) },
      'unknown flag value "toString"',
      "spec.mask[0].flags.cloud",
      "use one of not_high_confidence, high_confidence",
    ],
    [
      "an index named as every object's own field",
      { indices: [{ name: "constructor" }] },
      'unknown index "constructor"',
      "spec.indices[0].name",
      INDICES,
    ],
    [
      "averaging a flag band",
      { resampling: { qa_pixel: "average" } },
      "average of the flag band qa_pixel",
      "spec.resampling.qa_pixel",
      "averaged bits are codes that nobody stored: use nearest",
    ],
    [
      "interpolating a flag band",
      { resampling: { qa_pixel: "cubic" } },
      "cubic of the flag band qa_pixel",
      "spec.resampling.qa_pixel",
      "averaged bits are codes that nobody stored: use nearest",
    ],
    ["resampling an unknown band", { resampling: { tir: "average" } }, 'unknown band "tir"', "spec.resampling.tir", `${BANDS}, qa_pixel`],
    [
      "two ranges that share no number",
      {
        indices: [{ name: "red", band: "red" }],
        mask: [
          ...mask({ cloud: ["high_confidence"] }, { validRange: "product" }),
          ...mask({ snow: ["high_confidence"] }, { validRange: { min: 1, max: 2 } }),
        ],
      },
      "no number of band red is in the valid ranges of all masks",
      "spec.mask[1].validRange",
      "let them overlap",
    ],
    [
      "a difference of a band and itself by another name",
      { indices: [{ name: "x", normalizedDifference: ["red", "SR_B4"] }] },
      "red and SR_B4 are one band",
      "spec.indices[0].normalizedDifference",
      "name two different bands",
    ],
    ["an unknown plain band", { indices: [{ name: "b", band: "tir" }] }, 'unknown band "tir"', "spec.indices[0].band", BANDS],
  ])("of %s", (_name, fields, what, where, todo) => {
    expect(compileRequest(jobSpec(fields), product())).toEqual({ ok: false, problems: [{ what, where, todo }] });
  });

  it("all at once", () => {
    const compiled = compileRequest(jobSpec({ indices: [{ name: "evi" }], mask: mask({ clouds: ["a"], cloud: ["b"] }) }), product());
    expect(compiled.ok ? [] : compiled.problems.map(({ where }) => where)).toEqual([
      "spec.indices[0].name",
      "spec.mask[0].flags",
      "spec.mask[0].flags.cloud",
    ]);
  });
});
