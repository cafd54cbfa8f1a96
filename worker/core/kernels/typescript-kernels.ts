/**
 * The kernels in plain TypeScript: the twin of assembly/index.ts, with the same order of operations, held equal bit for bit by
 * kernels.test.ts. It is the text to read; the WebAssembly is the one that runs. Semantics: kernels.ts.
 */
import { ABSENT_FLAGS, type Gather, type Kernels, NAN_BITS, SNAP_PIXELS } from "./kernels.ts";

/** A view of the memory as one element type, addressed by bytes. */
type Stored = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

const f32 = Math.fround;

/** The twin over `memory`. */
export function createTypeScriptKernels(memory: WebAssembly.Memory): Kernels {
  const u8 = () => new Uint8Array(memory.buffer);
  const u16 = () => new Uint16Array(memory.buffer);
  const u32 = () => new Uint32Array(memory.buffer);
  const f32s = () => new Float32Array(memory.buffer);
  const f64s = () => new Float64Array(memory.buffer);
  return {
    ...createDecodeKernels(memory),
    ...createWarpKernels(memory),

    fuseF32(dst, src, n) {
      const values = f32s();
      const bits = u32();
      for (let i = 0; i < n; i++) if (Number.isNaN(values[(dst >> 2) + i]!)) bits[(dst >> 2) + i] = bits[(src >> 2) + i]!;
    },
    fuseFlags(dst, src, n) {
      const flags = u32();
      for (let i = 0; i < n; i++) if (flags[(dst >> 2) + i] === ABSENT_FLAGS) flags[(dst >> 2) + i] = flags[(src >> 2) + i]!;
    },
    maskByTable(flags, table, valid, n, first) {
      const codes = u32();
      const bytes = u8();
      for (let i = 0; i < n; i++) {
        const usable = bytes[table + codes[(flags >> 2) + i]!]!;
        bytes[valid + i] = first ? usable : bytes[valid + i]! & usable;
      }
    },
    anyValid(valid, n) {
      return u8()
        .subarray(valid, valid + n)
        .some((byte) => byte !== 0)
        ? 1
        : 0;
    },
    normalizedDifference(a, b, valid, n, scaleA, offsetA, scaleB, offsetB, lowA, highA, lowB, highB, dropOutside, out) {
      const values = f32s();
      const bits = u32();
      const bytes = u8();
      const [sa, oa, sb, ob] = [f32(scaleA), f32(offsetA), f32(scaleB), f32(offsetB)];
      const [la, ha, lb, hb] = [f32(lowA), f32(highA), f32(lowB), f32(highB)];
      let outside = 0;
      for (let i = 0; i < n; i++) {
        const x = values[(a >> 2) + i]!;
        const y = values[(b >> 2) + i]!;
        const p = f32(f32(x * sa) + oa);
        const q = f32(f32(y * sb) + ob);
        const index = f32(f32(p - q) / f32(p + q));
        const usable = bytes[valid + i] !== 0;
        const far = x < la || x > ha || y < lb || y > hb;
        if (far && usable && !Number.isNaN(index)) outside++;
        if (usable && !(far && dropOutside !== 0) && !Number.isNaN(index)) values[(out >> 2) + i] = index;
        else bits[(out >> 2) + i] = NAN_BITS;
      }
      return outside;
    },

    accumulateSum(values, sum, count, n) {
      const [v, s, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) {
        const value = v[(values >> 2) + i]!;
        if (Number.isNaN(value)) continue;
        s[(sum >> 3) + i]! += value;
        c[(count >> 1) + i]! += 1;
      }
    },
    finishMean(sum, count, out, n) {
      const [v, s, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) v[(out >> 2) + i] = c[(count >> 1) + i] === 0 ? Number.NaN : s[(sum >> 3) + i]! / c[(count >> 1) + i]!;
    },
    sum16(ptr, n) {
      return u16()
        .subarray(ptr >> 1, (ptr >> 1) + n)
        .reduce((sum, value) => sum + value, 0);
    },
    statistics(values, stride, cols, rows, out) {
      const [v, o] = [f32s(), f64s()];
      let [low, high, sum, count] = [Number.MAX_VALUE, -Number.MAX_VALUE, 0, 0];
      for (let i = 0; i < rows * cols; i++) {
        const value = v[(values >> 2) + Math.floor(i / cols) * stride + (i % cols)]!;
        if (Number.isNaN(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
        sum += value;
        count += 1;
      }
      o.set([low, high, sum, count], out >> 3);
    },

    halveMean(src, srcStride, cols, rows, dst, dstStride) {
      const v = f32s();
      for (let r = 0; r < (rows + 1) >> 1; r++) {
        for (let c = 0; c < (cols + 1) >> 1; c++) {
          let [sum, count] = [0, 0];
          for (const [y, x] of [
            [2 * r, 2 * c],
            [2 * r, 2 * c + 1],
            [2 * r + 1, 2 * c],
            [2 * r + 1, 2 * c + 1],
          ] as const) {
            const value = y < rows && x < cols ? v[(src >> 2) + y * srcStride + x]! : Number.NaN;
            if (Number.isNaN(value)) continue;
            sum += value;
            count += 1;
          }
          v[(dst >> 2) + r * dstStride + c] = count === 0 ? Number.NaN : sum / count;
        }
      }
    },
    halveNearest16(src, srcStride, cols, rows, dst, dstStride) {
      const v = u16();
      for (let r = 0; r < (rows + 1) >> 1; r++)
        for (let c = 0; c < (cols + 1) >> 1; c++) v[(dst >> 1) + r * dstStride + c] = v[(src >> 1) + 2 * r * srcStride + 2 * c]!;
    },
    applyPredictorF32(src, rows, cols, dst) {
      const bytes = u8();
      for (let y = 0; y < rows; y++) {
        const to = dst + y * cols * 4;
        for (let x = 0; x < cols; x++)
          for (let plane = 0; plane < 4; plane++) bytes[to + plane * cols + x] = bytes[src + (y * cols + x) * 4 + (3 - plane)]!;
        for (let i = cols * 4 - 1; i >= 1; i--) bytes[to + i]! -= bytes[to + i - 1]!;
      }
    },
    applyPredictor16(ptr, rows, cols) {
      const v = u16();
      for (let y = 0; y < rows; y++) for (let x = cols - 1; x >= 1; x--) v[(ptr >> 1) + y * cols + x]! -= v[(ptr >> 1) + y * cols + x - 1]!;
    },
  };
}

type DecodeKernels = Pick<
  Kernels,
  | `undoPredictor${8 | 16 | 32}`
  | `fill${16 | 32}`
  | `gatherF32From${"U8" | "I8" | "U16" | "I16" | "U32" | "I32"}`
  | `gatherFlagsFrom${"U8" | "U16"}`
>;

function createDecodeKernels(memory: WebAssembly.Memory): DecodeKernels {
  const undo = (view: () => Stored, shift: number) => (ptr: number, rows: number, cols: number, samples: number) => {
    const v = view();
    for (let y = 0; y < rows; y++)
      for (let i = samples; i < cols * samples; i++)
        v[(ptr >> shift) + y * cols * samples + i]! += v[(ptr >> shift) + y * cols * samples + i - samples]!;
  };
  const gather =
    (view: () => Stored, shift: number): Gather =>
    (src, srcStride, dst, dstStride, cols, rows, nodata) => {
      const from = view();
      const to = new Float32Array(memory.buffer);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < cols; x++) {
          const value = from[(src >> shift) + y * srcStride + x]!;
          to[(dst >> 2) + y * dstStride + x] = value === nodata ? Number.NaN : value;
        }
    };
  const gatherFlags =
    (view: () => Stored, shift: number): Gather =>
    (src, srcStride, dst, dstStride, cols, rows, nodata) => {
      const from = view();
      const to = new Uint32Array(memory.buffer);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < cols; x++) {
          const code = from[(src >> shift) + y * srcStride + x]!;
          to[(dst >> 2) + y * dstStride + x] = code === nodata ? ABSENT_FLAGS : code;
        }
    };
  const u8 = () => new Uint8Array(memory.buffer);
  const u16 = () => new Uint16Array(memory.buffer);
  const u32 = () => new Uint32Array(memory.buffer);
  return {
    undoPredictor8: undo(u8, 0),
    undoPredictor16: undo(u16, 1),
    undoPredictor32: undo(u32, 2),
    fill32(ptr, count, bits) {
      u32().fill(bits, ptr >> 2, (ptr >> 2) + count);
    },
    fill16(ptr, count, bits) {
      u16().fill(bits, ptr >> 1, (ptr >> 1) + count);
    },
    gatherF32FromU8: gather(u8, 0),
    gatherF32FromI8: gather(() => new Int8Array(memory.buffer), 0),
    gatherF32FromU16: gather(u16, 1),
    gatherF32FromI16: gather(() => new Int16Array(memory.buffer), 1),
    gatherF32FromU32: gather(u32, 2),
    gatherF32FromI32: gather(() => new Int32Array(memory.buffer), 2),
    gatherFlagsFromU8: gatherFlags(u8, 0),
    gatherFlagsFromU16: gatherFlags(u16, 1),
  };
}

