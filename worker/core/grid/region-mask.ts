/**
 * Which pixels of a grid lie in a geometry: those whose centre does, by the even-odd rule over all rings, so that holes are out. As
 * rasterio.features.geometry_mask with all_touched=False (GDAL's polygon fill): a centre exactly on an edge belongs to the side west of it, or
 * south. Edges are straight in longitude and latitude (RFC 7946, section 3.1.1), so they are bent as they are projected.
 */
import type { Position, Ring } from "../../../api/v1alpha1/geometry.ts";
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { Window } from "./affine.ts";
import { createPointTransform, WGS84 } from "./crs.ts";
import type { Geobox } from "./geobox.ts";
import type { Point } from "./outline.ts";

/** The pixels inside, row by row: row r has the half-open runs of columns `spans[2i], spans[2i + 1]` for i from `rowStarts[r]` to `rowStarts[r + 1]`. */
export type RegionMask = { readonly rowStarts: Int32Array; readonly spans: Int32Array };

/**
 * How far, in pixels, a straight piece may lie from the projected edge. With the 1e-4 of other coordinates, 17 of 122,299 pixels of a star of 4,000
 * corners fell otherwise than by exact edges (test/parity/regions.test.ts): at an edge there is nothing between in and out.
 */
const EDGE_TOLERANCE_PIXELS = 1e-6;

/** A piece that bends less than this, in pixels, bends like a parabola, so that it is known how many parts of it are straight enough. */
const PARABOLA_PIXELS = 32;

/** Halvings of one edge until then: a quarter of the globe at 1 m needs 9. */
const MAX_HALVINGS = 16;

/** Where edges cross the middles of rows, in all: 64 MiB of them. A coast of 10,000 rows with a hundred bays has a tenth. */
const MAX_CROSSINGS = 8 * 1024 * 1024;

/** Straight pieces in all: some seconds of projecting. A rectangle of two degrees at 30 m has 20,000. */
const MAX_PIECES = 4 * 1024 * 1024;

/** The mask of a geometry's polygons on a grid that is north-up. */
export function regionMask(polygons: readonly (readonly Ring[])[], grid: Geobox): Result<RegionMask> {
  const crossings = createCrossings(grid);
  const project = toPixels(grid);
  for (const ring of polygons.flat()) {
    let from = ring[0];
    for (const to of ring.slice(1)) {
      // The ring's first position is there: it has at least four.
      if (!addEdge([from as Position, to], project, crossings)) return notProjected(grid);
      if (crossings.isFull()) return tooDetailed();
      from = to;
    }
  }
  return ok(crossings.toMask());
}

function notProjected(grid: Geobox): Result<RegionMask> {
  return problem(
    `the geometry cannot be projected to ${grid.crs.name}`,
    "spec.region.geometry",
    "choose a CRS in spec.grid.crs that covers the region",
  );
}

function tooDetailed(): Result<RegionMask> {
  return problem("the geometry has too many edges for this grid", "spec.region.geometry", "simplify it, or use a coarser resolution");
}

function toPixels(grid: Geobox): (position: Position) => Point {
  const [a, , c, , e, f] = grid.affine;
  const transform = createPointTransform(WGS84, grid.crs);
  return ([longitude, latitude]) => {
    const [x, y] = transform(longitude, latitude);
    return [(x - c) / a, (y - f) / e];
  };
}

/** Adds straight pieces of the projected edge; false where a point of it has no image. */
function addEdge([from, to]: readonly [Position, Position], project: (p: Position) => Point, crossings: Crossings): boolean {
  const at = (t: number): Point => project([from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t]);
  const piece = ([t0, p0]: Knot, [t1, p1]: Knot, halvings: number): boolean => {
    const [quarter, half, last] = [0.25, 0.5, 0.75].map((share) => at(t0 + (t1 - t0) * share)) as [Point, Point, Point]; // three of them
    const bend = Math.max(bendOf(quarter, p0, p1, 0.25), bendOf(half, p0, p1, 0.5), bendOf(last, p0, p1, 0.75));
    if (Number.isNaN(bend)) return false;
    if (crossings.isFull()) return true;
    if (bend > PARABOLA_PIXELS && halvings > 0) {
      const middle: Knot = [(t0 + t1) / 2, half];
      return piece([t0, p0], middle, halvings - 1) && piece(middle, [t1, p1], halvings - 1);
    }
    // A parabola's distance from its chord falls with the square of the parts; a quarter more for what is none.
    const parts = Math.max(1, Math.ceil(1.25 * Math.sqrt(bend / EDGE_TOLERANCE_PIXELS)));
    let before = p0;
    for (let part = 1; part <= parts; part++) {
      const next = part === parts ? p1 : at(t0 + ((t1 - t0) * part) / parts);
      crossings.add(before, next);
      before = next;
    }
    return true;
  };
  return piece([0, at(0)], [1, at(1)], MAX_HALVINGS);
}

type Knot = readonly [t: number, at: Point];

/** How far a point of the edge lies from where the straight piece has it; NaN where any has no image. */
function bendOf(point: Point, [x0, y0]: Point, [x1, y1]: Point, share: number): number {
  return Math.max(Math.abs(point[0] - (x0 + (x1 - x0) * share)), Math.abs(point[1] - (y0 + (y1 - y0) * share)));
}

