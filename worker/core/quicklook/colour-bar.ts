/**
 * The colour bar: what its colours span above it, numbers below it, and points at its ends where there are values beyond.
 *
 *        NDVI · 2–98 % of the valid pixels
 *      <=================================>
 *       |      |       |        |       |
 *     −0.06   0.1     0.2      0.3    0.46
 */
import { fillShape, rowOf } from "./canvas.ts";
import { type ColourRamp, rampColours } from "./colour-ramp.ts";
import { type Page, frameBox, line, paintBox, panelFill, softInk, textSize, write } from "./pen.ts";
import type { Box } from "./picture-layout.ts";
import { barLabel } from "./picture-words.ts";
import type { Stretch } from "./stretch.ts";
import { ticksOf } from "./ticks.ts";

/** Width of a digit in em, on the wide side. */
const digitWidth = 0.62;
const pointLength = 14;

/** What a colour bar shows. `firstIndex`: where the ramp begins in the palette of the canvas. */
export type ColourBar = {
  readonly index: string;
  readonly unit: string;
  readonly stretch: Stretch;
  readonly ramp: ColourRamp;
  readonly firstIndex: number;
};

/** Draws the colour bar into `box`; points, label and numbers stand around it. */
export function drawColourBar(page: Page, bar: ColourBar, box: Box): void {
  const { stretch } = bar;
  const { name, note } = barLabel(bar, stretch);
  const end = write(page, name, { x: box.x, y: box.y - 12, weight: "bold" });
  write(page, note, { x: end, y: box.y - 12 });
  frameBox(page, box, line);
  if (stretch.type === "empty") paintBox(page, box, panelFill);
  else drawRamp(page, bar, box);
  if (stretch.type === "percentiles") drawPoints(page, bar.ramp, box);
  for (const { share, label } of ticksOf(stretch, box.width / (textSize * digitWidth))) {
    const x = box.x + share * box.width;
    const mark = { x: Math.min(Math.floor(x), box.x + box.width - 1), y: box.y + box.height + 1, width: 1, height: 6 };
    paintBox(page, mark, softInk);
    write(page, label, { x, y: box.y + box.height + 23, anchor: "middle" });
  }
}

function drawRamp({ canvas }: Page, { firstIndex }: ColourBar, { x, y, width, height }: Box): void {
  const colours = Uint8Array.from({ length: width }, (_, col) => firstIndex + Math.round((col / (width - 1)) * (rampColours - 1)));
  for (let row = y; row < y + height; row++) rowOf(canvas, row, x, x + width).set(colours);
}

/** Points at both ends, each framed by a line of one pixel like the bar. */
function drawPoints({ canvas }: Page, ramp: ColourRamp, { x, y, width, height }: Box): void {
  const middle = y + height / 2;
  // A frame of one pixel along a slope of `middle` : `pointLength` is this much longer at the tip.
  const tip = pointLength + Math.hypot(pointLength, height / 2) / (height / 2);
  const point = (from: number, by: number, frame: number): readonly number[] => [
    from,
    y - frame,
    from + by,
    middle,
    from,
    y + height + frame,
  ];
  for (const { from, side, at } of [
    { from: x, side: -1, at: 0 },
    { from: x + width, side: 1, at: rampColours - 1 },
  ]) {
    fillShape(canvas, [point(from, side * tip, 1)], line);
    const [red = 0, green = 0, blue = 0] = ramp.subarray(at * 3);
    fillShape(canvas, [point(from, side * pointLength, 0)], (red << 16) | (green << 8) | blue);
  }
}
