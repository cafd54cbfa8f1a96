/** The words of a quicklook. */
import type { Picture } from "./picture.ts";
import { writeLength, writeNumber } from "./round-numbers.ts";
import type { Stretch } from "./stretch.ts";

/** `NDVI · DJF · 2018-01-06 to 2018-12-17`, or `NDVI median · DJF · …` where it is no mean. */
export function titleOf(picture: Picture): string {
  const dates = picture.firstDate === picture.lastDate ? picture.firstDate : `${picture.firstDate} to ${picture.lastDate}`;
  const statistic = picture.statistic === "mean" ? "" : ` ${picture.statistic}`;
  return `${picture.index.toUpperCase()}${statistic} · ${picture.group} · ${dates}`;
}

/** `7 solar days · 8 source scenes · EPSG:32618 · 30 m pixels`. */
export function subtitleOf(picture: Picture): string {
  const [x, y] = picture.resolution.map((size) => writeLength(size, picture.unitIsDegrees));
  const pixels = x === y ? x : `${x} × ${y}`;
  return [counted(picture.solarDays, "solar day"), counted(picture.scenes, "source scene"), picture.crsName, `${pixels} pixels`].join(
    " · ",
  );
}

/** `no valid observation (25 %)`. */
export function noObservationNote(stretch: Stretch): string {
  return `no valid observation (${percent(1 - stretch.validShare)})`;
}

const barNotes: Readonly<Record<Stretch["type"], string>> = {
  percentiles: "2–98 % of the valid pixels",
  range: "whole range",
  constant: "one value everywhere",
  empty: "no value to show",
};

/** What stands over the colour bar: the index, to be set bold, its unit where there is room, and what its colours span. */
export function barLabel(
  { index, unit }: Pick<Picture, "index" | "unit">,
  stretch: Stretch,
): { readonly name: string; readonly note: string } {
  const name = index.toUpperCase();
  const room = unit !== "" && name.length + unit.length <= 18;
  const note = `${room ? ` · ${unit}` : ""} · ${barNotes[stretch.type]}`;
  return { name: name.length > 16 ? `${name.slice(0, 15)}…` : name, note };
}

function counted(count: number, noun: string): string {
  return `${writeNumber(count, 1)} ${noun}${count === 1 ? "" : "s"}`;
}

function percent(share: number): string {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share < 1 && share > 0.99) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}
