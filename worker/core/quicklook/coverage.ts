/**
 * How much of each pixel a shape covers: exact areas, so that edges come out smooth. The method of Raph Levien's font-rs
 * ("Inside the fastest font renderer in the world", 2016): every edge adds what it covers to the pixel it crosses, and a running
 * sum along the line fills the inside.
 */

/** x, y, x, y... of a closed polygon; y downwards, pixel (0, 0) from 0 to 1. */
export type Contour = readonly number[];

/** `shares` is row-major, 0 outside to 1 inside; its first pixel is (x, y) of the picture. */
export type Coverage = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly shares: Float32Array;
};

/**
 * The coverage of a shape. Inside is what its contours wind around once or more; those that wind the other way cut holes.
 */
export function coverageOf(contours: readonly Contour[]): Coverage {
  const [x, right] = spanOf(contours, 0);
  const [y, bottom] = spanOf(contours, 1);
  // An edge on the right border adds to the pixel behind it.
  const [width, height] = [right - x + 2, bottom - y];
  const shares = new Float32Array(width * height);
  for (const contour of contours)
    for (let i = 0; i < contour.length; i += 2) {
      const next = (i + 2) % contour.length;
      const from = { x: contour[i]! - x, y: contour[i + 1]! - y };
      const to = { x: contour[next]! - x, y: contour[next + 1]! - y };
      if (from.y < to.y) addEdge(shares, width, { top: from, bottom: to, winding: 1 });
      if (from.y > to.y) addEdge(shares, width, { top: to, bottom: from, winding: -1 });
    }
  for (let row = 0; row < height; row++) sumUp(shares.subarray(row * width, (row + 1) * width));
  return { x, y, width, height, shares };
}

/** The whole pixels [first, end) that hold all x (`axis` 0) or y (1). */
function spanOf(contours: readonly Contour[], axis: 0 | 1): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const contour of contours)
    for (let i = axis; i < contour.length; i += 2) {
      least = Math.min(least, contour[i]!);
      most = Math.max(most, contour[i]!);
    }
  return least <= most ? [Math.floor(least), Math.ceil(most)] : [0, 0];
}

type Point = { readonly x: number; readonly y: number };
type Edge = { readonly top: Point; readonly bottom: Point; readonly winding: 1 | -1 };

function addEdge(shares: Float32Array, width: number, { top, bottom, winding }: Edge): void {
  let { x, y } = top;
  for (let row = Math.floor(top.y); row < bottom.y; row++) {
    const nextY = Math.min(row + 1, bottom.y);
    // By the share of the way, not by a slope: a flat edge's slope is infinite, and steps of it would drift over the border.
    const next = top.x + (bottom.x - top.x) * ((nextY - top.y) / (bottom.y - top.y));
    addPiece(shares, row * width, { left: Math.min(x, next), right: Math.max(x, next), cover: (nextY - y) * winding });
    [x, y] = [next, nextY];
  }
}

/** An edge's piece within one row; `cover` is its height, signed. */
type Piece = { readonly left: number; readonly right: number; readonly cover: number };

/** Adds a piece to the row that starts at `row` of `shares`: each pixel on its way gets what lies right of it. */
function addPiece(shares: Float32Array, row: number, { left, right, cover }: Piece): void {
  const first = Math.floor(left);
  const last = Math.floor(right);
  for (let pixel = first; pixel <= last; pixel++) {
    const from = Math.max(left, pixel);
    const to = Math.min(right, pixel + 1);
    const part = first === last ? cover : (cover * (to - from)) / (right - left);
    const leftOfEdge = part * ((from + to) / 2 - pixel);
    const at = row + pixel;
    shares[at] = shares[at]! + part - leftOfEdge;
    shares[at + 1] = shares[at + 1]! + leftOfEdge;
  }
}

function sumUp(line: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < line.length; i++) {
    sum += line[i]!;
    line[i] = Math.min(1, Math.abs(sum));
  }
}
