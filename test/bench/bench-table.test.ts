import { expect, it } from "vitest";

import { benchTable, compareSides } from "./bench-table.ts";

const mebibyte = 2 ** 20;
const measured = (wallSeconds: number, mebibytes: number) => ({ wallSeconds, peakResidentBytes: mebibytes * mebibyte });

it("ratios are those of the medians, of an odd and of an even number of runs", () => {
  const sides = compareSides([measured(9, 100), measured(1, 300), measured(2, 200)], [measured(8, 1000), measured(12, 600)]);
  expect(sides.mayfly.wallSeconds).toBe(2);
  expect(sides.dask.wallSeconds).toBe(10);
  expect(sides.faster).toBe(5);
  expect(sides.smaller).toBe(4);
});

it("a row says both times, both memories and how many times better", () => {
  const row = { name: "aligned", label: "aligned grid", groups: [], ...compareSides([measured(2, 200)], [measured(15, 900)]) };
  expect(benchTable([row]).split("\n").at(-1)).toBe("| aligned grid | 15.00 | 2.00 | **7.5 x** | 900 | 200 | **4.5 x** |");
});
