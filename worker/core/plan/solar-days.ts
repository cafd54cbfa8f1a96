/** Observations: which scenes are seen as one, by `groupBy` (DESIGN section 4). A solar day is the usual one, and gives the type its name. */
import type { ComputeJobSpec } from "../../../api/v1alpha1/compute-job.ts";
import type { Scene } from "./scene.ts";

/** The scenes of one observation, in fusing order: (datetime, id). */
export type SolarDay = {
  /** What the bill calls it: the solar day's date; its UTC time with `groupBy: time`; its item with `groupBy: id`. */
  readonly name: string;
  /** ISO date of its solar day. */
  readonly date: string;
  /** UTC time of its first scene in time, even where that lies outside the grid: the day's label on the time axis. */
  readonly labelMs: number;
  readonly scenes: readonly Scene[];
};

const HOUR_MS = 3_600_000;

/** UTC plus trunc(longitude / 15) hours, as odc-stac (`_solar_day_key`); datacube-core's 240 s a degree is another rule. */
export function solarDate(timeMs: number, longitude: number): string {
  return new Date(timeMs + Math.trunc(longitude / 15) * HOUR_MS).toISOString().slice(0, 10);
}

/**
 * The observations in order of time; `scenes` come in order of (datetime, id). Items of one datetime are fused with `time`, none with `id`: odc-stac's
 * groupby of the same names.
 */
export function groupScenes(scenes: readonly Scene[], groupBy: ComputeJobSpec["groupBy"], longitude: number): readonly SolarDay[] {
  switch (groupBy) {
    case "solar_day":
      return groupBySolarDay(scenes, longitude);
    case "time": {
      const moments = Map.groupBy(scenes, (scene) => scene.timeMs);
      return [...moments].map(([timeMs, members]) => observation(isoTime(timeMs), members, longitude));
    }
    case "id":
      return scenes.map((scene) => observation(scene.id, [scene], longitude));
  }
}

/** The solar days in order of time. `scenes` come in order of (datetime, id). */
export function groupBySolarDay(scenes: readonly Scene[], longitude: number): readonly SolarDay[] {
  const days = Map.groupBy(scenes, (scene) => solarDate(scene.timeMs, longitude));
  return [...days].map(([date, members]) => observation(date, members, longitude)).toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

function observation(name: string, scenes: readonly Scene[], longitude: number): SolarDay {
  const labelMs = scenes[0]?.timeMs ?? Number.NaN;
  return { name, date: solarDate(labelMs, longitude), labelMs, scenes };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(".000Z", "Z");
}
