import { describe, expect, test } from "vitest";
import { rampFor } from "./colour-ramp.ts";
import { layoutPicture } from "./picture-layout.ts";
import { pictureSvg, subtitleOf, ticksOf, titleOf } from "./picture-svg.ts";
import type { Picture } from "./picture.ts";
import type { Stretch } from "./stretch.ts";

function picture(over: Partial<Picture> = {}): Picture {
  return {
    index: "ndvi",
    group: "DJF",
    firstDate: "2018-01-06",
    lastDate: "2018-12-17",
    solarDays: 7,
    scenes: 1234,
    crsName: "EPSG:32618",
    resolution: [30, 30],
    unitIsDegrees: false,
    raster: { width: 99, height: 121, data: new Float32Array(99 * 121) },
    ...over,
  };
}

const usual: Stretch = { type: "percentiles", low: -0.0631, high: 0.5817, validShare: 0.59 };

describe("words", () => {
  test("title and subtitle say what, when, from how much and on which grid", () => {
    expect(titleOf(picture())).toBe("NDVI · DJF · 2018-01-06 to 2018-12-17");
    expect(subtitleOf(picture())).toBe("7 solar days · 1,234 source scenes · EPSG:32618 · 30 m pixels");
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

  test("names are escaped", () => {
    const odd = picture({ crsName: "<a & b>" });
    expect(pictureSvg(odd, usual, rampFor("ndvi"), layoutPicture(odd))).toContain("&lt;a &amp; b&gt;");
  });

  test("a long title gets a smaller font, so that it stays inside", () => {
    const long = picture({ index: "x".repeat(60) });
    expect(pictureSvg(long, usual, rampFor("x"), layoutPicture(long))).toContain('font-size="16" font-weight="700"');
  });
});

describe("ticksOf", () => {
  const labels = (stretch: Partial<Stretch>): readonly string[] => ticksOf({ ...usual, ...stretch }, 400).map((tick) => tick.label);

  test.each<[string, Partial<Stretch>, string[]]>([
    ["ends with one more decimal, round values between where there is room", {}, ["−0.06", "0.1", "0.2", "0.3", "0.4", "0.5", "0.58"]],
    ["one value has one tick", { type: "constant", low: 0.315, high: 0.385 }, ["0.350"]],
    ["nothing has none", { type: "empty" }, []],
    ["long numbers get fewer ticks", { low: 8009, high: 16991 }, ["8,009", "10,000", "12,000", "14,000", "16,991"]],
  ])("%s", (_name, stretch, want) => {
    expect(labels(stretch)).toEqual(want);
  });
});

test("the layout keeps the map inside the panel and the panel inside the picture, for any shape", () => {
  for (const [width, height] of [
    [99, 121],
    [5000, 20],
    [20, 5000],
    [1, 1],
    [2300, 2000],
  ] as const) {
    const { map, panel, ...rest } = layoutPicture({ raster: { width, height, data: new Float32Array() }, resolution: [30, 30] });
    expect(rest.width).toBe(1200);
    expect(map.x >= panel.x && map.y >= panel.y).toBe(true);
    expect(map.x + map.width <= panel.x + panel.width && map.y + map.height <= panel.y + panel.height).toBe(true);
    expect(panel.y + panel.height < rest.footerY && rest.footerY < rest.height).toBe(true);
  }
});
