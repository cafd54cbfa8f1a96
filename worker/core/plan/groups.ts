/** Groups of solar days that are reduced to one image each: seasons, months, quarters, years, all. */
import type { JobRequest } from "./request.ts";
import type { SolarDay } from "./solar-days.ts";

/** A group with its days in order of time. */
export type Group = { readonly name: string; readonly days: readonly SolarDay[] };

const SEASONS = ["DJF", "MAM", "JJA", "SON"] as const;

/** The group that a moment falls in, by xarray's time.season, month, quarter or year; December goes with the next year's DJF. */
export function groupName(date: Date, reduce: Pick<JobRequest["reduce"], "by" | "eachYear">): string {
  const month = date.getUTCMonth();
  const year = date.getUTCFullYear();
  switch (reduce.by) {
    case "season": {
      const season = SEASONS[Math.floor(((month + 1) % 12) / 3)] ?? "DJF";
      return reduce.eachYear ? `${month === 11 ? year + 1 : year}-${season}` : season;
    }
    case "month":
      return withYear(String(month + 1).padStart(2, "0"));
    case "quarter":
      return withYear(`Q${Math.floor(month / 3) + 1}`);
    case "year":
      return String(year);
    case "all":
      return reduce.eachYear ? String(year) : "all";
  }

  function withYear(name: string): string {
    return reduce.eachYear ? `${year}-${name}` : name;
  }
}

/**
 * The groups that have a day, in the order of the calendar: DJF to SON, January to December, first year to last. A group's name sorts as text where
 * it has no season, and by the year that its season ends in where it has.
 */
export function groupDays(days: readonly SolarDay[], reduce: JobRequest["reduce"]): readonly Group[] {
  const groups = new Map<string, SolarDay[]>();
  for (const day of days) {
    const date = reduce.calendar === "solar" ? new Date(`${day.date}T00:00:00Z`) : new Date(day.labelMs);
    const name = groupName(date, reduce);
    const members = groups.get(name);
    if (members) members.push(day);
    else groups.set(name, [day]);
  }
  return [...groups]
    .map(([name, members]) => ({ name, days: members }))
    .toSorted((a, b) => (calendarKey(a.name) < calendarKey(b.name) ? -1 : 1));
}

/** `2021-DJF` as `2021-0`: text that sorts as the calendar does. */
function calendarKey(name: string): string {
  return SEASONS.reduce((key, season, i) => key.replace(season, String(i)), name);
}
