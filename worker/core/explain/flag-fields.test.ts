import { describe, expect, it } from "vitest";
import { jobRequest, product } from "../../../test/support/builders.ts";
import type { Band } from "../plan/request.ts";
import { fieldsOf, maskFlags, maskReasons, nameFields } from "./flag-fields.ts";

const qa = fieldsOf(product().table, "qa_pixel");
const enumerated = { fmask: { bit: 0, width: 8, values: { nodata: 0, valid: 1, cloud: 2, shadow: 3 } } };
const mask = (flags: Readonly<Record<string, readonly string[]>>, band = "qa_pixel") => ({ band, flags, validRange: "none" as const });

describe("nameFields", () => {
  it("names every field of a Collection 2 code: 21824 is clear land", () => {
    expect(nameFields(qa, 21824)).toEqual({
      nodata: "false",
      dilated_cloud: "not_dilated",
      cirrus: "not_high_confidence",
      cloud: "not_high_confidence",
      cloud_shadow: "not_high_confidence",
      snow: "not_high_confidence",
      clear: "true",
      water: "land_or_cloud",
      cloud_confidence: "low",
      cloud_shadow_confidence: "low",
      snow_ice_confidence: "low",
      cirrus_confidence: "low",
    });
  });

  it.each([
    ["an enumerated band", enumerated, 2, { fmask: "cloud" }],
    ["a value without a name by its number", enumerated, 77, { fmask: "77" }],
    ["a band without a table", {}, 3, {}],
    ["bit 31 of a wide field", { high: { bit: 31, width: 1, values: { no: 0, yes: 1 } } }, 2 ** 31, { high: "yes" }],
  ])("names %s", (_name, fields, code, want) => {
    expect(nameFields(fields, code)).toEqual(want);
  });
});

describe("fieldsOf", () => {
  it.each(["red", "constructor", "no_such_band"])("has none for %s", (band) => {
    expect(fieldsOf(product().table, band)).toEqual({});
  });
});

describe("maskReasons", () => {
  const clear = mask({ cloud: ["not_high_confidence"], water: ["land_or_cloud"] });

  it.each([
    ["nothing against a clear pixel", qa, [clear], 21824, []],
    ["the flag, its value and what is wanted", qa, [clear], 22280, ["cloud is high_confidence, the mask wants not_high_confidence"]],
    [
      "every flag that fails, each once though two masks want it",
      qa,
      [clear, clear],
      8 + 128,
      ["cloud is high_confidence, the mask wants not_high_confidence", "water is water, the mask wants land_or_cloud"],
    ],
    [
      "all values that were wanted",
      enumerated,
      [mask({ fmask: ["valid", "shadow"] })],
      2,
      ["fmask is cloud, the mask wants valid or shadow"],
    ],
    ["a value without a name", enumerated, [mask({ fmask: ["valid"] })], 77, ["fmask is 77, the mask wants valid"]],
  ])("says %s", (_name, fields, masks, code, want) => {
    expect(maskReasons(fields, masks, code)).toEqual(want);
  });
});

describe("maskFlags", () => {
  it("lists the flags of each flag band once, whatever name the masks have for it", () => {
    const flagBand = (name: string, alias: string): Band => ({
      type: "flags",
      name,
      assetKeys: [name, alias],
      nodata: undefined,
      keep: new Uint8Array(0),
    });
    const bands = [...jobRequest().bands, flagBand("qa_pixel", "QA_PIXEL"), flagBand("oa_fmask", "fmask")];
    const masks = [
      mask({ cloud: ["a"], snow: ["b"] }),
      mask({ fmask: ["c"] }, "oa_fmask"),
      mask({ cloud: ["d"], water: ["e"] }, "QA_PIXEL"),
    ];
    expect(maskFlags(bands, masks)).toEqual({ qa_pixel: ["cloud", "snow", "water"], oa_fmask: ["fmask"] });
  });
});
