/**
 * Values to colours.
 */
import { type ColourRamp, rampColours } from "./colour-ramp.ts";
import type { Raster } from "./picture.ts";
import type { Stretch } from "./stretch.ts";

/** Pixels without observation: a neutral grey that no ramp contains. */
export const noObservationGrey = "#bcc0c4";

/** RGBA, 4 bytes a pixel, row-major, opaque. */
export type RgbaImage = { readonly width: number; readonly height: number; readonly data: Uint8Array };

/** Paints a raster: `low` and below in the ramp's first colour, `high` and above in its last, not finite in grey. */
export function paintRaster(raster: Raster, stretch: Stretch, ramp: ColourRamp): RgbaImage {
  const words = new Uint32Array(raster.data.length);
  const palette = paletteOf(ramp);
  const grey = palette[rampColours]!;
  const scale = (rampColours - 1) / (stretch.high - stretch.low);
  for (let i = 0; i < words.length; i++) {
    const value = raster.data[i]!;
    const place = Math.round((value - stretch.low) * scale);
    words[i] = value - value === 0 ? palette[Math.min(rampColours - 1, Math.max(0, place))]! : grey;
  }
  return { width: raster.width, height: raster.height, data: new Uint8Array(words.buffer) };
}

/** Copies `image` into `canvas`, its north-west corner at (x, y). It must fit. */
export function placeImage(canvas: RgbaImage, image: RgbaImage, at: { readonly x: number; readonly y: number }): void {
  for (let row = 0; row < image.height; row++) {
    const line = image.data.subarray(row * image.width * 4, (row + 1) * image.width * 4);
    canvas.data.set(line, ((at.y + row) * canvas.width + at.x) * 4);
  }
}

/** One 32-bit word a colour in the machine's own byte order; the last is the grey. */
function paletteOf(ramp: ColourRamp): Uint32Array {
  const bytes = new Uint8Array((rampColours + 1) * 4).fill(255);
  for (let colour = 0; colour < rampColours; colour++) bytes.set(ramp.subarray(colour * 3, colour * 3 + 3), colour * 4);
  bytes.set(
    [1, 3, 5].map((at) => Number.parseInt(noObservationGrey.slice(at, at + 2), 16)),
    rampColours * 4,
  );
  return new Uint32Array(bytes.buffer);
}