type WarpKernels = Pick<Kernels, "interpolateRow" | "coordinateBounds" | "hasNaN" | "averageShift" | "averageBoxes" | "nearest32">;

function createWarpKernels(memory: WebAssembly.Memory): WarpKernels {
  const f32s = () => new Float32Array(memory.buffer);
  const f64s = () => new Float64Array(memory.buffer);
  return {
    interpolateRow(nodes, nodeCols, nodeRow, r0, r1, r2, starts, basis, out, cols) {
      const f = f64s();
      const start = new Int32Array(memory.buffer);
      const column = (at: number) => f[at]! * r0 + f[at + 2 * nodeCols]! * r1 + f[at + 4 * nodeCols]! * r2;
      for (let c = 0; c < cols; c++) {
        const at = (nodes >> 3) + 2 * (nodeRow * nodeCols + start[(starts >> 2) + c]!);
        const b = (basis >> 3) + 3 * c;
        for (const axis of [0, 1]) {
          f[(out >> 3) + 2 * c + axis] = column(at + axis) * f[b]! + column(at + 2 + axis) * f[b + 1]! + column(at + 4 + axis) * f[b + 2]!;
        }
      }
    },
    coordinateBounds(xys, n, out) {
      const f = f64s();
      const bounds = [Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, -Number.MAX_VALUE];
      for (let i = 0; i < 2 * n; i++) {
        const v = f[(xys >> 3) + i]!;
        const axis = i & 1;
        if (v < bounds[axis]!) bounds[axis] = v;
        if (v > bounds[2 + axis]!) bounds[2 + axis] = v;
      }
      f.set(bounds, out >> 3);
    },
    hasNaN(src, stride, cols, rows) {
      const v = f32s();
      for (let y = 0; y < rows; y++) for (let x = 0; x < cols; x++) if (Number.isNaN(v[(src >> 2) + y * stride + x]!)) return 1;
      return 0;
    },
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
      whole,
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
      const window = { stride: srcStride, firstCol, firstRow, cols: srcCols, rows: srcRows, whole: whole !== 0 };
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
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
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
  readonly whole: boolean;
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
  // Said to be whole, the weights are the same without looking.
  const weights = widths.map((wx, i) => f32(column(i, w.whole ? (_, weight) => weight : counted) * wx));
  const total = lanes(weights);
  return total > 0 ? f32(lanes(sums) / total) : Number.NaN;
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
