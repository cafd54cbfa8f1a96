/** Numbers that several kernels share; assembly/constants.ts has the same. */

/** The element of a flag plane where the flag band is nodata or the scene ends: one past the largest 16-bit code. */
export const ABSENT_FLAGS = 65536;

/** The bits of the quiet NaN that both implementations write. */
export const NAN_BITS = 0x7fc00000;

/** Coordinates within this many pixels of an edge count as on it: far above float64's noise, far below the promised 0.0001. */
export const SNAP_PIXELS = 1e-6;

/** A source box is at least this wide, in pixels: two corners of an output pixel that is turned by 45 degrees span a line. */
export const THINNEST_BOX_PIXELS = 1e-5;

/** What `deflate` works in. */
export const DEFLATE_SCRATCH_BYTES = 160 * 1024;

/** The most that `deflate` writes for so many bytes: noise is stored, with 5 bytes before each 64 KiB. */
export function deflateBound(bytes: number): number {
  return bytes + Math.ceil(bytes / 1024) + 64;
}