type Crossings = {
  add(p: Point, q: Point): void;
  /** Whether there is too much of it to go on. */
  isFull(): boolean;
  toMask(): RegionMask;
};

/** Collects where edges cross the middles of rows: by row, the first column whose centre lies right of the crossing. */
function createCrossings({ height, width }: Geobox): Crossings {
  let rows = new Int32Array(1024);
  let columns = new Int32Array(1024);
  let [count, pieces] = [0, 0];
  const push = (row: number, column: number): void => {
    if (count === rows.length) {
      rows = grown(rows);
      columns = grown(columns);
    }
    rows[count] = row;
    columns[count] = column;
    count++;
  };
  return {
    isFull: () => count > MAX_CROSSINGS || pieces > MAX_PIECES,
    add(p, q) {
      pieces++;
      const [[x1, y1], [x2, y2]] = p[1] < q[1] ? [p, q] : [q, p];
      const last = Math.min(height, Math.ceil(y2 - 0.5));
      for (let row = Math.max(0, Math.ceil(y1 - 0.5)); row < last; row++) {
        const x = ((row + 0.5 - y1) * (x2 - x1)) / (y2 - y1) + x1;
        // A crossing beside the grid still counts: it is put on the grid's edge.
        push(row, Math.min(width, Math.max(0, Math.floor(x + 0.5))));
        if (count > MAX_CROSSINGS) return;
      }
    },
    toMask: () => maskOf(height, rows.subarray(0, count), columns.subarray(0, count)),
  };
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(array.length * 2);
  twice.set(array);
  return twice;
}

function maskOf(height: number, rows: Int32Array, columns: Int32Array): RegionMask {
  const sorted = columnsByRow(height, rows, columns);
  const rowStarts = new Int32Array(height + 1);
  const spans: number[] = [];
  sorted.forEach((crossed, row) => {
    for (let i = 0; i + 1 < crossed.length; i += 2) pushSpan(spans, rowStarts[row] ?? 0, crossed[i] ?? 0, crossed[i + 1] ?? 0);
    rowStarts[row + 1] = spans.length / 2;
  });
  return { rowStarts, spans: Int32Array.from(spans) };
}

/** Adds a run of columns to the row that begins at span `rowStart`; one that continues the run before it lengthens that. */
function pushSpan(spans: number[], rowStart: number, col0: number, col1: number): void {
  if (col0 === col1) return;
  if (spans.length / 2 > rowStart && spans.at(-1) === col0) spans[spans.length - 1] = col1;
  else spans.push(col0, col1);
}

/** The columns crossed in each row, ascending. */
function columnsByRow(height: number, rows: Int32Array, columns: Int32Array): readonly Int32Array[] {
  const starts = new Int32Array(height + 1);
  for (const row of rows) starts[row + 1] = (starts[row + 1] ?? 0) + 1;
  for (let row = 0; row < height; row++) starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0);
  const next = starts.slice();
  const placed = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    const at = next[row] ?? 0;
    placed[at] = columns[i] ?? 0;
    next[row] = at + 1;
  });
  return Array.from({ length: height }, (_, row) => placed.subarray(starts[row], starts[row + 1]).sort());
}

/** Whether any pixel of a window of the grid lies inside. */
export function anyInside({ rowStarts, spans }: RegionMask, window: Window): boolean {
  for (let row = window.row0; row < window.row1; row++)
    for (let i = rowStarts[row] ?? 0; i < (rowStarts[row + 1] ?? 0); i++)
      if ((spans[2 * i] ?? 0) < window.col1 && (spans[2 * i + 1] ?? 0) > window.col0) return true;
  return false;
}

/** The pixels of a window that lie outside, as windows relative to it: none overlap, and like rows are taken together. */
export function windowsOutside(mask: RegionMask, window: Window): readonly Window[] {
  const found: Window[] = [];
  let row0 = window.row0;
  let above = runsOutside(mask, row0, window);
  for (let row = window.row0 + 1; row <= window.row1; row++) {
    const runs = row < window.row1 ? runsOutside(mask, row, window) : undefined;
    if (runs && sameRuns(runs, above)) continue;
    const rows = { row0: row0 - window.row0, row1: row - window.row0 };
    for (const [col0, col1] of above) found.push({ ...rows, col0: col0 - window.col0, col1: col1 - window.col0 });
    row0 = row;
    above = runs ?? [];
  }
  return found;
}

type Run = readonly [col0: number, col1: number];

function runsOutside({ rowStarts, spans }: RegionMask, row: number, window: Window): readonly Run[] {
  const runs: Run[] = [];
  let from = window.col0;
  for (let i = rowStarts[row] ?? 0; i < (rowStarts[row + 1] ?? 0); i++) {
    const to = Math.min(window.col1, spans[2 * i] ?? 0);
    if (to > from) runs.push([from, to]);
    from = Math.max(from, spans[2 * i + 1] ?? 0);
  }
  if (from < window.col1) runs.push([from, window.col1]);
  return runs;
}

function sameRuns(a: readonly Run[], b: readonly Run[]): boolean {
  return a.length === b.length && a.every(([col0, col1], i) => b[i]?.[0] === col0 && b[i][1] === col1);
}
