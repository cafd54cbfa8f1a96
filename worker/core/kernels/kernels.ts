/**
 * The kernels: everything that is done to pixels, between the inflated block and the encoded one.
 *
 * All arguments named after arrays are byte addresses in one shared memory; rectangles are row-major, row 0 first, with strides in
 * elements. Two implementations, equal bit for bit: WebAssembly SIMD (assembly/index.ts, used) and plain TypeScript
 * (typescript-kernels.ts, read and tested).
 *
 * Windows and planes hold 32-bit elements. Measurement planes: float32, NaN = nodata or outside the scene. Flag planes: uint32 holding the
 * flag band's 8- or 16-bit code, {@link ABSENT_FLAGS} = nodata or outside the scene. `valid` arrays: uint8, 1 = usable.
 */
export type Kernels = {
  /** TIFF predictor 2 undone in place on `rows` rows of `cols * samples` little-endian samples of 16 bits. */
  undoPredictor16(ptr: number, rows: number, cols: number, samples: number): void;
  undoPredictor8(ptr: number, rows: number, cols: number, samples: number): void;
  undoPredictor32(ptr: number, rows: number, cols: number, samples: number): void;

  /** `count` elements set to `bits`. */
  fill32(ptr: number, count: number, bits: number): void;
  fill16(ptr: number, count: number, bits: number): void;
  /** Copies a rectangle of stored numbers into a measurement window; `nodata` becomes NaN (NaN: there is none). */
  gatherF32FromU8: Gather;
  gatherF32FromI8: Gather;
  gatherF32FromU16: Gather;
  gatherF32FromI16: Gather;
  gatherF32FromU32: Gather;
  gatherF32FromI32: Gather;
  /** Copies a rectangle of stored codes into a flag window; `nodata` becomes ABSENT_FLAGS (-1: there is none). */
  gatherFlagsFromU8: Gather;
  gatherFlagsFromU16: Gather;

  /**
   * One output row of coordinates by biquadratic interpolation. `nodes`: float64[..][nodeCols][x, y]; r0..r2 weigh node rows
   * nodeRow..nodeRow+2; `starts`: int32[cols], each column's left node; `basis`: float64[cols][3], its column weights; `out`:
   * float64[cols][x, y].
   */
  interpolateRow(
    nodes: number,
    nodeCols: number,
    nodeRow: number,
    r0: number,
    r1: number,
    r2: number,
    starts: number,
    basis: number,
    out: number,
    cols: number,
  ): void;
  /** `xys`: float64[n][x, y]; out: float64[4] = min x, min y, max x, max y, NaN passed over; min > max where all are NaN. */
  coordinateBounds(xys: number, n: number, out: number): void;
  /** 1 where any of the float32 of a rectangle is NaN, else 0. */
  hasNaN(src: number, stride: number, cols: number, rows: number): number;

  /** Area-weighted mean of the valid of 2 x 2 source pixels, the same four weights everywhere: a shift of less than a pixel. */
  averageShift(
    src: number,
    srcStride: number,
    dst: number,
    dstStride: number,
    cols: number,
    rows: number,
    w00: number,
    w01: number,
    w10: number,
    w11: number,
  ): void;
  /**
   * Area-weighted mean of the valid source pixels in the box that the images of an output pixel's upper-left and lower-right corners span
   * (GDAL's rule for `average`, gdalwarpkernel.cpp GWKAverageOrModeThread), of two bands of one geometry at once. The windows hold
   * source pixels from (firstRow, firstCol) on; what lies outside them is no observation, and two further rows and four more finite elements must
   * stand after each. `valid`: uint8[rows][dstStride], where 0 gives NaN without looking; address 0: all are wanted. `whole`: neither window has a NaN. `xys`: float64[>= rows + 1][cornerCols][x, y] corners; source pixel =
   * (coordinate - origin) * per, whatever the window. Boxes of up to 3 x 3 pixels are summed in float32, larger ones in float64.
   */
  averageBoxes(
    srcA: number,
    srcB: number,
    srcStride: number,
    srcCols: number,
    srcRows: number,
    firstCol: number,
    firstRow: number,
    whole: number,
    xys: number,
    originX: number,
    perX: number,
    originY: number,
    perY: number,
    dstA: number,
    dstB: number,
    dstStride: number,
    cols: number,
    rows: number,
    cornerCols: number,
    valid: number,
  ): void;
  /** The source pixel that holds each output pixel's centre (`xys`: float64[>= rows][centerCols][x, y]); `absentBits` outside the window. */
  nearest32(
    src: number,
    srcStride: number,
    srcCols: number,
    srcRows: number,
    firstCol: number,
    firstRow: number,
    xys: number,
    originX: number,
    perX: number,
    originY: number,
    perY: number,
    dst: number,
    dstStride: number,
    cols: number,
    rows: number,
    centerCols: number,
    absentBits: number,
  ): void;

  /** First not-nodata wins: NaN elements of `dst` are taken from `src`. */
  fuseF32(dst: number, src: number, n: number): void;
  /** First not-nodata wins: absent elements of `dst` are taken from `src`. */
  fuseFlags(dst: number, src: number, n: number): void;
  /** valid = table[flags] (first = 1), or valid &= table[flags]; `table`: uint8[65537], the last for ABSENT_FLAGS. */
  maskByTable(flags: number, table: number, valid: number, n: number, first: number): void;
  /** 1 where any of n `valid` bytes is not 0, else 0. */
  anyValid(valid: number, n: number): number;
  /**
   * out = (p - q) / (p + q) in float32 with p = scale * a + offset (two roundings), NaN where not valid or 0/0. Returns how many
   * observations (valid, with an index) have a stored number outside [low, high]; these are NaN too if `dropOutside`.
   */
  normalizedDifference(
    a: number,
    b: number,
    valid: number,
    n: number,
    scaleA: number,
    offsetA: number,
    scaleB: number,
    offsetB: number,
    lowA: number,
    highA: number,
    lowB: number,
    highB: number,
    dropOutside: number,
    out: number,
  ): number;

  /** sum (float64) += value and count (uint16) += 1 where the value is not NaN. */
  accumulateSum(values: number, sum: number, count: number, n: number): void;
  /** out (float32) = sum / count, NaN where the count is 0. */
  finishMean(sum: number, count: number, out: number, n: number): void;
  /** The sum of n uint16. */
  sum16(ptr: number, n: number): number;
  /** out: float64[4] = min, max, sum and number of the values that are not NaN, added in row-major order. */
  statistics(values: number, stride: number, cols: number, rows: number, out: number): void;

  /** Half size (rounded up): the mean of the valid of each 2 x 2, in float64, NaN where none. */
  halveMean(src: number, srcStride: number, cols: number, rows: number, dst: number, dstStride: number): void;
  /** Half size (rounded up): the upper left of each 2 x 2 (uint16). */
  halveNearest16(src: number, srcStride: number, cols: number, rows: number, dst: number, dstStride: number): void;
  /** TIFF predictor 3 (TIFF Technical Note 3) of `rows` rows of `cols` float32, out of place. */
  applyPredictorF32(src: number, rows: number, cols: number, dst: number): void;
  /** TIFF predictor 2 of `rows` rows of `cols` uint16, in place. */
  applyPredictor16(ptr: number, rows: number, cols: number): void;
};

