/** Bilinear and cubic sampling of a source window at the centres of output pixels: GDAL's warper with an exact transform. */
import { SNAP_PIXELS } from "../kernel-constants.ts";

export type InterpolateKernels = {
  /**
   * Where an output pixel is not larger than a source pixel (gdalwarpkernel.cpp, GWKBilinearResample4Sample and GWKCubicResample4Sample).
   * `method` 0, bilinear: the four source pixels around the centre, weights renormalised over those that are valid. `method` 1, cubic
   * (convolution with a = -0.5): sixteen, and bilinear where one of them is missing. NaN where the source pixel that holds the centre is NaN
   * or outside the window, which must hold every pixel of the image within two of the centres. `xys`: float64[>= rows][centerCols][x, y];
   * source pixel = (coordinate - origin) * per. `valid`: uint8[rows][dstStride], where 0 gives NaN without looking; address 0: all are wanted.
   */
  interpolate(
    method: number,
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
    valid: number,
  ): void;
  /**
   * Where an output pixel is larger than a source pixel along an axis (gdalwarpkernel.cpp, GWKResample): the same filters stretched by 1 / `scale`
   * along each axis (scale <= 1), over all valid pixels within `radius` of the centre that the window holds, renormalised; NaN as above,
   * and where the weights add up to less than 1e-6. `weights`: room for float64[2 * radiusX + 1 + 2 * radiusY + 1].
   */
  interpolateWide(
    method: number,
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
    valid: number,
    scaleX: number,
    scaleY: number,
    radiusX: number,
    radiusY: number,
    weights: number,
  ): void;
};

export function createInterpolateKernels(memory: WebAssembly.Memory): InterpolateKernels {
  return {
    interpolate(method, src, stride, srcCols, srcRows, firstCol, firstRow, xys, ox, px, oy, py, dst, dstStride, cols, rows, xyCols, valid) {
      const w = { v: new Float32Array(memory.buffer), at: src >> 2, stride, cols: srcCols, rows: srcRows, firstCol, firstRow };
      const grid = { memory, xys, ox, px, oy, py, dst, dstStride, cols, rows, xyCols, valid };
      eachCentre(grid, (x, y) => {
        if (!holds(w, x, y)) return Number.NaN;
        const [i, dx] = cell(x);
        const [j, dy] = cell(y);
        const value = method ? cubic(w, [i - firstCol, j - firstRow], [dx, dy]) : Number.NaN;
        return Number.isNaN(value) ? bilinear(w, [i - firstCol, j - firstRow], [dx, dy]) : value;
      });
    },
    interpolateWide(
      method,
      src,
      stride,
      srcCols,
      srcRows,
      firstCol,
      firstRow,
      xys,
      ox,
      px,
      oy,
      py,
      dst,
      dstStride,
      cols,
      rows,
      xyCols,
      valid,
      scaleX,
      scaleY,
      radiusX,
      radiusY,
    ) {
      const w = { v: new Float32Array(memory.buffer), at: src >> 2, stride, cols: srcCols, rows: srcRows, firstCol, firstRow };
      const grid = { memory, xys, ox, px, oy, py, dst, dstStride, cols, rows, xyCols, valid };
      const filter = method ? cubicWeight : bilinearWeight;
      eachCentre(grid, (x, y) => {
        if (!holds(w, x, y)) return Number.NaN;
        const [i, dx] = cell(x);
        const [j, dy] = cell(y);
        const across = { first: i - firstCol - radiusX, weights: filterWeights(filter, radiusX, dx, scaleX) };
        return wide(w, across, { first: j - firstRow - radiusY, weights: filterWeights(filter, radiusY, dy, scaleY) });
      });
    },
  };
}

type CentreGrid = {
  readonly memory: WebAssembly.Memory;
  readonly xys: number;
  readonly ox: number;
  readonly px: number;
  readonly oy: number;
  readonly py: number;
  readonly dst: number;
  readonly dstStride: number;
  readonly cols: number;
  readonly rows: number;
  readonly xyCols: number;
  readonly valid: number;
};

/** Stores a value for each output pixel: `sample` of its centre in source pixels, or NaN where it is not wanted. */
function eachCentre(g: CentreGrid, sample: (x: number, y: number) => number): void {
  const coordinates = new Float64Array(g.memory.buffer);
  const usable = new Uint8Array(g.memory.buffer);
  const out = new Float32Array(g.memory.buffer);
  for (let r = 0; r < g.rows; r++)
    for (let c = 0; c < g.cols; c++) {
      const from = (g.xys >> 3) + 2 * (r * g.xyCols + c);
      const wanted = g.valid === 0 || usable[g.valid + r * g.dstStride + c] !== 0;
      const [x, y] = [(coordinates[from]! - g.ox) * g.px, (coordinates[from + 1]! - g.oy) * g.py];
      out[(g.dst >> 2) + r * g.dstStride + c] = wanted ? sample(x, y) : Number.NaN;
    }
}

