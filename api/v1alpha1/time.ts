/**
 * The `time` of a job: dates and date-times in UTC, both ends inclusive, either end open. A date that is not a whole instant stands
 * for all of its period: `2021` as an end is the last millisecond of 2021. Milliseconds are since 1970-01-01T00:00:00Z.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { ok, problem, type Result } from "./problem.ts";
import { cel, refuse } from "./rules.ts";

const PERIOD = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/;
const DATE_PATTERN =
  "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])" +
  "(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?)?)?$";
const DATE = new RegExp(DATE_PATTERN);
const DATE_TODO = "write 2021, 2021-03, 2021-03-05 or 2021-03-05T23:59:59Z";

/** The first and last millisecond that a date or date-time stands for. They are the same for a date-time. */
export type TimeSpan = { readonly firstMs: number; readonly lastMs: number };

/** The span of `2021`, `2021-03`, `2021-03-05` or an RFC 3339 date-time; `where` is the place named in a problem. */
export function parseTimeSpan(text: string, where = "time"): Result<TimeSpan> {
  if (!DATE.test(text)) {
    return problem(`not a date: "${text}"`, where, DATE_TODO);
  }
  const dayText = text.slice(0, 10);
  if (dayText.length === 10 && !isCalendarDay(dayText)) {
    return problem(`no such day: "${dayText}"`, where, DATE_TODO);
  }
  const period = PERIOD.exec(text);
  if (period === null) {
    const instantMs = Date.parse(text);
    return ok({ firstMs: instantMs, lastMs: instantMs });
  }
  const [, year = "", month = "01", day = "01"] = period;
  return ok({ firstMs: Date.parse(`${year}-${month}-${day}T00:00:00Z`), lastMs: nextPeriodMs(period) - 1 });
}

function isCalendarDay(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

/** The first millisecond after the year, month or day that `period` matched. */
function nextPeriodMs(period: RegExpExecArray): number {
  const [, year, month, day] = period;
  const next = new Date(`${year}-${month ?? "01"}-${day ?? "01"}T00:00:00Z`);
  if (day !== undefined) {
    next.setUTCDate(next.getUTCDate() + 1);
  } else if (month !== undefined) {
    next.setUTCMonth(next.getUTCMonth() + 1);
  } else {
    next.setUTCFullYear(next.getUTCFullYear() + 1);
  }
  return next.getTime();
}

const timeBound = z
  .string()
  .superRefine((text, ctx) => {
    const span = parseTimeSpan(text);
    if (!span.ok) {
      span.problems.forEach((found) => refuse(ctx, [], found));
    }
  })
  .meta({ pattern: DATE_PATTERN, maxLength: 40 });

// Lexicographic order of the common length is the order in time between plain dates, and between instants in CEL's own type.
const ORDER_IN_CEL =
  "!has(self.start) || !has(self.end) || (size(self.start) > 10 && size(self.end) > 10" +
  " ? timestamp(self.start) <= timestamp(self.end)" +
  " : size(self.start) <= size(self.end) ? self.start <= self.end.substring(0, size(self.start))" +
  " : self.start.substring(0, size(self.end)) <= self.end)";

/** `spec.time`. Either end may be left out; both are inclusive. No default: without `time`, all items are used. */
export const timeSchema = z
  .strictObject({
    start: timeBound.optional().describe("First moment, UTC, inclusive: 2021, 2021-03, 2021-03-05 or a date-time. Left out: no beginning."),
    end: timeBound.optional().describe("Last moment, UTC, inclusive: a year, month or day stands for all of it. Left out: no end."),
  })
  .superRefine((time, ctx) => {
    const { firstMs, lastMs } = timeBoundsMs(time);
    if (firstMs > lastMs) {
      refuse(ctx, [], { what: "time is reversed", todo: `put the earlier first: start ${time.end}, end ${time.start}` });
    }
  })
  .meta(cel([ORDER_IN_CEL, "time is reversed: start is after end"]));

/** A job's `time`. */
export type Time = DeepReadonly<z.output<typeof timeSchema>>;

/** The first and last millisecond of a job's time, both inclusive; an open end is -Infinity or Infinity, as is one that is no date. */
export function timeBoundsMs(time: Time | undefined): TimeSpan {
  const start = time?.start === undefined ? undefined : parseTimeSpan(time.start);
  const end = time?.end === undefined ? undefined : parseTimeSpan(time.end);
  return {
    firstMs: start?.ok === true ? start.value.firstMs : Number.NEGATIVE_INFINITY,
    lastMs: end?.ok === true ? end.value.lastMs : Number.POSITIVE_INFINITY,
  };
}
