import { describe, expect, it } from "vitest";
import { product, stacItem } from "../../../test/support/builders.ts";
import { assetOfBand, mayBeBand } from "./asset-names.ts";

const { sensors, table } = product();
const band = (name: string) => ({ name, assetKeys: [name, ...(table.bands[name]?.aliases ?? [])] });
const keyOf = (item: ReturnType<typeof stacItem>, name: string) => {
  const asset = assetOfBand(item, band(name), sensors);
  if (!asset.ok) return asset.problems[0]?.what;
  return [...item.assets].find(([, candidate]) => candidate === asset.value)?.[0];
};
const numbered = { SR_B3: {}, SR_B4: {}, SR_B5: {}, QA_PIXEL: {} };

describe("assetOfBand", () => {
  it.each<readonly [name: string, item: Parameters<typeof stacItem>[0], red: string, nir08: string]>([
    ["Landsat 8's numbers", { platform: "landsat-8", assets: numbered }, "SR_B4", "SR_B5"],
    ["Landsat 7's numbers", { platform: "LANDSAT_7", assets: numbered }, "SR_B3", "SR_B4"],
    ["Landsat 5's by the item's id", { id: "LT05_L2SP_010067", assets: numbered }, "SR_B3", "SR_B4"],
    ["the platform before the id", { id: "LT05_L2SP_010067", platform: "landsat-9", assets: numbered }, "SR_B4", "SR_B5"],
    ["the USGS's old keys", { assets: { "SR_B4.TIF": {}, "SR_B5.TIF": {} } }, "SR_B4.TIF", "SR_B5.TIF"],
    ["lower case", { assets: { sr_b4: {}, "sr_b5.tif": {} } }, "sr_b4", "sr_b5.tif"],
    ["upper case of the name", { assets: { RED: {}, NIR08: {} } }, "RED", "NIR08"],
    ["an exact alias before one by letter case", { assets: { red: {}, Red: {}, B5: {}, sr_b5: {} } }, "red", "B5"],
    ["common names where no key fits", { assets: { x: { commonName: "red" }, y: { commonName: "nir08" } } }, "x", "y"],
    ["a key before a common name", { assets: { SR_B4: {}, x: { commonName: "red" }, nir08: {} } }, "SR_B4", "nir08"],
    [
      "none of two that fit as well",
      { assets: { Red: {}, RED: {}, x: { commonName: "nir08" }, y: { commonName: "nir08" } } },
      "2 assets may be band red",
      "2 assets may be band nir08",
    ],
    ["nothing", { platform: "landsat-7", assets: { SR_B5: {} } }, "item has no asset for band red", "item has no asset for band nir08"],
  ])("takes %s", (_name, item, red, nir08) => {
    expect([keyOf(stacItem(item), "red"), keyOf(stacItem(item), "nir08")]).toEqual([red, nir08]);
  });

  it("names only so many of an item's assets", () => {
    const item = { ...stacItem({ assets: {} }), otherAssets: Array.from({ length: 50 }, (_, i) => `a${i}`) };
    const asset = assetOfBand(item, band("red"), sensors);
    expect(asset.ok ? "" : asset.problems[0]?.todo).toMatch(/^its assets are a0, a1, .* a39 and 10 more; name/);
  });
});

describe("mayBeBand", () => {
  const may = mayBeBand([band("red"), band("nir08")], sensors);
  it.each([
    ["red", undefined, true],
    ["SR_B3.TIF", undefined, true],
    ["sr_b5", undefined, true],
    ["x", "nir08", true],
    ["x", "green", false],
    ["SR_B2", "blue", false],
    ["constructor", undefined, false],
  ])("%s with common name %s: %s", (key, commonName, want) => {
    expect(may(key, commonName)).toBe(want);
  });
});
