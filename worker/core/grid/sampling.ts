/**
 * How an output grid looks at a source image: decided once per (grid, image), the same for every chunk.
 *
 *   copy        same CRS and lattice: pixels are copied
 *   shift       same CRS and resolution, off by a fraction of a pixel
 *   separable   same CRS, both axis-aligned, another resolution: column and row map apart
 *   curvilinear anything else: through the coordinate lattice
 */
import { type Affine, isAxisAligned } from "./affine.ts";
import { sameCrs } from "./crs.ts";
import type { Geobox } from "./geobox.ts";

/** Source pixel = offset + step * output pixel, for corners; one axis. */
export type AxisMap = { readonly offset: number; readonly step: number };

export type Sampling =
  | { readonly type: "copy"; readonly colOffset: number; readonly rowOffset: number }
  | { readonly type: "shift"; readonly x: AxisMap; readonly y: AxisMap }
  | { readonly type: "separable"; readonly x: AxisMap; readonly y: AxisMap }
  | { readonly type: "curvilinear" };

/** Two affines this close (in pixels over a whole image, or of offset) are the same lattice: far under the promised 0.0001 pixel. */
const SAME_LATTICE_PIXELS = 1e-5;

/** The sampling of one image by the grid. */
export function chooseSampling(grid: Geobox, source: Geobox): Sampling {
  if (!sameCrs(grid.crs, source.crs) || !isAxisAligned(grid.affine) || !isAxisAligned(source.affine)) return { type: "curvilinear" };
  const x = axisMap(grid.affine, source.affine, "x", grid.width);
  const y = axisMap(grid.affine, source.affine, "y", grid.height);
  if (x.step !== 1 || y.step !== 1) return { type: "separable", x, y };
  if (Number.isInteger(x.offset) && Number.isInteger(y.offset)) return { type: "copy", colOffset: x.offset, rowOffset: y.offset };
  return { type: "shift", x, y };
}

/** One axis, with numbers within {@link SAME_LATTICE_PIXELS} of a whole one made whole. */
function axisMap(grid: Affine, source: Affine, axis: "x" | "y", length: number): AxisMap {
  const [gridStep, gridStart, step, start] =
    axis === "x" ? [grid[0], grid[2], source[0], source[2]] : [grid[4], grid[5], source[4], source[5]];
  const ratio = gridStep / step;
  const whole = Math.abs(ratio - 1) * length < SAME_LATTICE_PIXELS ? 1 : ratio;
  // Adding 0 makes -0, which a negative step gives, 0.
  const offset = (gridStart - start) / step + 0;
  const nearest = Math.round(offset) + 0;
  return { step: whole, offset: whole === 1 && Math.abs(offset - nearest) < SAME_LATTICE_PIXELS ? nearest : offset };
}
