import { describe, expect, it } from "vitest";
import { applySettings } from "./apply-settings.ts";

function specWith(spec: Record<string, unknown>, ...settings: readonly string[]): unknown {
  return applySettings({ kind: "ComputeJob", spec }, settings)["spec"];
}

describe("applySettings", () => {
  it.each([
    ["indices over index", { index: "ndvi" }, "spec.indices=[{name: nbr}]", { indices: [{ name: "nbr" }] }],
    ["a field of indices over index", { index: "ndvi" }, "spec.indices.0.name=nbr", { indices: [{ name: "nbr" }] }],
    ["index over indices", { indices: [{ name: "ndvi" }] }, "spec.index=nbr", { indices: [{ name: "nbr" }] }],
    ["index over index", { index: "ndvi" }, "spec.index=nbr", { indices: [{ name: "nbr" }] }],
    ["height over y", { chunks: { y: 512, x: 512 } }, "spec.chunks.height=9", { chunks: { height: 9, width: 512 } }],
    ["y over height", { chunks: { height: 512, width: 512 } }, "spec.chunks.y=9", { chunks: { height: 9, width: 512 } }],
    ["x over x", { chunks: { y: 512, x: 512 } }, "spec.chunks.x=9", { chunks: { height: 512, width: 9 } }],
    ["an end over a year", { time: 2021 }, "spec.time.end=2022", { time: { start: "2021", end: "2022" } }],
    [
      "a flag over the only mask's",
      { mask: { band: "qa", flags: { cloud: false } } },
      "spec.mask.flags.cloud=yes_it_is",
      { mask: [{ band: "qa", flags: { cloud: ["yes_it_is"] } }] },
    ],
    [
      "a flag of mask 0 over the only mask's",
      { mask: { band: "qa", flags: { cloud: false } } },
      "spec.mask.0.flags.cloud=[a]",
      { mask: [{ band: "qa", flags: { cloud: ["a"] } }] },
    ],
    [
      "x over x and y",
      { region: { x: [1, 2], y: [3, 4], crs: "EPSG:3577" } },
      "spec.region.x=[7, 8]",
      { region: { bounds: [7, 3, 8, 4], crs: "EPSG:3577" } },
    ],
    [
      "a place of bounds over x and y",
      { region: { x: [1, 2], y: [3, 4], crs: "EPSG:3577" } },
      "spec.region.bounds.3=9",
      { region: { bounds: [1, 3, 2, 9], crs: "EPSG:3577" } },
    ],
    ["what the file has not", {}, "spec.output.count=false", { output: { count: false } }],
  ])("lets %s win", (_name, spec, setting, want) => {
    expect(specWith(spec, setting)).toEqual(want);
  });

  it("applies them in order", () => {
    expect(specWith({ index: "ndvi" }, "spec.indices=[{name: nbr}]", "spec.index=ndwi")).toEqual({ indices: [{ name: "ndwi" }] });
  });

  it("knows a mask that was written alone from a list", () => {
    expect(specWith({ mask: { band: "a" } }, "spec.mask.band=b", "spec.mask.validRange=product")).toEqual({
      mask: [{ band: "b", validRange: "product" }],
    });
    expect(() => specWith({ mask: [{ band: "a" }] }, "spec.mask.band=b")).toThrow(/band is no place in a list/);
  });

  it.each(["", "=1", "spec..x=1", "__proto__.a=1"])("refuses %j", (setting) => {
    expect(() => specWith({}, setting)).toThrow(/cannot set/);
  });

  it("refuses fields of what has none", () => {
    expect(() => specWith({ product: "a" }, "spec.product.name=1")).toThrow(/product has no fields: --set/);
  });
});
