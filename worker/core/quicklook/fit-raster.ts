/**
 * A raster brought to the size it is shown at: small ones enlarged so that pixels stay crisp squares, large ones averaged.
 */
import type { Raster } from "./picture.ts";

/** Size in picture pixels. */
export type ShownSize = { readonly width: number; readonly height: number };

/** From this enlargement on only whole multiples are taken, so that all pixels come out equally large. */
const wholeMultiplesFrom = 3;

/** The largest size of the raster's shape on the ground that fits into `room`. `resolution`: [x, y] of a pixel, in one unit. */
export function shownSize(raster: Omit<Raster, "data">, resolution: readonly [number, number], room: ShownSize): ShownSize {
  const [pixelWidth, pixelHeight] = resolution;
  const scale = Math.min(room.width / (raster.width * pixelWidth), room.height / (raster.height * pixelHeight));
  const size = (count: number, enlargement: number): number => Math.max(1, Math.round(count * enlargement));
  if (pixelWidth === pixelHeight && scale * pixelWidth >= wholeMultiplesFrom) {
    const multiple = Math.floor(scale * pixelWidth);
    return { width: raster.width * multiple, height: raster.height * multiple };
  }
  return { width: size(raster.width, scale * pixelWidth), height: size(raster.height, scale * pixelHeight) };
}

/** The raster in another size: nearest pixel where it grows, mean of the finite pixels of each box where it shrinks. */
export function fitRaster(raster: Raster, size: ShownSize): Raster {
  const columns = boxes(raster.width, size.width);
  const rows = boxes(raster.height, size.height);
  const data = new Float32Array(size.width * size.height);
  for (let row = 0; row < size.height; row++) {
    const at = row * size.width;
    const [top, bottom] = [rows.first[row]!, rows.end[row]!];
    if (row > 0 && top === rows.first[row - 1] && bottom === rows.end[row - 1]) data.copyWithin(at, at - size.width, at);
    else averageRow(raster, { top, bottom }, { columns, out: data.subarray(at, at + size.width) });
  }
  return { ...size, data };
}

type Boxes = { readonly first: Int32Array; readonly end: Int32Array };

/** For each shown pixel the source pixels [first, end) behind it: one when enlarging, those of its box otherwise. */
function boxes(source: number, shown: number): Boxes {
  const first = new Int32Array(shown);
  const end = new Int32Array(shown);
  for (let i = 0; i < shown; i++) {
    first[i] = source <= shown ? Math.floor(((i + 0.5) * source) / shown) : Math.floor((i * source) / shown);
    end[i] = source <= shown ? first[i]! + 1 : Math.floor(((i + 1) * source) / shown);
  }
  return { first, end };
}

/** Fills `out` with the means of the boxes between two source rows; NaN where a box has no finite pixel. */
function averageRow(
  raster: Raster,
  rows: { readonly top: number; readonly bottom: number },
  target: { readonly columns: Boxes; readonly out: Float32Array },
): void {
  const { columns, out } = target;
  const sums = new Float64Array(out.length);
  const counts = new Uint32Array(out.length);
  for (let row = rows.top; row < rows.bottom; row++)
    addRow(raster.data.subarray(row * raster.width, (row + 1) * raster.width), columns, { sums, counts });
  for (let i = 0; i < out.length; i++) out[i] = sums[i]! / counts[i]!; // 0 / 0 is NaN: no observation
}

function addRow(line: Float32Array, columns: Boxes, into: { readonly sums: Float64Array; readonly counts: Uint32Array }): void {
  const { sums, counts } = into;
  for (let i = 0; i < sums.length; i++) {
    const end = columns.end[i]!;
    for (let col = columns.first[i]!; col < end; col++) {
      const value = line[col]!;
      if (value - value !== 0) continue; // NaN or infinite
      sums[i] = sums[i]! + value;
      counts[i] = counts[i]! + 1;
    }
  }
}
