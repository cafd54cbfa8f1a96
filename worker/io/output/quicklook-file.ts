/**
 * Draws a quicklook and writes it as PNG. The outlines of its letters are loaded by the first picture.
 */
import { open, readFile } from "node:fs/promises";
import { drawPicture } from "../../core/quicklook/draw-picture.ts";
import { encodePng } from "../../core/quicklook/encode-png.ts";
import type { Typeface } from "../../core/quicklook/glyphs.ts";
import type { Picture } from "../../core/quicklook/picture.ts";
import { writing } from "./output-errors.ts";

/**
 * Writes the PNG of `picture` to exactly `path`, fsync'ed. A raster of more than about 1,200 x 1,000 pixels is averaged
 * down; giving an overview of that size instead saves time and memory. Throws OutputError where the file system refuses.
 */
export async function writeQuicklook(path: string, picture: Picture): Promise<void> {
  const png = encodePng(drawPicture(picture, await (typeface ??= loadTypeface())));
  await writing(path, async () => {
    const file = await open(path, "w");
    try {
      await file.writeFile(png); // each piece whole, which writev would not promise
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** Once a process. */
let typeface: Promise<Typeface> | undefined;

/** build/glyphs.json, made by `npm ci`. */
async function loadTypeface(): Promise<Typeface> {
  const text = await readFile(new URL("../../../build/glyphs.json", import.meta.url), "utf8");
  return JSON.parse(text) as Typeface; // scripts/compile-glyphs.ts wrote a Typeface
}
