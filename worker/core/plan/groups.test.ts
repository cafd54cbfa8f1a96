import { describe, expect, it } from "vitest";
import { scene } from "../../../test/support/builders.ts";
import { groupDays, groupName } from "./groups.ts";
import { groupBySolarDay, groupScenes, solarDate } from "./solar-days.ts";

const reduce = { by: "season", statistic: "mean", eachYear: false, calendar: "utc" } as const;

describe("solarDate", () => {
  it.each([
    ["Australia's morning pass is a day ahead of UTC's evening", "2021-03-31T23:52:00Z", 147.05, "2021-04-01"],
    ["and on the same day just after midnight", "2021-04-01T00:05:30Z", 147.05, "2021-04-01"],
    ["New York's is on UTC's day", "2018-07-04T15:40:00Z", -74, "2018-07-04"],
    ["whole hours count, truncated towards 0: -4, not -5", "2018-07-04T04:30:00Z", -74.9, "2018-07-04"],
    ["whole hours count, truncated: 9 for 147", "2021-03-31T15:00:00Z", 149.9, "2021-04-01"],
    ["not 10", "2021-03-31T14:59:59Z", 149.9, "2021-03-31"],
    ["ten from 150 degrees on", "2021-03-31T14:00:00Z", 150, "2021-04-01"],
    ["none within 15 degrees of Greenwich", "2021-03-31T23:59:59Z", 14.999, "2021-03-31"],
    ["west of Greenwich the day is behind", "2021-01-01T00:30:00Z", -74, "2020-12-31"],
  ])("%s", (_name, time, longitude, want) => {
    expect(solarDate(Date.parse(time), longitude)).toBe(want);
  });
});

describe("groupBySolarDay", () => {
  it("puts the two rows of one pass together across UTC's midnight, labelled by the first", () => {
    const scenes = ["2021-03-31T23:59:50Z", "2021-04-01T00:00:14Z", "2021-04-17T00:00:14Z"].map((time) => scene({ id: time, time }));
    const days = groupBySolarDay(scenes, 147.05);
    expect(days.map(({ date, labelMs, scenes }) => [date, new Date(labelMs).toISOString(), scenes.map(({ id }) => id)])).toEqual([
      ["2021-04-01", "2021-03-31T23:59:50.000Z", ["2021-03-31T23:59:50Z", "2021-04-01T00:00:14Z"]],
      ["2021-04-17", "2021-04-17T00:00:14.000Z", ["2021-04-17T00:00:14Z"]],
    ]);
  });

  it("has no days without scenes", () => {
    expect(groupBySolarDay([], 147)).toEqual([]);
  });
});

describe("groupScenes", () => {
  const times = ["2021-03-31T23:59:50Z", "2021-03-31T23:59:50Z", "2021-04-01T00:00:14.5Z"];
  const scenes = times.map((time, i) => scene({ id: `item-${i}`, time }));
  const named = (groupBy: "solar_day" | "time" | "id") =>
    groupScenes(scenes, groupBy, 147.05).map(({ name, date, scenes }) => [name, date, scenes.map(({ id }) => id)]);

  it.each([
    ["solar_day", [["2021-04-01", "2021-04-01", ["item-0", "item-1", "item-2"]]]],
    [
      "time",
      [
        ["2021-03-31T23:59:50Z", "2021-04-01", ["item-0", "item-1"]],
        ["2021-04-01T00:00:14.500Z", "2021-04-01", ["item-2"]],
      ],
    ],
    [
      "id",
      [
        ["item-0", "2021-04-01", ["item-0"]],
        ["item-1", "2021-04-01", ["item-1"]],
        ["item-2", "2021-04-01", ["item-2"]],
      ],
    ],
  ] as const)("by %s", (groupBy, want) => {
    expect(named(groupBy)).toEqual(want);
  });

  it("by time tells moments a microsecond apart", () => {
    const timeMs = Date.parse("2021-03-31T23:59:50.123Z");
    const near = [scene({ id: "a" }), scene({ id: "b" })].map((s, i) => ({ ...s, timeMs: timeMs + i / 1000 }));
    expect(groupScenes(near, "time", 0).map(({ scenes }) => scenes.length)).toEqual([1, 1]);
  });
});

