/** Which source pixels a rectangle of the output needs: never too few, a few too many where the mapping is curved. */
import { intersectWindows, type Window } from "../grid/affine.ts";
import type { Bounds } from "../grid/outline.ts";
import type { LatticeNodes } from "../grid/lattice.ts";
import { SNAP_PIXELS } from "../kernels/kernels.ts";
import type { AxisMap } from "../grid/sampling.ts";
import type { ThreadRaster } from "./thread-job.ts";

/** More than the bend of a quadratic between its nodes, which is under a hundredth of a pixel. */
const CURVE_MARGIN_PIXELS = 2;

/** The source window, clipped to the image; undefined where the rectangle lies outside it. `bounds`: {@link latticeBounds} of the rectangle. */
export function sourceWindow(raster: ThreadRaster, rect: Window, bounds: Bounds | undefined): Window | undefined {
  const image = { row0: 0, col0: 0, row1: raster.height, col1: raster.width };
  const window = unclippedWindow(raster, rect, bounds);
  return window && intersectWindows(withFilter(raster, window), image);
}

/** A window of the pixels that hold centres, with those that a filter around them reaches: one cell before the pixel, and its radius. */
export function withFilter({ filter, sampling }: ThreadRaster, window: Window): Window {
  if (!filter || sampling.type === "copy") return window;
  const [x, y] = [filter.radiusXY[0] + 1, filter.radiusXY[1] + 1];
  return { row0: window.row0 - y, col0: window.col0 - x, row1: window.row1 + y, col1: window.col1 + x };
}

function unclippedWindow(raster: ThreadRaster, rect: Window, bounds: Bounds | undefined): Window | undefined {
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
      return bounds && boundsWindow(raster, bounds);
  }
}

function axisSpan({ offset, step }: AxisMap, first: number, end: number): readonly [number, number] {
  const [a, b] = [offset + step * first, offset + step * end];
  // One more where the end lies on an edge: a centre there counts as the pixel after.
  return [Math.floor(Math.min(a, b)), Math.floor(Math.max(a, b) + SNAP_PIXELS) + 1];
}

/** The nodes' bounds in source pixels. */
function boundsWindow(raster: ThreadRaster, bounds: Bounds): Window {
  const [x0, x1] = pixelSpan(bounds.xmin, bounds.xmax, raster.originXY[0], raster.perXY[0]);
  const [y0, y1] = pixelSpan(bounds.ymin, bounds.ymax, raster.originXY[1], raster.perXY[1]);
  return { row0: y0, col0: x0, row1: y1, col1: x1 };
}

function pixelSpan(low: number, high: number, origin: number, per: number): readonly [number, number] {
  const [a, b] = [(low - origin) * per, (high - origin) * per];
  return [Math.floor(Math.min(a, b)) - CURVE_MARGIN_PIXELS, Math.ceil(Math.max(a, b)) + CURVE_MARGIN_PIXELS];
}

/** Bounds, in lattice units, of the nodes of all patches that a rectangle touches; undefined where none has an image in the source. */
export function latticeBounds(nodes: LatticeNodes, rect: Window): Bounds | undefined {
  const span = (first: number, end: number, origin: number) =>
    [2 * Math.floor((first - origin) / nodes.patch), 2 * Math.ceil((end - origin) / nodes.patch)] as const;
  const [i0, i1] = span(rect.row0, rect.row1, nodes.row0);
  const [j0, j1] = span(rect.col0, rect.col1, nodes.col0);
  const bounds = { xmin: Infinity, xmax: -Infinity, ymin: Infinity, ymax: -Infinity };
  for (let i = i0; i <= i1; i++)
    for (let j = j0; j <= j1; j++) {
      const x = nodes.xs[i * nodes.nodeCols + j] ?? Number.NaN;
      const y = nodes.ys[i * nodes.nodeCols + j] ?? Number.NaN;
      if (x < bounds.xmin) bounds.xmin = x;
      if (x > bounds.xmax) bounds.xmax = x;
      if (y < bounds.ymin) bounds.ymin = y;
      if (y > bounds.ymax) bounds.ymax = y;
    }
  return bounds.xmin > bounds.xmax ? undefined : bounds;
}
