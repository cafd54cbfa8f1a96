import { expect, test } from "vitest";
import type { Stretch } from "./stretch.ts";
import { ticksOf } from "./ticks.ts";

const usual: Stretch = { type: "percentiles", low: -0.0631, high: 0.5817, validShare: 0.59 };

test.each<[string, Partial<Stretch>, string[]]>([
  ["ends with one more decimal, round values between where there is room", {}, ["−0.06", "0.1", "0.2", "0.3", "0.4", "0.5", "0.58"]],
  ["one value has one tick", { type: "constant", low: 0.315, high: 0.385 }, ["0.350"]],
  ["nothing has none", { type: "empty" }, []],
  ["long numbers get fewer ticks", { low: 8009, high: 16991 }, ["8,009", "10,000", "12,000", "14,000", "16,991"]],
])("%s", (_name, stretch, want) => {
  expect(ticksOf({ ...usual, ...stretch }, 40).map((tick) => tick.label)).toEqual(want);
});
