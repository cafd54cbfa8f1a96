/**
 * Text as outlines: where each glyph of a line stands. The typeface is compiled by scripts/compile-glyphs.ts. No shaping beyond
 * kerning, one line, left to right.
 */
import type { Contour } from "./coverage.ts";

/** In font units, y downwards, 0 on the base line: x, y, x, y... of closed contours, filled where they wind around. */
export type Glyph = { readonly advance: number; readonly contours: readonly Contour[] };

export type Face = {
  /** By character. */
  readonly glyphs: Readonly<Record<string, Glyph>>;
  /** A box, shown for every character that is not among `glyphs`. */
  readonly missing: Glyph;
  /** What two neighbours, such as `AV`, move apart; negative: together. Font units. */
  readonly kerning: Readonly<Record<string, number>>;
};

export type Typeface = { readonly unitsPerEm: number; readonly regular: Face; readonly bold: Face };

/** How text looks: a face of its typeface, and its size in pixels per em. */
export type TextStyle = { readonly typeface: Typeface; readonly weight: "regular" | "bold"; readonly size: number };

/** The width of a line of text in pixels. */
export function textWidth(words: string, style: TextStyle): number {
  return (placeGlyphs(words, style).end * style.size) / style.typeface.unitsPerEm;
}

/** The outlines of a line of text in pixels, from `x` rightwards, its base line at `y`. */
export function textContours(words: string, style: TextStyle, at: { readonly x: number; readonly y: number }): readonly Contour[] {
  const scale = style.size / style.typeface.unitsPerEm;
  return placeGlyphs(words, style).placed.flatMap(({ glyph, x }) =>
    glyph.contours.map((contour) => contour.map((value, i) => (i % 2 === 0 ? at.x + (x + value) * scale : at.y + value * scale))),
  );
}

/** The largest whole size up to that of `style` at which the text is at most `room` pixels wide. */
export function fittedSize(words: string, style: TextStyle, room: number): number {
  return Math.max(1, Math.min(style.size, Math.floor((style.size * room) / textWidth(words, style))));
}

type PlacedGlyph = { readonly glyph: Glyph; readonly x: number };

/** In font units. */
function placeGlyphs(words: string, { typeface, weight }: TextStyle): { readonly placed: readonly PlacedGlyph[]; readonly end: number } {
  const { glyphs, missing, kerning } = typeface[weight];
  const placed: PlacedGlyph[] = [];
  let end = 0;
  let before = "";
  for (const character of words) {
    const glyph = glyphs[character] ?? missing;
    const x = end + (kerning[before + character] ?? 0);
    placed.push({ glyph, x });
    end = x + glyph.advance;
    before = character;
  }
  return { placed, end };
}
