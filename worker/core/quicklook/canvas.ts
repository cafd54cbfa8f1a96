/**
 * A picture under work: one palette index a pixel, and what draws on it. All drawing is clipped to the canvas.
 */
import { type Contour, type Coverage, coverageOf } from "./coverage.ts";
import { type Colour, Palette, paletteLimit } from "./palette.ts";
import type { Box } from "./picture-layout.ts";

/**
 * Lines of `stride` = `width` + 1 bytes, the first of each unused (0) and then an index a pixel: the lines of a PNG, which is
 * encoded without another copy (encode-png.ts).
 */
export type Canvas = {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly lines: Uint8Array;
  readonly palette: Palette;
};

/** A canvas in the colour `paper`. `firstColours`, 3 bytes each, get the first indices. */
export function createCanvas(size: { readonly width: number; readonly height: number }, firstColours: Uint8Array, paper: Colour): Canvas {
  const { width, height } = size;
  const palette = new Palette();
  palette.append(firstColours);
  const canvas = { width, height, stride: width + 1, lines: new Uint8Array((width + 1) * height), palette };
  fillBox(canvas, { x: 0, y: 0, width, height }, palette.indexOf(paper));
  return canvas;
}

/** The bytes of pixels [x, end) of a row, whatever of them lies on the canvas. */
export function rowOf(canvas: Canvas, row: number, x: number, end: number): Uint8Array {
  return canvas.lines.subarray(byteAt(canvas, row, x), byteAt(canvas, row, end));
}

/** Fills a box of whole pixels with the colour of an index. */
export function fillBox(canvas: Canvas, { x, y, width, height }: Box, index: number): void {
  const end = Math.min(y + height, canvas.height);
  for (let row = Math.max(y, 0); row < end; row++) canvas.lines.fill(index, byteAt(canvas, row, x), byteAt(canvas, row, x + width));
}

/** Where pixel x of a row lies in the lines; or the border of the row that is nearest. */
function byteAt(canvas: Canvas, row: number, x: number): number {
  return row * canvas.stride + 1 + Math.min(Math.max(x, 0), canvas.width);
}

/** Edges have as many shades: few enough for the palette, and the eye sees no more in text. */
const shades = 16;

/** What a shape leaves on the colours below it: by index below x (shades + 1) + shade the index mixed, -1 before it is needed. */
type Tints = Int16Array;

/** Fills a shape, with smooth edges. */
export function fillShape(canvas: Canvas, contours: readonly Contour[], colour: Colour): void {
  const coverage = coverageOf(contours);
  const tints = new Int16Array(paletteLimit * (shades + 1)).fill(-1);
  const end = Math.min(coverage.y + coverage.height, canvas.height);
  for (let row = Math.max(coverage.y, 0); row < end; row++) blendRow(canvas, coverage, row, { colour, tints });
}

function blendRow(
  canvas: Canvas,
  coverage: Coverage,
  row: number,
  { colour, tints }: { readonly colour: Colour; readonly tints: Tints },
): void {
  const { x, y, width, shares } = coverage;
  const pixels = rowOf(canvas, row, x, x + width);
  const first = (row - y) * width + Math.max(0, -x);
  for (let i = 0; i < pixels.length; i++) {
    const shade = Math.round(shares[first + i]! * shades);
    if (shade === 0) continue;
    const tint = pixels[i]! * (shades + 1) + shade;
    if (tints[tint] === -1) tints[tint] = canvas.palette.mixed(pixels[i]!, colour, shade / shades);
    pixels[i] = tints[tint]!;
  }
}
