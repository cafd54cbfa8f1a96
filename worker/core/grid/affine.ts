/**
 * Affine transforms from pixel to CRS coordinates, in the order of STAC's proj:transform and rasterio: x = a*col + b*row + c,
 * y = d*col + e*row + f, with (col, row) = (0, 0) the outer corner of the upper-left pixel.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** CRS coordinates of a pixel corner (fractions are inside the pixel). */
export function pixelToCrs(affine: Affine, col: number, row: number): readonly [x: number, y: number] {
  const [a, b, c, d, e, f] = affine;
  return [a * col + b * row + c, d * col + e * row + f];
}

/** Whether rows run along x and columns along y: no rotation, no shear. */
export function isAxisAligned(affine: Affine): boolean {
  return affine[1] === 0 && affine[3] === 0;
}

/** A half-open rectangle of pixels: rows row0 to row1 - 1, columns col0 to col1 - 1. */
export type Window = { readonly row0: number; readonly col0: number; readonly row1: number; readonly col1: number };

/** The pixels in both windows, or undefined where there is none. */
export function intersectWindows(a: Window, b: Window): Window | undefined {
  const w = {
    row0: Math.max(a.row0, b.row0),
    col0: Math.max(a.col0, b.col0),
    row1: Math.min(a.row1, b.row1),
    col1: Math.min(a.col1, b.col1),
  };
  return w.row0 < w.row1 && w.col0 < w.col1 ? w : undefined;
}
