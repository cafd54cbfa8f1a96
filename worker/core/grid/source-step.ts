/** How many source pixels an output pixel spans along each of the source's axes: one number an image, whatever the chunk. */
import { isAxisAligned, pixelToCrs } from "./affine.ts";
import { createPointTransform, sameCrs } from "./crs.ts";
import type { Geobox } from "./geobox.ts";

/**
 * Source pixels an output pixel, [x, y], from the image's middle: along each source axis the larger of what a step of one output column and of
 * one output row cover, as GDAL measures it (gdalwarpkernel.cpp, XSCALE=FROM_GRID_SAMPLING). Its default, the ratio of a chunk's sides to those of
 * the source window, depends on the chunk, and takes a rotation by 9 degrees for a coarser grid. [1, 1] where the middle has no image on the grid.
 */
export function sourceStep(grid: Geobox, source: Geobox): readonly [x: number, y: number] {
  if (sameCrs(grid.crs, source.crs) && isAxisAligned(grid.affine) && isAxisAligned(source.affine))
    return [Math.abs(grid.affine[0] / source.affine[0]), Math.abs(grid.affine[4] / source.affine[4])];
  const middle = pixelToCrs(source.affine, source.width / 2, source.height / 2);
  const [col, row] = inverse(grid, ...createPointTransform(source.crs, grid.crs)(...middle));
  const back = createPointTransform(grid.crs, source.crs);
  const [p, q, r] = [
    [col, row],
    [col + 1, row],
    [col, row + 1],
  ].map(([c, l]) => inverse(source, ...back(...pixelToCrs(grid.affine, c ?? 0, l ?? 0))));
  const along = (axis: 0 | 1): number =>
    Math.max(Math.abs((q?.[axis] ?? 0) - (p?.[axis] ?? 0)), Math.abs((r?.[axis] ?? 0) - (p?.[axis] ?? 0)));
  const [x, y] = [along(0), along(1)];
  return x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y) ? [x, y] : [1, 1];
}

function inverse({ affine }: Geobox, x: number, y: number): readonly [col: number, row: number] {
  const [a, b, c, d, e, f] = affine;
  const determinant = a * e - b * d;
  return [(e * (x - c) - b * (y - f)) / determinant, (a * (y - f) - d * (x - c)) / determinant];
}

/** How bilinear and cubic filters are stretched over an image; see the kernels `interpolate` and `interpolateWide`. */
export type FilterShape = {
  /** Whether the stretched filter is used: an output pixel is more than 1 / 0.95 source pixels long along an axis, as in GDAL. */
  readonly wide: boolean;
  /** At most 1, along x and y. */
  readonly scaleXY: readonly [number, number];
  /** Source pixels on each side of a centre's cell that have weight. */
  readonly radiusXY: readonly [number, number];
};

/** GDAL's rules (gdalwarpkernel.cpp, PerformWarp): a step within 0.05 of a whole number is that number. `radius`: of the filter, 1 or 2. */
export function filterShape(step: readonly [number, number], radius: 1 | 2): FilterShape {
  const scaleOf = (pixels: number): number => {
    if (pixels <= 1) return 1;
    const whole = Math.floor(pixels + 0.5);
    return 1 / (Math.abs(pixels - whole) < 0.05 ? whole : pixels);
  };
  const [x, y] = [scaleOf(step[0]), scaleOf(step[1])];
  return { wide: x < 0.95 || y < 0.95, scaleXY: [x, y], radiusXY: [Math.ceil(radius / x), Math.ceil(radius / y)] };
}