type SourceWindow = {
  readonly v: Float32Array;
  readonly at: number;
  readonly stride: number;
  readonly cols: number;
  readonly rows: number;
  readonly firstCol: number;
  readonly firstRow: number;
};

function value({ v, at, stride }: SourceWindow, col: number, row: number): number {
  return v[at + row * stride + col]!;
}

/** Whether the source pixel that holds a place is in the window and valid. */
function holds(w: SourceWindow, x: number, y: number): boolean {
  const [col, row] = [Math.floor(x + SNAP_PIXELS) - w.firstCol, Math.floor(y + SNAP_PIXELS) - w.firstRow];
  return col >= 0 && col < w.cols && row >= 0 && row < w.rows && !Number.isNaN(value(w, col, row));
}

/** The source pixel whose centre is the last before a place, and how far behind it the place lies. */
function cell(x: number): readonly [first: number, delta: number] {
  const first = Math.floor(x - 0.5 + SNAP_PIXELS);
  return [first, Math.max(0, x - 0.5 - first)];
}

type Pair = readonly [x: number, y: number];

function bilinear(w: SourceWindow, [i, j]: Pair, [dx, dy]: Pair): number {
  let [sum, weight] = [0, 0];
  for (const [row, h] of [
    [j, 1 - dy],
    [j + 1, dy],
  ] as const)
    for (const [col, k] of [
      [i, 1 - dx],
      [i + 1, dx],
    ] as const) {
      if (col < 0 || col >= w.cols || row < 0 || row >= w.rows || Number.isNaN(value(w, col, row))) continue;
      sum += value(w, col, row) * (k * h);
      weight += k * h;
    }
  return weight > 0 ? Math.fround(sum / weight) : Number.NaN;
}

/** Weights of four pixels for a place d behind the second (GWKCubicComputeWeights). */
function cubicWeights(d: number): readonly [number, number, number, number] {
  const half = 0.5 * d;
  const half2 = half * d;
  return [half * (-1 + d * (2 - d)), 1 + half2 * (-5 + 3 * d), half * (1 + d * (4 - 3 * d)), half2 * (-1 + d)];
}

function cubic(w: SourceWindow, [i, j]: Pair, [dx, dy]: Pair): number {
  if (i < 1 || i + 2 >= w.cols || j < 1 || j + 2 >= w.rows) return Number.NaN;
  const [wx, [a, b, c, d]] = [cubicWeights(dx), cubicWeights(dy)];
  // Down first, then across as SIMD lanes are.
  const [p, q, r, s] = wx.map((weight, k) => {
    const col = i - 1 + k;
    return (value(w, col, j - 1) * a + value(w, col, j) * b + value(w, col, j + 1) * c + value(w, col, j + 2) * d) * weight;
  });
  return Math.fround(p! + r! + (q! + s!));
}

function bilinearWeight(t: number): number {
  const a = Math.abs(t);
  return a <= 1 ? 1 - a : 0;
}

function cubicWeight(t: number): number {
  const a = Math.abs(t);
  if (a <= 1) return t * t * (1.5 * a - 2.5) + 1;
  return a <= 2 ? t * t * (-0.5 * a + 2.5) - 4 * a + 2 : 0;
}

function filterWeights(filter: (t: number) => number, radius: number, delta: number, scale: number): readonly number[] {
  return Array.from({ length: 2 * radius + 1 }, (_, i) => filter((i - radius - delta) * scale));
}

/** Weights of pixels from `first` on. */
type Axis = { readonly first: number; readonly weights: readonly number[] };

function wide(w: SourceWindow, x: Axis, y: Axis): number {
  const [i0, i1] = [Math.max(0, x.first), Math.min(w.cols, x.first + x.weights.length)];
  let [sum, weight] = [0, 0];
  for (let row = Math.max(0, y.first); row < Math.min(w.rows, y.first + y.weights.length); row++) {
    // Two lanes, and a last pixel by itself.
    const [sums, seen] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let col = i0; col < i1; col++) {
      const lane = col === i1 - 1 && (i1 - i0) % 2 === 1 ? 2 : (col - i0) % 2;
      const k = x.weights[col - x.first]!;
      if (Number.isNaN(value(w, col, row))) continue;
      sums[lane]! += value(w, col, row) * k;
      seen[lane]! += k;
    }
    const h = y.weights[row - y.first]!;
    sum += (sums[0]! + sums[1]! + sums[2]!) * h;
    weight += (seen[0]! + seen[1]! + seen[2]!) * h;
  }
  return weight >= 1e-6 ? Math.fround(sum / weight) : Number.NaN;
}
