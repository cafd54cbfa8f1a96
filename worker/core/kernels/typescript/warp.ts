/** From source windows to planes of the output grid. */
import { SNAP_PIXELS, THINNEST_BOX_PIXELS } from "../kernel-constants.ts";

const f32 = Math.fround;

export type WarpKernels = {
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
   * stand after each. `valid`: uint8[rows][dstStride], where 0 gives NaN without looking; address 0: all are wanted. `xys`: float64[>= rows + 1][cornerCols][x, y] corners; source pixel =
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
};

export function createWarpKernels(memory: WebAssembly.Memory): WarpKernels {
  const f32s = () => new Float32Array(memory.buffer);
  const f64s = () => new Float64Array(memory.buffer);
  return {
    averageShift(src, srcStride, dst, dstStride, cols, rows, w00, w01, w10, w11) {
      const v = f32s();
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < cols; x++) {
          const at = (src >> 2) + y * srcStride + x;
          const [p, q, r, s] = [v[at]!, v[at + 1]!, v[at + srcStride]!, v[at + srcStride + 1]!];
          const sum = weighted(p, w00) + weighted(q, w01) + (weighted(r, w10) + weighted(s, w11));
          const weight = counted(p, w00) + counted(q, w01) + (counted(r, w10) + counted(s, w11));
          v[(dst >> 2) + y * dstStride + x] = sum / weight;
        }
    },
    averageBoxes(
      srcA,
      srcB,
      srcStride,
      srcCols,
      srcRows,
      firstCol,
      firstRow,
      xys,
      originX,
      perX,
      originY,
      perY,
      dstA,
      dstB,
      dstStride,
      cols,
      rows,
      cornerCols,
      valid,
    ) {
      const v = f32s();
      const f = f64s();
      const usable = new Uint8Array(memory.buffer);
      const window = { stride: srcStride, firstCol, firstRow, cols: srcCols, rows: srcRows };
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) {
          const upperLeft = (xys >> 3) + 2 * (r * cornerCols + c);
          const lowerRight = upperLeft + 2 * (cornerCols + 1);
          const x = span((f[upperLeft]! - originX) * perX, (f[lowerRight]! - originX) * perX);
          const y = span((f[upperLeft + 1]! - originY) * perY, (f[lowerRight + 1]! - originY) * perY);
          const wanted = valid === 0 || usable[valid + r * dstStride + c] !== 0;
          for (const [src, dst] of [
            [srcA, dstA],
            [srcB, dstB],
          ] as const)
            v[(dst >> 2) + r * dstStride + c] = wanted && x && y ? averageBox(v, { ...window, at: src >> 2 }, x, y) : Number.NaN;
        }
    },
    nearest32(
      src,
      srcStride,
      srcCols,
      srcRows,
      firstCol,
      firstRow,
      xys,
      originX,
      perX,
      originY,
      perY,
      dst,
      dstStride,
      cols,
      rows,
      centerCols,
      absentBits,
    ) {
      const f = f64s();
      const bits = new Uint32Array(memory.buffer);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) {
          const at = (xys >> 3) + 2 * (r * centerCols + c);
          const x = Math.floor((f[at]! - originX) * perX + SNAP_PIXELS) - firstCol;
          const y = Math.floor((f[at + 1]! - originY) * perY + SNAP_PIXELS) - firstRow;
          const inside = x >= 0 && x < srcCols && y >= 0 && y < srcRows;
          bits[(dst >> 2) + r * dstStride + c] = inside ? bits[(src >> 2) + y * srcStride + x]! : absentBits;
        }
    },
  };
}

function weighted(value: number, weight: number): number {
  return Number.isNaN(value) ? 0 : value * weight;
}

function counted(value: number, weight: number): number {
  return Number.isNaN(value) ? 0 : weight;
}

/** The source pixels between two coordinates and the share of each that lies between them. */
type Span = { readonly first: number; readonly low: number; readonly high: number; readonly weights: readonly number[] };

/** Undefined where a coordinate is NaN. */
function span(a: number, b: number): Span | undefined {
  const low = Math.min(a, b);
  const high = Math.max(a, b, low + THINNEST_BOX_PIXELS);
  const first = Math.floor(low + SNAP_PIXELS);
  const n = Math.ceil(high - SNAP_PIXELS) - first;
  if (!(n > 0)) return undefined;
  const weights = Array.from({ length: n }, (_, i) => {
    if (i === 0) return n === 1 ? 1 : 1 - (low - first);
    return i === n - 1 ? 1 - (first + n - high) : 1;
  });
  return { first, low, high, weights };
}

type SourceWindow = {
  readonly at: number;
  readonly stride: number;
  readonly firstCol: number;
  readonly firstRow: number;
  readonly cols: number;
  readonly rows: number;
};

function averageBox(v: Float32Array, w: SourceWindow, x: Span, y: Span): number {
  const [col, row] = [x.first - w.firstCol, y.first - w.firstRow];
  const [nx, ny] = [x.weights.length, y.weights.length];
  if (col + nx <= 0 || col >= w.cols || row + ny <= 0 || row >= w.rows) return Number.NaN;
  const small = nx <= 3 && ny <= 3 && col >= 0 && col + nx <= w.cols && row >= 0 && row + ny <= w.rows;
  return small ? averageSmall(v, w, w.at + row * w.stride + col, [x, y]) : averageAny(v, w, x, y);
}

/** In float32: rows are added first, then columns as SIMD lanes are. */
function averageSmall(v: Float32Array, w: SourceWindow, at: number, [x, y]: readonly [Span, Span]): number {
  const [widths, heights] = [overlaps(x), overlaps(y)];
  const column = (i: number, of: (value: number, weight: number) => number): number => {
    const [a = 0, b = 0, c = 0] = heights.map((h, j) =>
      j < y.weights.length && i < x.weights.length ? f32(of(v[at + j * w.stride + i]!, h)) : 0,
    );
    return f32(f32(a + b) + c);
  };
  const sums = widths.map((wx, i) => f32(column(i, weighted) * wx));
  const weights = widths.map((wx, i) => f32(column(i, counted) * wx));
  const total = lanes(weights);
  // 0 more, so that nothing times 0 leaves no sign.
  return total > 0 ? f32((lanes(sums) + 0) / total) : Number.NaN;
}

/** How much of each of three pixels lies between the span's ends, in float32. */
function overlaps({ first, low, high, weights }: Span): readonly number[] {
  const [from, until] = [f32(low - first), f32(Math.min(high - first, weights.length))];
  return [0, 1, 2].map((i) => Math.max(0, f32(Math.min(until, i + 1) - Math.max(from, i))));
}

/** Four lanes, the last 0, as (0 + 2) + (1 + 3). */
function lanes([a = 0, b = 0, c = 0]: readonly number[]): number {
  return f32(f32(a + c) + b);
}

function averageAny(v: Float32Array, window: SourceWindow, x: Span, y: Span): number {
  let [sum, weight] = [0, 0];
  y.weights.forEach((h, j) => {
    x.weights.forEach((w, i) => {
      const [col, row] = [x.first - window.firstCol + i, y.first - window.firstRow + j];
      const inside = col >= 0 && col < window.cols && row >= 0 && row < window.rows;
      const value = inside ? v[window.at + row * window.stride + col]! : Number.NaN;
      if (Number.isNaN(value)) return;
      sum += value * (h * w);
      weight += h * w;
    });
  });
  return weight > 0 ? sum / weight : Number.NaN;
}
