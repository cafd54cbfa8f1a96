import { expect, test } from "vitest";
import { rampColours, rampFor } from "./colour-ramp.ts";

function ends(index: string): readonly string[] {
  const ramp = Buffer.from(rampFor(index));
  return [ramp.subarray(0, 3).toString("hex"), ramp.subarray(-3).toString("hex")];
}

test("vegetation goes from brown over yellow to green, other indices along viridis", () => {
  expect(ends("NDVI")).toEqual(["6b3e1f", "0b4a2a"]);
  expect(ends("ndwi")).toEqual(["440154", "fde725"]);
});

test.each(["ndvi", "red"])("steps of the ramp of %s are small everywhere, so that no edge appears where there is none", (index) => {
  const ramp = rampFor(index);
  expect(ramp).toHaveLength(rampColours * 3);
  const steps = Array.from({ length: ramp.length - 3 }, (_, i) => Math.abs((ramp[i + 3] ?? 0) - (ramp[i] ?? 0)));
  expect(Math.max(...steps)).toBeLessThanOrEqual(7);
});
