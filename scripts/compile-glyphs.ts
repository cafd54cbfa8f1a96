/**
 * Writes the outlines of the characters that a quicklook can need to build/glyphs.json, so that drawing text takes no font file
 * and no font library. Run by npm's prepare script, so by every `npm ci`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as opentype from "opentype.js";
import type { Face, Glyph, Typeface } from "../worker/core/quicklook/glyphs.ts";

/** Printable ASCII, and what the words of a quicklook use beyond it. */
const characters = [...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)), "·", "–", "−", "°", "×", "…"];

/** Curves become straight lines that stay this near, in font units: 0.03 pixels of a title. */
const tolerance = 2;

const require = createRequire(import.meta.url);
// An import finds no names in what this package gives to Node.
const { parse } = require("opentype.js") as typeof opentype;

function face(file: string): { readonly unitsPerEm: number; readonly face: Face } {
  const bytes = readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${file}`));
  const font = parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const glyphs = Object.fromEntries(characters.map((character) => [character, outline(font.charToGlyph(character))]));
  return { unitsPerEm: font.unitsPerEm, face: { glyphs, missing: outline(font.glyphs.get(0)), kerning: kerningOf(font) } };
}

function outline(glyph: opentype.Glyph): Glyph {
  const contours: number[][] = [];
  for (const command of glyph.path.commands) {
    if (command.type === "M") contours.push([command.x, -command.y]);
    else contours.at(-1)?.push(...flattened(command, contours.at(-1)?.slice(-2) ?? []));
  }
  return { advance: glyph.advanceWidth ?? 0, contours };
}

/** Where a command leads, y downwards; a quadratic curve in as many equal parts as keep the tolerance. */
function flattened(command: opentype.PathCommand, [fromX = 0, fromY = 0]: readonly number[]): readonly number[] {
  if (command.type === "Z") return [];
  const [x, y] = [command.x, -command.y];
  if (command.type === "L") return [x, y];
  if (command.type !== "Q") throw new Error(`A TrueType outline has no ${command.type}`);
  const [bendX, bendY] = [command.x1, -command.y1];
  const parts = Math.max(1, Math.ceil(Math.sqrt(Math.hypot(fromX - 2 * bendX + x, fromY - 2 * bendY + y) / 4 / tolerance)));
  return Array.from({ length: parts }, (_, i) => (i + 1) / parts).flatMap((t) => [
    Math.round((1 - t) ** 2 * fromX + 2 * t * (1 - t) * bendX + t ** 2 * x),
    Math.round((1 - t) ** 2 * fromY + 2 * t * (1 - t) * bendY + t ** 2 * y),
  ]);
}

/** From the `kern` table; getKerningValue of opentype.js 1.3.5 looks into GPOS, finds no pair of DejaVu's there and stops. */
function kerningOf(font: opentype.Font): Record<string, number> {
  const kerning: Record<string, number> = {};
  for (const left of characters)
    for (const right of characters) {
      const by = font.kerningPairs[`${font.charToGlyphIndex(left)},${font.charToGlyphIndex(right)}`];
      if (by) kerning[left + right] = by;
    }
  return kerning;
}

const regular = face("DejaVuSans.ttf");
const bold = face("DejaVuSans-Bold.ttf");
const typeface: Typeface = { unitsPerEm: regular.unitsPerEm, regular: regular.face, bold: bold.face };
// The licence of the fonts asks to travel with every copy of their outlines.
const licence = readFileSync(require.resolve("dejavu-fonts-ttf/LICENSE"), "utf8");
const build = fileURLToPath(new URL("../build", import.meta.url));
mkdirSync(build, { recursive: true });
writeFileSync(`${build}/glyphs.json`, JSON.stringify({ licence, ...typeface }));
