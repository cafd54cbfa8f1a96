/**
 * Coordinates of the output grid in a source CRS, good to far under 0.0001 source pixel, on a lattice fixed to the output grid's origin: the same
 * pixel has the same coordinates whatever chunk it is computed in.
 *
 * The grid is cut into square patches of `patch` pixels. A patch is interpolated biquadratically between its nine nodes, half a patch
 * apart, which are transformed exactly; neighbours share the nodes on their common edge, and a pixel corner on that edge is a node's
 * own value or an interpolation along the edge alone, so both patches agree there.
 */
import { pixelToCrs, type Window } from "./affine.ts";
import type { PointTransform } from "./crs.ts";
import type { Geobox } from "./geobox.ts";
import type { Point } from "./outline.ts";

/** Node coordinates of the patches over one window. Node (i, j) stands at pixel corner (row0 + i*patch/2, col0 + j*patch/2). */
export type LatticeNodes = {
  readonly patch: number;
  readonly row0: number;
  readonly col0: number;
  readonly nodeRows: number;
  readonly nodeCols: number;
  /** float64[nodeRows][nodeCols], source CRS units; NaN where the transform has no answer. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
};

const LARGEST_PATCH = 64;

/** Fifty times better than promised, since only a sample of the patches is tried. */
const MAX_ERROR_PIXELS = 2e-6;

/** Where the error is looked at. */
export type PatchSample = {
  /** The part of the grid that the source's images cover; the whole grid where it is left out. */
  readonly window?: Window;
  /** Columns and rows where the mapping is known to bend most. */
  readonly places?: readonly Point[];
};

/** The largest patch (a power of two, 64 to 2) that holds {@link MAX_ERROR_PIXELS} of a source pixel on a sample of the grid. */
export function choosePatch(grid: Geobox, toSource: PointTransform, sourcePixel: number, sample: PatchSample = {}): number {
  const { window = { row0: 0, col0: 0, row1: grid.height, col1: grid.width }, places = [] } = sample;
  let patch = LARGEST_PATCH;
  const worst = (): number =>
    Math.max(worstError(grid, toSource, patch, window), ...places.map((place) => errorAround(grid, toSource, patch, place)));
  while (patch > 2 && worst() > MAX_ERROR_PIXELS * sourcePixel) patch /= 2;
  return patch;
}

/** Patches looked at around a place: two on each side. */
const AROUND = [-2, -1, 0, 1, 2] as const;

function errorAround(grid: Geobox, toSource: PointTransform, patch: number, [col, row]: Point): number {
  const [first, top] = [Math.floor(col / patch), Math.floor(row / patch)];
  return Math.max(
    ...AROUND.flatMap((i) => AROUND.map((j) => patchError(grid, toSource, { row0: (top + i) * patch, col0: (first + j) * patch, patch }))),
  );
}

const SAMPLES_PER_SIDE = 5;

function worstError(grid: Geobox, toSource: PointTransform, patch: number, window: Window): number {
  const [top, left] = [Math.floor(window.row0 / patch), Math.floor(window.col0 / patch)];
  const rows = Math.max(0, Math.ceil(window.row1 / patch) - 1 - top);
  const cols = Math.max(0, Math.ceil(window.col1 / patch) - 1 - left);
  let worst = 0;
  for (let k = 0; k < SAMPLES_PER_SIDE * SAMPLES_PER_SIDE; k++) {
    const row0 = (top + Math.round((rows * Math.floor(k / SAMPLES_PER_SIDE)) / (SAMPLES_PER_SIDE - 1))) * patch;
    const col0 = (left + Math.round((cols * (k % SAMPLES_PER_SIDE)) / (SAMPLES_PER_SIDE - 1))) * patch;
    worst = Math.max(worst, patchError(grid, toSource, { row0, col0, patch }));
  }
  return worst;
}

/** Between nodes the error of a quadratic is largest near a quarter and three quarters of the way. */
function patchError(grid: Geobox, toSource: PointTransform, at: { row0: number; col0: number; patch: number }): number {
  const window = { row0: at.row0, col0: at.col0, row1: at.row0 + at.patch, col1: at.col0 + at.patch };
  const nodes = latticeNodes(grid, toSource, at.patch, window);
  let worst = 0;
  for (const s of [0.21, 0.79])
    for (const t of [0.21, 0.79]) {
      const [x, y] = toSource(...pixelToCrs(grid.affine, at.col0 + s * at.patch, at.row0 + t * at.patch));
      const [u, v] = [interpolate(nodes.xs, nodes.nodeCols, [s, t]), interpolate(nodes.ys, nodes.nodeCols, [s, t])];
      const error = Math.max(Math.abs(u - x), Math.abs(v - y));
      // Outside the projection's domain there is nothing to be good at.
      if (error > worst) worst = error;
    }
  return worst;
}

/** A place of the first patch, (s, t) of its width and height from its upper left. */
function interpolate(values: Float64Array, nodeCols: number, [s, t]: readonly [number, number]): number {
  const [across, down] = [quadraticBasis(s), quadraticBasis(t)];
  return down.reduce((sum, wy, i) => sum + wy * across.reduce((row, wx, j) => row + wx * (values[i * nodeCols + j] ?? Number.NaN), 0), 0);
}

/** Lagrange weights of the nodes at 0, 1/2 and 1 for a place t in [0, 1]; exactly (1, 0, 0) at 0. */
export function quadraticBasis(t: number): readonly [number, number, number] {
  return [(1 - t) * (1 - 2 * t), 4 * t * (1 - t), t * (2 * t - 1)];
}

/** The nodes of all patches that touch a window of the grid (which may reach past the grid's edge). */
export function latticeNodes(grid: Geobox, toSource: PointTransform, patch: number, window: Window): LatticeNodes {
  const row0 = Math.floor(window.row0 / patch) * patch;
  const col0 = Math.floor(window.col0 / patch) * patch;
  // A corner on the window's far edge may be the first of the next patch.
  const nodeRows = 2 * (Math.floor(window.row1 / patch) - row0 / patch + 1) + 1;
  const nodeCols = 2 * (Math.floor(window.col1 / patch) - col0 / patch + 1) + 1;
  const xs = new Float64Array(nodeRows * nodeCols);
  const ys = new Float64Array(nodeRows * nodeCols);
  for (let i = 0; i < nodeRows; i++)
    for (let j = 0; j < nodeCols; j++) {
      const [x, y] = toSource(...pixelToCrs(grid.affine, col0 + (j * patch) / 2, row0 + (i * patch) / 2));
      xs[i * nodeCols + j] = x;
      ys[i * nodeCols + j] = y;
    }
  return { patch, row0, col0, nodeRows, nodeCols, xs, ys };
}
