/** Words and framed boxes on a canvas, in the colours of a quicklook. */
import { type Canvas, fillBox, fillShape } from "./canvas.ts";
import { textContours, type TextStyle, textWidth, type Typeface } from "./glyphs.ts";
import type { Colour } from "./palette.ts";
import type { Box } from "./picture-layout.ts";

export const paper: Colour = 0xffffff;
export const ink: Colour = 0x1c2126;
export const softInk: Colour = 0x555d66;
export const line: Colour = 0x8b929a;
export const panelFill: Colour = 0xf3f4f6;
/** Pixels without observation: a neutral grey that no ramp contains. */
export const noObservationGrey: Colour = 0xbcc0c4;

/** They stand in the palette as they are, whatever else comes near them. */
export const penColours: readonly Colour[] = [paper, ink, softInk, line, panelFill, noObservationGrey];

/** Pixels per em of all text but title and subtitle. */
export const textSize = 16;

/** What is drawn on, and in which letters. */
export type Page = { readonly canvas: Canvas; readonly typeface: Typeface };

export type TextPlace = {
  readonly x: number;
  /** The base line. */
  readonly y: number;
  readonly size?: number;
  readonly weight?: TextStyle["weight"];
  readonly colour?: Colour;
  /** `middle`: x is the middle of the text, not its left end. */
  readonly anchor?: "start" | "middle";
};

/** Writes a line of text; returns the x at which it ends. */
export function write(page: Page, words: string, place: TextPlace): number {
  const { y, size = textSize, weight = "regular", colour = ink, anchor = "start" } = place;
  const style = { typeface: page.typeface, weight, size };
  const width = textWidth(words, style);
  const x = anchor === "middle" ? place.x - width / 2 : place.x;
  fillShape(page.canvas, textContours(words, style, { x, y }), colour);
  return x + width;
}

/** A box in one colour. */
export function paintBox({ canvas }: Page, box: Box, colour: Colour): void {
  fillBox(canvas, box, canvas.palette.indexOf(colour));
}

/** A line of one pixel around a box, outside. */
export function frameBox(page: Page, { x, y, width, height }: Box, colour: Colour): void {
  paintBox(page, { x: x - 1, y: y - 1, width: width + 2, height: 1 }, colour);
  paintBox(page, { x: x - 1, y: y + height, width: width + 2, height: 1 }, colour);
  paintBox(page, { x: x - 1, y, width: 1, height }, colour);
  paintBox(page, { x: x + width, y, width: 1, height }, colour);
}
