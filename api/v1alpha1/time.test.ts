import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTimeSpan, timeBoundsMs, timeSchema } from "./time.ts";

const DATE_TODO = "write 2021, 2021-03, 2021-03-05 or 2021-03-05T23:59:59Z";

describe("parseTimeSpan", () => {
  it.each([
    ["a year is all of it", "2021", "2021-01-01T00:00:00.000Z", "2021-12-31T23:59:59.999Z"],
    ["a month is all of it", "2021-02", "2021-02-01T00:00:00.000Z", "2021-02-28T23:59:59.999Z"],
    ["a month of a leap year has its day", "2020-02", "2020-02-01T00:00:00.000Z", "2020-02-29T23:59:59.999Z"],
    ["December ends the year", "2021-12", "2021-12-01T00:00:00.000Z", "2021-12-31T23:59:59.999Z"],
    ["a day is all of it", "2021-03-05", "2021-03-05T00:00:00.000Z", "2021-03-05T23:59:59.999Z"],
    ["a date-time is a moment", "2021-03-05T23:52:00Z", "2021-03-05T23:52:00.000Z", "2021-03-05T23:52:00.000Z"],
    ["an offset is taken off", "2021-03-05T01:00:00.5+10:00", "2021-03-04T15:00:00.500Z", "2021-03-04T15:00:00.500Z"],
  ])("%s", (_name, text, wantFirst, wantLast) => {
    expect(parseTimeSpan(text)).toEqual({ ok: true, value: { firstMs: Date.parse(wantFirst), lastMs: Date.parse(wantLast) } });
  });

  it.each([
    ["2021-13", 'not a date: "2021-13"'],
    ["21-03", 'not a date: "21-03"'],
    ["2021-3-5", 'not a date: "2021-3-5"'],
    ["2021-03-05 10:00", 'not a date: "2021-03-05 10:00"'],
    ["2021-03-05T10:00:00", 'not a date: "2021-03-05T10:00:00"'],
    ["2021-02-30", 'no such day: "2021-02-30"'],
    ["2021-02-29T00:00:00Z", 'no such day: "2021-02-29"'],
  ])("refuses %s", (text, what) => {
    expect(parseTimeSpan(text, "spec.time.start")).toEqual({ ok: false, problems: [{ what, where: "spec.time.start", todo: DATE_TODO }] });
  });

  it("ends each day a millisecond before the next begins", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date("1970-01-01"), max: new Date("2099-12-30"), noInvalidDate: true }), (date) => {
        const next = new Date(date.getTime() + 86_400_000);
        const [today, tomorrow] = [date, next].map((day) => parseTimeSpan(day.toISOString().slice(0, 10)));
        expect(today?.ok && tomorrow?.ok && today.value.lastMs + 1 === tomorrow.value.firstMs).toBe(true);
      }),
    );
  });
});

describe("time", () => {
  it.each([
    ["the same year twice", { start: "2021", end: "2021" }],
    ["a month within the end's year", { start: "2021-03", end: "2021" }],
    ["a year whose end is one of its days", { start: "2021", end: "2021-01-01" }],
    ["a moment on the last day", { start: "2021-03-05T23:00:00Z", end: "2021-03-05" }],
    ["an open end", { start: "2021" }],
    ["an open beginning", { end: "2021" }],
  ])("takes %s", (_name, time) => {
    expect(timeSchema.safeParse(time).success).toBe(true);
  });

  it.each([
    ["years", { start: "2022", end: "2021" }],
    ["months", { start: "2021-04", end: "2021-03" }],
    ["moments by their offsets", { start: "2021-03-05T01:00:00Z", end: "2021-03-05T02:00:00+02:00" }],
  ])("refuses reversed %s", (_name, time) => {
    expect(timeSchema.safeParse(time).error?.issues.map((issue) => issue.message)).toEqual(["time is reversed"]);
  });

  it("is unbounded where an end is open", () => {
    expect(timeBoundsMs(undefined)).toEqual({ firstMs: Number.NEGATIVE_INFINITY, lastMs: Number.POSITIVE_INFINITY });
    expect(timeBoundsMs({ end: "1970" })).toEqual({ firstMs: Number.NEGATIVE_INFINITY, lastMs: 365 * 86_400_000 - 1 });
  });
});