/** (src, srcStride, dst, dstStride, cols, rows, nodata) */
export type Gather = (src: number, srcStride: number, dst: number, dstStride: number, cols: number, rows: number, nodata: number) => void;

/** The element of a flag plane where the flag band is nodata or the scene ends: one past the largest 16-bit code. */
export const ABSENT_FLAGS = 65536;

/** The bits of the quiet NaN that both implementations write. */
export const NAN_BITS = 0x7fc00000;

/** Coordinates within this many pixels of an edge count as on it: far above float64's noise, far below the promised 0.0001. */
export const SNAP_PIXELS = 1e-6;

const PAGE_BYTES = 64 * 1024;

/** What a 32-bit address reaches. */
const MAX_PAGES = 65536;

/**
 * The memory that all threads of a process share, at its final length from the start: 4 GiB of addresses, or the largest half of it that the system
 * grants; a page costs nothing before it is written. It is never grown, since V8 (Node 24) tells other threads of growth only some time
 * later, and until then their views end too early.
 */
export function createSharedMemory(mostPages = MAX_PAGES): WebAssembly.Memory {
  for (let pages = mostPages; pages >= 1; pages /= 2) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: MAX_PAGES, shared: true });
    } catch (error) {
      // So much cannot be had here (RLIMIT_AS, strict overcommit): less may.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new RangeError(`Not even ${PAGE_BYTES} bytes of shared memory can be had`);
}

/** The WebAssembly kernels over `memory`. Each thread has an instance of its own; they hold no state. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: onAbort } });
  // The exports are exactly the functions of Kernels: kernels.test.ts compares the names and the results.
  return instance.exports as unknown as Kernels;
}

function onAbort(): never {
  throw new Error("A kernel aborted");
}
