/**
 * The words, scales and frames of a quicklook as SVG. The map's place stays empty: the raster is copied into it after
 * rendering, which is several times faster than carrying it through SVG as an embedded PNG (see quicklook-file.ts).
 */
import { type ColourRamp, hexAt } from "./colour-ramp.ts";
import { noObservationGrey } from "./paint-raster.ts";
import { type Box, type PictureLayout, pictureMargin, pictureWidth } from "./picture-layout.ts";
import type { Picture } from "./picture.ts";
import { roundDown, roundTicks, scaleBar, writeLength, writeNumber } from "./round-numbers.ts";
import type { Stretch } from "./stretch.ts";

/** Font family of all text. */
export const pictureFont = "DejaVu Sans";

const ink = "#1c2126";
const softInk = "#555d66";
const line = "#8b929a";
const panelFill = "#f3f4f6";
const textSize = 16;
/** Widths of a character in em, on the wide side: DejaVu Sans Bold's capitals, and the regular cut's digits and lower case. */
const boldWidth = 0.75;
const regularWidth = 0.62;

/** The SVG of everything but the raster. */
export function pictureSvg(picture: Picture, stretch: Stretch, ramp: ColourRamp, layout: PictureLayout): string {
  const { width, height, map, panel } = layout;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${pictureFont}" font-size="${textSize}" fill="${ink}">`,
    rect({ x: 0, y: 0, width, height }, "#ffffff"),
    text(titleOf(picture), { x: pictureMargin, y: layout.titleY, size: fitted(titleOf(picture), 34, boldWidth), weight: 700 }),
    text(subtitleOf(picture), {
      x: pictureMargin,
      y: layout.subtitleY,
      size: fitted(subtitleOf(picture), 18, regularWidth),
      fill: softInk,
    }),
    rect(panel, panelFill),
    rect({ x: map.x - 1, y: map.y - 1, width: map.width + 2, height: map.height + 2 }, line),
    northArrow(pictureMargin, layout.footerY),
    scaleBarSvg(picture, layout),
    swatch(stretch, layout.footerY),
    colourBar(picture.index, stretch, ramp, layout.footerY),
    "</svg>",
  ].join("\n");
}

/** `NDVI · DJF · 2018-01-06 to 2018-12-17`. */
export function titleOf(picture: Picture): string {
  const dates = picture.firstDate === picture.lastDate ? picture.firstDate : `${picture.firstDate} to ${picture.lastDate}`;
  return `${picture.index.toUpperCase()} · ${picture.group} · ${dates}`;
}

/** `7 solar days · 8 source scenes · EPSG:32618 · 30 m pixels`. */
export function subtitleOf(picture: Picture): string {
  const [x, y] = picture.resolution.map((size) => writeLength(size, picture.unitIsDegrees));
  const pixels = x === y ? x : `${x} × ${y}`;
  return [counted(picture.solarDays, "solar day"), counted(picture.scenes, "source scene"), picture.crsName, `${pixels} pixels`].join(
    " · ",
  );
}

function counted(count: number, noun: string): string {
  return `${writeNumber(count, 1)} ${noun}${count === 1 ? "" : "s"}`;
}

/** The font size at which a line of text surely fits between the margins. */
function fitted(words: string, size: number, widthEm: number): number {
  return Math.min(size, Math.floor((pictureWidth - 2 * pictureMargin) / (words.length * widthEm)));
}

const barHeight = 20;
const scaleBarX = pictureMargin + 52;
const scaleBarLimit = 220;
const swatchX = 400;
const colourBarBox = { x: 746, width: 400 };

function northArrow(x: number, y: number): string {
  const arrow = `<path d="M${x + 10} ${y - 12} l10 32 l-10 -8 l-10 8 z" fill="${ink}"/>`;
  return arrow + text("N", { x: x + 10, y: y - 20, weight: 700, anchor: "middle" });
}

function scaleBarSvg(picture: Picture, layout: PictureLayout): string {
  const unitsPerPixel = (picture.resolution[0] * picture.raster.width) / layout.map.width;
  const bar = scaleBar(unitsPerPixel, scaleBarLimit, picture.unitIsDegrees);
  const [left, right, y] = [scaleBarX, scaleBarX + bar.pixels, layout.footerY + barHeight - 1];
  const path = `<path d="M${left} ${y - 9} V${y} H${fixed(right)} V${y - 9}" fill="none" stroke="${ink}" stroke-width="2"/>`;
  return path + text(bar.label, { x: (left + right) / 2, y: y - 12, anchor: "middle" });
}