describe("groupName", () => {
  const at = (month: number) => new Date(Date.UTC(2021, month - 1, 15));

  it.each([
    [1, "DJF"],
    [2, "DJF"],
    [3, "MAM"],
    [4, "MAM"],
    [5, "MAM"],
    [6, "JJA"],
    [7, "JJA"],
    [8, "JJA"],
    [9, "SON"],
    [10, "SON"],
    [11, "SON"],
    [12, "DJF"],
  ])("month %d is in %s", (month, want) => {
    expect(groupName(at(month), { by: "season", eachYear: false })).toBe(want);
  });

  it.each([
    ["season", true, 12, "2022-DJF"],
    ["season", true, 1, "2021-DJF"],
    ["season", true, 11, "2021-SON"],
    ["month", false, 3, "03"],
    ["month", true, 3, "2021-03"],
    ["month", false, 12, "12"],
    ["quarter", false, 3, "Q1"],
    ["quarter", false, 4, "Q2"],
    ["quarter", true, 12, "2021-Q4"],
    ["year", false, 12, "2021"],
    ["year", true, 12, "2021"],
    ["all", false, 5, "all"],
  ] as const)("by %s (each year: %s), month %d of 2021 is %s", (by, eachYear, month, want) => {
    expect(groupName(at(month), { by, eachYear })).toBe(want);
  });
});

describe("groupDays", () => {
  const times = ["2020-12-10", "2021-01-10", "2021-04-10", "2021-12-10", "2022-02-10"];
  const days = groupBySolarDay(
    times.map((day) => scene({ id: day, time: `${day}T00:05:30Z` })),
    147,
  );
  const grouped = (by: object) => groupDays(days, { ...reduce, ...by }).map(({ name, days }) => [name, days.map(({ date }) => date)]);

  it.each([
    [{ by: "season" }, ["DJF", "MAM", "JJA", "SON"]],
    [{ by: "month" }, ["01", "07", "10", "12"]],
    [{ by: "quarter" }, ["Q1", "Q2", "Q3", "Q4"]],
    [{ by: "quarter", eachYear: true }, ["2020-Q3", "2020-Q4", "2021-Q1", "2021-Q2"]],
    [{ by: "season", eachYear: true }, ["2020-JJA", "2020-SON", "2021-DJF", "2021-MAM"]],
  ])("come in the order of the calendar, whenever they begin: %j", (by, want) => {
    const days = groupBySolarDay(
      ["2020-07-10", "2020-10-10", "2020-12-10", "2021-01-10", "2021-05-10"].map((day) => scene({ id: day, time: `${day}T00:05:30Z` })),
      147,
    );
    const names = groupDays(days, { ...reduce, ...by } as typeof reduce).map(({ name }) => name);
    expect(names.filter((name) => name !== "05")).toEqual(want);
  });

  it("pools all years, days in order of time", () => {
    expect(grouped({})).toEqual([
      ["DJF", ["2020-12-10", "2021-01-10", "2021-12-10", "2022-02-10"]],
      ["MAM", ["2021-04-10"]],
    ]);
  });

  it("splits years, December going with the following January", () => {
    expect(grouped({ eachYear: true })).toEqual([
      ["2021-DJF", ["2020-12-10", "2021-01-10"]],
      ["2021-MAM", ["2021-04-10"]],
      ["2022-DJF", ["2021-12-10", "2022-02-10"]],
    ]);
  });

  it.each([
    ["utc", "DJF"],
    ["solar", "MAM"],
  ] as const)("takes the season of 23:52 UTC on the last of February by the calendar: %s gives %s", (calendar, want) => {
    const [day] = groupBySolarDay([scene({ time: "2021-02-28T23:52:00Z" })], 147);
    expect(day?.date).toBe("2021-03-01");
    expect(groupDays(day ? [day] : [], { ...reduce, calendar }).map(({ name }) => name)).toEqual([want]);
  });
});
