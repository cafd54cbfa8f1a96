/** Outlines of regions and images as rings of points, and their bounds after projection. */

/** A point as x, y (or longitude, latitude; or column, row). */
export type Point = readonly [x: number, y: number];

/** An axis-parallel rectangle in CRS units. */
export type Bounds = { readonly xmin: number; readonly ymin: number; readonly xmax: number; readonly ymax: number };

/**
 * Points added to each edge before it is projected. The error of the projected bounds falls with the square of it: a two-degree edge
 * bends by about 500 m in UTM, so 256 pieces leave under a centimetre.
 */
const PIECES_PER_EDGE = 256;

/** A ring with more edges than this has them cut in proportion to their length, so that a coastline of 100,000 points stays one. */
const MANY_EDGES = 64;

/** The ring with each edge cut into {@link PIECES_PER_EDGE} pieces, fewer where there are many; open (the first point is not repeated). */
export function densify(ring: readonly Point[]): readonly Point[] {
  const extent = ring.length > MANY_EDGES ? extentOf(ring) : 0;
  return ring.flatMap(([x, y], i) => {
    const [u, v] = ring[(i + 1) % ring.length] ?? [x, y];
    const share = extent > 0 ? Math.max(Math.abs(u - x), Math.abs(v - y)) / extent : 1;
    const pieces = Math.max(1, Math.ceil(PIECES_PER_EDGE * share));
    return Array.from({ length: pieces }, (_, k): Point => {
      const t = k / pieces;
      return [x + (u - x) * t, y + (v - y) * t];
    });
  });
}

/** The longer side of the points' bounds. */
function extentOf(points: readonly Point[]): number {
  const b = boundsOf(points);
  return b ? Math.max(b.xmax - b.xmin, b.ymax - b.ymin) : 0;
}

/** The corners of a rectangle, as a ring. */
export function rectangle(b: Bounds): readonly Point[] {
  return [
    [b.xmin, b.ymin],
    [b.xmax, b.ymin],
    [b.xmax, b.ymax],
    [b.xmin, b.ymax],
  ];
}

/** The bounds of points, or undefined where there is none. */
export function boundsOf(points: readonly Point[]): Bounds | undefined {
  if (points.length === 0) return undefined;
  const b = { xmin: Infinity, ymin: Infinity, xmax: -Infinity, ymax: -Infinity };
  for (const [x, y] of points) {
    b.xmin = Math.min(b.xmin, x);
    b.ymin = Math.min(b.ymin, y);
    b.xmax = Math.max(b.xmax, x);
    b.ymax = Math.max(b.ymax, y);
  }
  return b;
}

/** Whether two rectangles share area. */
export function overlaps(a: Bounds, b: Bounds): boolean {
  return a.xmin < b.xmax && b.xmin < a.xmax && a.ymin < b.ymax && b.ymin < a.ymax;
}
