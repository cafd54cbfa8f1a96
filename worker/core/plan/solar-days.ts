/** Solar days: which scenes are seen as one (DESIGN section 4). */
import type { Scene } from "./scene.ts";

/** The scenes of one solar day, in fusing order: (datetime, id). */
export type SolarDay = {
  /** ISO date of the solar day. */
  readonly date: string;
  /** UTC time of its first scene: the day's label on the time axis. */
  readonly labelMs: number;
  readonly scenes: readonly Scene[];
};

const HOUR_MS = 3_600_000;

/** UTC plus trunc(longitude / 15) hours, as odc-stac (`_solar_day_key`); datacube-core's 240 s a degree is another rule. */
export function solarDate(timeMs: number, longitude: number): string {
  return new Date(timeMs + Math.trunc(longitude / 15) * HOUR_MS).toISOString().slice(0, 10);
}

/** The days in order of time. `scenes` come in order of (datetime, id). */
export function groupBySolarDay(scenes: readonly Scene[], longitude: number): readonly SolarDay[] {
  const days = new Map<string, Scene[]>();
  for (const scene of scenes) {
    const date = solarDate(scene.timeMs, longitude);
    const day = days.get(date);
    if (day) day.push(scene);
    else days.set(date, [scene]);
  }
  return [...days]
    .map(([date, members]) => ({ date, labelMs: members[0]?.timeMs ?? Number.NaN, scenes: members }))
    .toSorted((a, b) => (a.date < b.date ? -1 : 1));
}
