/** Which source pixels a rectangle of the output needs: never too few, a few too many where the mapping is curved. */
import { intersectWindows, type Window } from "../grid/affine.ts";
import type { LatticeNodes } from "../grid/lattice.ts";
import type { AxisMap } from "../grid/sampling.ts";
import type { ThreadRaster } from "./thread-job.ts";

/** More than the bend of a quadratic between its nodes, which is under a hundredth of a pixel. */
const CURVE_MARGIN_PIXELS = 2;

/** The source window, clipped to the image; undefined where the rectangle lies outside it. `nodes` cover the rectangle. */
export function sourceWindow(raster: ThreadRaster, rect: Window, nodes: LatticeNodes | undefined): Window | undefined {
  const image = { row0: 0, col0: 0, row1: raster.height, col1: raster.width };
  const window = unclippedWindow(raster, rect, nodes);
  return window && intersectWindows(window, image);
}

function unclippedWindow(raster: ThreadRaster, rect: Window, nodes: LatticeNodes | undefined): Window | undefined {
  const { sampling } = raster;
  switch (sampling.type) {
    case "copy":
      return {
        row0: rect.row0 + sampling.rowOffset,
        col0: rect.col0 + sampling.colOffset,
        row1: rect.row1 + sampling.rowOffset,
        col1: rect.col1 + sampling.colOffset,
      };
    case "shift":
    case "separable": {
      const [col0, col1] = axisSpan(sampling.x, rect.col0, rect.col1);
      const [row0, row1] = axisSpan(sampling.y, rect.row0, rect.row1);
      return { row0, col0, row1, col1 };
    }
    case "curvilinear":
      if (!nodes) throw new Error("A curvilinear raster without a lattice");
      return nodesWindow(raster, rect, nodes);
  }
}

function axisSpan({ offset, step }: AxisMap, first: number, end: number): readonly [number, number] {
  const [a, b] = [offset + step * first, offset + step * end];
  return [Math.floor(Math.min(a, b)), Math.ceil(Math.max(a, b))];
}

/** Bounds of the nodes of all patches that the rectangle touches. */
function nodesWindow(raster: ThreadRaster, rect: Window, nodes: LatticeNodes): Window | undefined {
  const half = nodes.patch / 2;
  const span = (first: number, end: number, origin: number) =>
    [2 * Math.floor((first - origin) / nodes.patch), 2 * Math.floor((end - origin) / nodes.patch) + Math.ceil(((end - origin) % nodes.patch) / half)] as const;
  const [i0, i1] = span(rect.row0, rect.row1, nodes.row0);
  const [j0, j1] = span(rect.col0, rect.col1, nodes.col0);
  const bounds = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  for (let i = i0; i <= i1; i++)
    for (let j = j0; j <= j1; j++) {
      const x = ((nodes.xs[i * nodes.nodeCols + j] ?? Number.NaN) - raster.originXY[0]) * raster.perXY[0];
      const y = ((nodes.ys[i * nodes.nodeCols + j] ?? Number.NaN) - raster.originXY[1]) * raster.perXY[1];
      if (x < bounds.x0) bounds.x0 = x;
      if (x > bounds.x1) bounds.x1 = x;
      if (y < bounds.y0) bounds.y0 = y;
      if (y > bounds.y1) bounds.y1 = y;
    }
  if (bounds.x0 > bounds.x1) return undefined;
  return {
    row0: Math.floor(bounds.y0) - CURVE_MARGIN_PIXELS,
    col0: Math.floor(bounds.x0) - CURVE_MARGIN_PIXELS,
    row1: Math.ceil(bounds.y1) + CURVE_MARGIN_PIXELS,
    col1: Math.ceil(bounds.x1) + CURVE_MARGIN_PIXELS,
  };
}