function swatch(stretch: Stretch, y: number): string {
  const box = rect({ x: swatchX, y, width: 30, height: barHeight }, noObservationGrey, line);
  return box + text(`no valid observation (${percent(1 - stretch.validShare)})`, { x: swatchX + 40, y: y + 16 });
}

function percent(share: number): string {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share < 1 && share > 0.99) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

const barNotes: Readonly<Record<Stretch["type"], string>> = {
  percentiles: "2–98 % of the valid pixels",
  range: "whole range",
  constant: "one value everywhere",
  empty: "no value to show",
};

function colourBar(index: string, stretch: Stretch, ramp: ColourRamp, y: number): string {
  const { x, width } = colourBarBox;
  const stops = Array.from({ length: 33 }, (_, i) => `<stop offset="${fixed(i / 32)}" stop-color="${hexAt(ramp, i / 32)}"/>`).join("");
  const gradient = `<defs><linearGradient id="ramp">${stops}</linearGradient></defs>`;
  const name = `<tspan font-weight="700">${escape(shortened(index.toUpperCase()))}</tspan> · ${barNotes[stretch.type]}`;
  const label = `<text x="${x}" y="${y - 12}">${name}</text>`;
  const bar = rect({ x, y, width, height: barHeight }, stretch.type === "empty" ? panelFill : "url(#ramp)", line);
  const ends = stretch.type === "percentiles" ? barEnds(ramp, y) : "";
  return gradient + label + ends + bar + ticksSvg(stretch, y);
}

function shortened(name: string): string {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

/** Points at both ends: there are values beyond. */
function barEnds(ramp: ColourRamp, y: number): string {
  const { x, width } = colourBarBox;
  const middle = barHeight / 2;
  const point = (from: number, by: number, fill: string): string =>
    `<path d="M${from} ${y} l${by} ${middle} l${-by} ${middle} z" fill="${fill}" stroke="${line}"/>`;
  return point(x, -14, hexAt(ramp, 0)) + point(x + width, 14, hexAt(ramp, 1));
}

function ticksSvg(stretch: Stretch, y: number): string {
  const { x, width } = colourBarBox;
  return ticksOf(stretch, width)
    .map(({ share, label }) => {
      const at = fixed(x + share * width);
      const mark = `<path d="M${at} ${y + barHeight} v6" stroke="${softInk}"/>`;
      return mark + text(label, { x: Number(at), y: y + barHeight + 23, anchor: "middle" });
    })
    .join("");
}

/** A mark under the colour bar; `share` 0 at its left end, 1 at its right. */
export type Tick = { readonly share: number; readonly label: string };

/** The ends of the stretch, and as many round values between as leave room for their labels on a bar of `width` pixels. */
export function ticksOf(stretch: Stretch, width: number): readonly Tick[] {
  if (stretch.type === "empty") return [];
  const { low, high } = stretch;
  if (stretch.type === "constant") return [{ share: 0.5, label: writeNumber((low + high) / 2, roundDown(high - low) / 10) }];
  for (const parts of [5, 3, 2]) {
    const { values, step } = roundTicks(low, high, parts);
    const ends = [low, high].map((value, share) => ({ share, label: writeNumber(value, step / 10) }));
    const inside = values
      .map((value) => ({ share: (value - low) / (high - low), label: writeNumber(value, step) }))
      .filter((tick) => ends.every((end) => apart(tick, end, width)));
    if (inside.every((tick, i) => apart(tick, inside[i + 1], width)))
      return [...inside, ...ends].toSorted((one, other) => one.share - other.share);
  }
  return [low, high].map((value, share) => ({ share, label: writeNumber(value, roundDown(high - low) / 100) }));
}

/** Whether the labels of two ticks leave more than a character between them. */
function apart(one: Tick, other: Tick | undefined, width: number): boolean {
  if (other === undefined) return true;
  const characters = (one.label.length + other.label.length) / 2 + 1.5;
  return Math.abs(one.share - other.share) * width > characters * textSize * regularWidth;
}

type TextPlace = {
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: "middle";
};

function text(words: string, place: TextPlace): string {
  const { x, y, size = textSize, weight = 400, fill = ink, anchor = "start" } = place;
  return `<text x="${fixed(x)}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function rect(box: Box, fill: string, stroke = "none"): string {
  return `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="${fill}" stroke="${stroke}"/>`;
}

function fixed(value: number): string {
  return value.toFixed(2);
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
