/** Whether the pixels that one output pixel needs of an image fit into a source window: else the run would end in the middle. */
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { sameCrs } from "../grid/crs.ts";
import type { Geobox } from "../grid/geobox.ts";
import { filterShape, sourceStep } from "../grid/source-step.ts";
import type { Band } from "./request.ts";
import type { Scene } from "./scene.ts";

/** Source pixels under one output pixel; execution/unit-computer.ts holds windows of a million. */
export const MAX_PIXELS_UNDER_ONE = 1024 * 1024;

/** Nothing, or the first image whose pixels are too small for the grid. */
export function checkCoarseness(grid: Geobox, scenes: readonly Scene[], bands: readonly Band[]): Result<undefined> {
  for (const scene of scenes)
    for (const [b, { box }] of scene.rasters.entries()) {
      const [x, y] = extentOf(grid, box, bands[b]);
      // Some more for the cell itself.
      if ((x + 5) * (y + 5) <= MAX_PIXELS_UNDER_ONE) continue;
      const what = `one pixel of the grid needs some ${Math.round(x)} x ${Math.round(y)} pixels of item ${scene.id}, which are too many`;
      return problem(what, "spec.grid.resolution", "use a finer resolution, overviews: auto, or nearest");
    }
  return ok(undefined);
}

/** Source pixels that one output pixel needs along x and y. */
function extentOf(grid: Geobox, box: Geobox, band: Band | undefined): readonly [number, number] {
  if (band?.type !== "measurement" || band.resampling === "nearest") return [0, 0];
  const step = sourceStep(grid, box);
  if (band.resampling === "average") {
    // Turned by 45 degrees, a box is twice as wide as the step along either axis.
    const turned = sameCrs(grid.crs, box.crs) ? 1 : 2;
    return [step[0] * turned, step[1] * turned];
  }
  const { radiusXY } = filterShape(step, band.resampling === "cubic" ? 2 : 1);
  return [2 * radiusXY[0], 2 * radiusXY[1]];
}
