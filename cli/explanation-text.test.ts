import { describe, expect, it } from "vitest";
import type { DayRecord, Explanation, Sample, SampleState } from "../worker/core/explain/explanation.ts";
import { explanationText } from "./explanation-text.ts";
import { formatFloat32 } from "./format.ts";

const flags = { cloud: "no", water: "yes" };
const sample = (state: SampleState, stored: number | null = null): Sample => ({ state, stored });
const outside = { red: sample("outside"), qa: sample("outside") };
const kept = { value: 0.5, kept: true, reasons: [], notes: [] };

const days: readonly DayRecord[] = [
  {
    date: "2021-01-01",
    group: "DJF",
    items: [
      { id: "a1", datetime: "", bands: outside },
      { id: "b1", datetime: "", bands: { red: sample("used", Math.fround(8000.1)), qa: { ...sample("nodata"), flags } } },
      { id: "c1", datetime: "", bands: { red: sample("hidden", 7), qa: { ...sample("used", 3), flags } } },
      { id: "d1", datetime: "", bands: { red: sample("hidden", 8), qa: { ...sample("hidden", 3), flags } } },
      { id: "e1", datetime: "", bands: { red: sample("nodata"), qa: { ...sample("nodata"), flags } } },
    ],
    indices: [
      { name: "ndvi", ...kept },
      { name: "red", ...kept },
    ],
  },
  {
    date: "2021-01-02",
    group: "DJF",
    items: [
      { id: "a2", datetime: "", bands: outside },
      { id: "b2", datetime: "", bands: outside },
    ],
    indices: [],
  },
  {
    date: "2021-04-01",
    group: "MAM",
    items: [{ id: "a3", datetime: "", bands: { red: sample("used", 9), qa: { ...sample("used", 2), flags } } }],
    indices: [
      { name: "ndvi", value: 0.25, kept: false, reasons: ["0/0", "cloud is yes"], notes: [] },
      { name: "red", value: 9, kept: true, reasons: [], notes: ["red 9 is odd"] },
    ],
  },
];

const explanation: Explanation = {
  grid: { crs: "EPSG:32755", height: 10, width: 20 },
  pixel: { row: 3, col: 4, x: 15, y: -45.5, lon: 147, lat: -35.1234567 },
  maskFlags: { qa: ["cloud"] },
  statistic: "mean",
  days,
  groups: [
    {
      name: "DJF",
      days: 2,
      indices: [
        { name: "ndvi", value: 0.5, count: 1 },
        { name: "red", value: 0.5, count: 1 },
      ],
    },
    {
      name: "MAM",
      days: 1,
      indices: [
        { name: "ndvi", value: null, count: 0 },
        { name: "red", value: 9, count: 1 },
      ],
    },
  ],
};

describe("explanationText", () => {
  it("is a table of days and one of groups", () => {
    expect(explanationText("job", explanation, false)).toBe(
      `One pixel of job
pixel   row 3, column 4 of 10 x 20
centre  15, -45.5 in EPSG:32755; longitude 147.000000, latitude -35.123457

day         group  item        red      qa    ndvi  red  kept or why not                                          qa
2021-01-01  DJF    a1            -       -               outside the scene
                   b1       8000.1  nodata     0.5  0.5  kept                                                     cloud=no
                   c1          (7)       3               gives qa                                                 cloud=no
                   d1          (8)     (3)               hidden by an earlier item                                cloud=no
                   e1       nodata  nodata               nodata                                                   cloud=no
2021-01-02  DJF    2 items       -       -       -    -  outside
2021-04-01  MAM    a3            9       2  (0.25)    9  ndvi: 0/0; cloud is yes; red: kept, though red 9 is odd  cloud=no

group  days  ndvi mean  count  red mean  count
DJF       2        0.5      1       0.5      1
MAM       1          -      0         9      1
`,
    );
  });

  it("has every flag where all are wanted", () => {
    const lines = explanationText("job", explanation, true).split("\n");
    expect(lines.filter((line) => line.endsWith("cloud=no water=yes"))).toHaveLength(5);
  });
});

describe("formatFloat32", () => {
  it.each([
    [Math.fround(0.4371), "0.4371"],
    [Math.fround(0.1), "0.1"],
    [Math.fround(1 / 3), "0.33333334"],
    [21824, "21824"],
    [16777215, "16777215"],
    [Math.fround(-7.3e-9), "-7.3e-9"],
    [0, "0"],
  ])("gives the shortest decimal of %d", (value, want) => {
    expect(formatFloat32(value)).toBe(want);
    expect(Math.fround(Number(formatFloat32(value)))).toBe(value);
  });
});
