import { describe, expect, test } from "vitest";
import type { Picture } from "./picture.ts";
import { barLabel, noObservationNote, subtitleOf, titleOf } from "./picture-words.ts";
import type { Stretch } from "./stretch.ts";

function picture(over: Partial<Picture> = {}): Picture {
  return {
    index: "ndvi",
    statistic: "mean",
    unit: "",
    group: "DJF",
    firstDate: "2018-01-06",
    lastDate: "2018-12-17",
    solarDays: 7,
    scenes: 1234,
    crsName: "EPSG:32618",
    resolution: [30, 30],
    unitIsDegrees: false,
    raster: { width: 99, height: 121, data: new Float32Array(99 * 121) },
    gridWidth: 99,
    ...over,
  };
}

const usual: Stretch = { type: "percentiles", low: -0.0631, high: 0.5817, validShare: 0.59 };

test("title and subtitle say what, when, from how much and on which grid", () => {
  expect(titleOf(picture())).toBe("NDVI · DJF · 2018-01-06 to 2018-12-17");
  expect(subtitleOf(picture())).toBe("7 solar days · 1,234 source scenes · EPSG:32618 · 30 m pixels");
});

test("a statistic that is no mean stands in the title", () => {
  expect(titleOf(picture({ statistic: "median" }))).toBe("NDVI median · DJF · 2018-01-06 to 2018-12-17");
});

test("one day, one scene and oblong pixels are said as a person would", () => {
  const one = picture({
    lastDate: "2018-01-06",
    solarDays: 1,
    scenes: 1,
    resolution: [0.001, 0.002],
    unitIsDegrees: true,
    crsName: "EPSG:4326",
  });
  expect(titleOf(one)).toBe("NDVI · DJF · 2018-01-06");
  expect(subtitleOf(one)).toBe("1 solar day · 1 source scene · EPSG:4326 · 0.001° × 0.002° pixels");
});

test.each([
  [0.59, "no valid observation (41 %)"],
  [1, "no valid observation (0 %)"],
  [0.9999, "no valid observation (< 1 %)"],
  [0.0001, "no valid observation (> 99 %)"],
])("of a valid share of %d the rest is said, and a few are not none", (validShare, want) => {
  expect(noObservationNote({ ...usual, validShare })).toBe(want);
});

describe("barLabel", () => {
  test("names the index and what the colours span", () => {
    expect(barLabel({ index: "ndvi", unit: "" }, usual)).toEqual({ name: "NDVI", note: " · 2–98 % of the valid pixels" });
    expect(barLabel({ index: "red", unit: "" }, { ...usual, type: "empty" })).toEqual({ name: "RED", note: " · no value to show" });
    expect(barLabel({ index: "red", unit: "reflectance" }, usual).note).toBe(" · reflectance · 2–98 % of the valid pixels");
  });

  test("leaves the unit out beside a long name", () => {
    expect(barLabel({ index: "near_infrared", unit: "reflectance" }, usual).note).toBe(" · 2–98 % of the valid pixels");
  });

  test("shortens a long name", () => {
    expect(barLabel({ index: "a".repeat(17), unit: "" }, usual).name).toBe(`${"A".repeat(15)}…`);
  });
});
