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

/**
 * How a raster comes to the size shown. Means are taken of boxes where it shrinks; where it grows, each pixel is a mean of its
 * own, shown several times.
 */
export type Fit = {
  /** For each source column the mean that it is part of. */
  readonly meanOfColumn: Int32Array;
  /** For each shown column the mean that it shows. */
  readonly shownMean: Int32Array;
  /** How many means a row has. */
  readonly means: number;
  /** For each shown row the source rows [first, end) behind it. */
  readonly firstRow: Int32Array;
  readonly endRow: Int32Array;
};

/** The fit of a raster to another size. */
export function fitTo(raster: Omit<Raster, "data">, size: ShownSize): Fit {
  const means = Math.min(raster.width, size.width);
  const shrinks = means < raster.width;
  const columns = boxes(raster.width, size.width);
  const meanOfColumn = Int32Array.from({ length: raster.width }, (_, col) => col);
  if (shrinks) for (let mean = 0; mean < means; mean++) meanOfColumn.fill(mean, columns.first[mean], columns.end[mean]);
  const rows = boxes(raster.height, size.height);
  const shownMean = shrinks ? Int32Array.from({ length: means }, (_, col) => col) : columns.first;
  return { meanOfColumn, shownMean, means, firstRow: rows.first, endRow: rows.end };
}

/** For each shown pixel the source pixels [first, end) behind it: one when enlarging, those of its box otherwise. */
function boxes(source: number, shown: number): { readonly first: Int32Array; readonly end: Int32Array } {
  const first = new Int32Array(shown);
  const end = new Int32Array(shown);
  for (let i = 0; i < shown; i++) {
    first[i] = source <= shown ? Math.floor(((i + 0.5) * source) / shown) : Math.floor((i * source) / shown);
    end[i] = source <= shown ? first[i]! + 1 : Math.floor(((i + 1) * source) / shown);
  }
  return { first, end };
}

/** Whether a shown row has the same source rows behind it as the one above. */
export function isSameRow({ firstRow, endRow }: Fit, row: number): boolean {
  return row > 0 && firstRow[row] === firstRow[row - 1] && endRow[row] === endRow[row - 1];
}

/** Room for the means of a row, used again for the next; and how many values are in each. */
export type RowMeans = { readonly values: Float64Array; readonly counts: Uint32Array };

/** Fills `out.values` with the means of a shown row: of the finite pixels, NaN where there is none. */
export function averageRow(raster: Raster, fit: Fit, row: number, out: RowMeans): void {
  const { values, counts } = out;
  values.fill(0);
  counts.fill(0);
  for (let line = fit.firstRow[row]!; line < fit.endRow[row]!; line++)
    addLine(raster.data.subarray(line * raster.width, (line + 1) * raster.width), fit.meanOfColumn, out);
  for (let i = 0; i < values.length; i++) values[i] = values[i]! / counts[i]!; // 0 / 0 is NaN: no observation
}

function addLine(line: Float32Array, meanOfColumn: Int32Array, { values, counts }: RowMeans): void {
  for (let col = 0; col < line.length; col++) {
    const value = line[col]!;
    if (value - value !== 0) continue; // NaN or infinite
    const mean = meanOfColumn[col]!;
    values[mean] = values[mean]! + value;
    counts[mean] = counts[mean]! + 1;
  }
}
