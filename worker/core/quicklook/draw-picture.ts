/** A quicklook drawn: words and scales around the map, and the map. */
import { type Canvas, createCanvas, fillShape } from "./canvas.ts";
import { drawColourBar } from "./colour-bar.ts";
import { rampFor } from "./colour-ramp.ts";
import { fittedSize, type Typeface } from "./glyphs.ts";
import { paintRaster } from "./paint-raster.ts";
import {
  frameBox,
  ink,
  line,
  noObservationGrey,
  type Page,
  paintBox,
  panelFill,
  paper,
  penColours,
  softInk,
  type TextPlace,
  write,
} from "./pen.ts";
import { channels } from "./palette.ts";
import { layoutPicture, type PictureLayout, pictureMargin, pictureWidth } from "./picture-layout.ts";
import type { Picture } from "./picture.ts";
import { noObservationNote, subtitleOf, titleOf } from "./picture-words.ts";
import { scaleBar } from "./round-numbers.ts";
import { stretchOf } from "./stretch.ts";

const titleSize = 34;
const subtitleSize = 18;
const barHeight = 20;
const scaleBarX = pictureMargin + 52;
const scaleBarLimit = 220;
const swatchX = 400;
const colourBarX = 746;
const colourBarWidth = 400;

/** Draws a picture as {@link layoutPicture} lays it out. */
export function drawPicture(picture: Picture, typeface: Typeface): Canvas {
  const layout = layoutPicture(picture);
  const stretch = stretchOf(picture.raster.data);
  // A spread or a number of observations of a vegetation index is no vegetation.
  const ramp = rampFor(["std", "count"].includes(picture.statistic) ? picture.statistic : picture.index);
  const firstIndex = 0;
  const canvas = createCanvas(layout, Uint8Array.of(...ramp, ...penColours.flatMap(channels)), paper);
  const page = { canvas, typeface };
  fittedLine(page, titleOf(picture), { x: pictureMargin, y: layout.titleY, size: titleSize, weight: "bold" });
  fittedLine(page, subtitleOf(picture), { x: pictureMargin, y: layout.subtitleY, size: subtitleSize, colour: softInk });
  paintBox(page, layout.panel, panelFill);
  frameBox(page, layout.map, line);
  const empty = canvas.palette.indexOf(noObservationGrey);
  paintRaster(canvas, picture.raster, { map: layout.map, stretch, firstIndex, empty });
  northArrow(page, layout.footerY);
  drawScaleBar(page, picture, layout);
  swatch(page, noObservationNote(stretch), layout.footerY);
  const barBox = { x: colourBarX, y: layout.footerY, width: colourBarWidth, height: barHeight };
  drawColourBar(page, { index: picture.index, unit: picture.unit, stretch, ramp, firstIndex }, barBox);
  return canvas;
}

/** A line of text, smaller where it would not fit between the margins. */
function fittedLine(page: Page, words: string, place: TextPlace & { readonly size: number }): void {
  const style = { typeface: page.typeface, weight: place.weight ?? "regular", size: place.size };
  write(page, words, { ...place, size: fittedSize(words, style, pictureWidth - 2 * pictureMargin) });
}

function northArrow(page: Page, y: number): void {
  const middle = pictureMargin + 10;
  fillShape(page.canvas, [[middle, y - 12, middle + 10, y + 20, middle, y + 12, middle - 10, y + 20]], ink);
  write(page, "N", { x: middle, y: y - 20, weight: "bold", anchor: "middle" });
}

function drawScaleBar(page: Page, { gridWidth, resolution, unitIsDegrees }: Picture, layout: PictureLayout): void {
  const bar = scaleBar((resolution[0] * gridWidth) / layout.map.width, scaleBarLimit, unitIsDegrees);
  // Whole pixels, so that its ends are as crisp as the map: half a pixel is what it may be wrong.
  const [left, width, bottom] = [scaleBarX, Math.round(bar.pixels), layout.footerY + barHeight];
  for (const x of [left, left + width]) paintBox(page, { x: x - 1, y: bottom - 10, width: 2, height: 10 }, ink);
  paintBox(page, { x: left, y: bottom - 2, width, height: 2 }, ink);
  write(page, bar.label, { x: left + width / 2, y: bottom - 13, anchor: "middle" });
}

function swatch(page: Page, note: string, y: number): void {
  const box = { x: swatchX, y, width: 30, height: barHeight };
  paintBox(page, box, noObservationGrey);
  frameBox(page, box, line);
  write(page, note, { x: swatchX + 40, y: y + 16 });
}
