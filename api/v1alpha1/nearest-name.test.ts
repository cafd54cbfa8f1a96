import { describe, expect, it } from "vitest";
import { nearestName, suggestion } from "./nearest-name.ts";

describe("nearestName", () => {
  it.each([
    ["two letters swapped", "gird", ["crs", "grid", "region"], "grid"],
    ["a letter missing", "resoluton", ["resolution", "resolutionXY"], "resolution"],
    ["other capitals", "groupby", ["groupBy"], "groupBy"],
    ["nothing near", "colour", ["crs", "grid"], undefined],
    ["one letter, which is near to any", "y", ["a", "x"], undefined],
    ["nothing to choose from", "grid", [], undefined],
  ])("of %s", (_name, name, candidates, want) => {
    expect(nearestName(name, candidates)).toBe(want);
  });

  it("is said before the list", () => {
    expect(suggestion("gird", ["crs", "grid"], "use")).toBe("did you mean grid? use crs, grid");
    expect(suggestion("z", ["crs", "grid"], "use")).toBe("use crs, grid");
  });
});
