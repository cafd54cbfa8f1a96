import { describe, expect, it } from "vitest";
import { parseTimestamp } from "./timestamp.ts";

describe("parseTimestamp", () => {
  it.each([
    ["2021-03-05T00:05:30Z", "2021-03-05T00:05:30.000Z"],
    ["2021-03-05t00:05:30z", "2021-03-05T00:05:30.000Z"],
    ["2021-03-05T10:05:30+10:00", "2021-03-05T00:05:30.000Z"],
    ["2021-03-05 10:05:30+1000", "2021-03-05T00:05:30.000Z"],
    ["2021-03-05T10:05:30+10", "2021-03-05T00:05:30.000Z"],
    ["2021-03-05T00:05:30", "2021-03-05T00:05:30.000Z"],
    ["2021-03-05T00:05Z", "2021-03-05T00:05:00.000Z"],
    ["2021-03-05", "2021-03-05T00:00:00.000Z"],
    ["2020-12-04T19:02:11.194486Z", "2020-12-04T19:02:11.194Z"],
    ["1983-01-10T13:31:46.001Z", "1983-01-10T13:31:46.001Z"],
  ])("takes %s", (text, want) => {
    const timeMs = parseTimestamp(text);
    expect(timeMs !== undefined && new Date(timeMs).toISOString()).toBe(want);
  });

  it("keeps microseconds", () => {
    const [a = 0, b = 0] = ["2020-12-04T19:02:11.194486Z", "2020-12-04T19:02:11.194487Z"].map(parseTimestamp);
    expect(b).toBeGreaterThan(a);
    expect(a % 1).toBeCloseTo(0.486, 3);
  });

  it.each([
    "",
    "2021",
    "2021-13-01T00:00:00Z",
    "2021-02-30T00:00:00Z",
    "2021-03-05T25:00:00Z",
    "March 5, 2021",
    "1614902730000",
    "2021-03-05T00:05:30Zx",
  ])("refuses %s", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
