/** A strip: the rows of a unit that are worked through at a time, and where their coordinates lie in the source. */
import type { Window } from "../grid/affine.ts";

/** Rows of a strip: its planes (128 KiB each) stay in the processor's cache. */
export const STRIP_ROWS = 64;

/** Coordinates of a strip's pixels on one lattice or axis map; see CoordinateGrid. */
export type StripCoordinates = {
  readonly kind: "corners" | "centres";
  readonly strip: Window;
  /** Address of float64[..][cols][x, y]. */
  readonly xys: number;
  /** Coordinates a row: one more than pixels for corners. */
  readonly cols: number;
  readonly originXY: readonly [number, number];
  readonly perXY: readonly [number, number];
};
