/**
 * The kernels in plain TypeScript: the twin of assembly/index.ts, with the same order of operations, held equal bit for bit by
 * kernels.test.ts. It is the text to read; the WebAssembly is the one that runs. Semantics: kernels.ts.
 */
import { ABSENT_FLAGS, type Gather, type Kernels, NAN_BITS, SNAP_PIXELS } from "./kernels.ts";

/** A view of the memory as one element type, addressed by bytes. */
type Stored = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

const f32 = Math.fround;

/** The twin over `memory`; views are taken anew at each call since a shared memory grows. */
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
          for (const [y, x] of [[2 * r, 2 * c], [2 * r, 2 * c + 1], [2 * r + 1, 2 * c], [2 * r + 1, 2 * c + 1]] as const) {
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
      for (let y = 0; y < rows; y++)
        for (let x = cols - 1; x >= 1; x--) v[(ptr >> 1) + y * cols + x]! -= v[(ptr >> 1) + y * cols + x - 1]!;
    },
  };
}

type DecodeKernels = Pick<
  Kernels,
  | `undoPredictor${8 | 16 | 32}` | `fill${16 | 32}`
  | `gatherF32From${"U8" | "I8" | "U16" | "I16" | "U32" | "I32"}` | `gatherFlagsFrom${"U8" | "U16"}`
>;

function createDecodeKernels(memory: WebAssembly.Memory): DecodeKernels {
  const undo = (view: () => Stored, shift: number) => (ptr: number, rows: number, cols: number, samples: number) => {
    const v = view();
    for (let y = 0; y < rows; y++)
      for (let i = samples; i < cols * samples; i++) v[(ptr >> shift) + y * cols * samples + i]! += v[(ptr >> shift) + y * cols * samples + i - samples]!;
  };
  const gather = (view: () => Stored, shift: number): Gather => (src, srcStride, dst, dstStride, cols, rows, nodata) => {
    const from = view();
    const to = new Float32Array(memory.buffer);
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < cols; x++) {
        const value = from[(src >> shift) + y * srcStride + x]!;
        to[(dst >> 2) + y * dstStride + x] = value === nodata ? Number.NaN : value;
      }
  };
  const gatherFlags = (view: () => Stored, shift: number): Gather => (src, srcStride, dst, dstStride, cols, rows, nodata) => {
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

type WarpKernels = Pick<Kernels, "interpolateRow" | "coordinateBounds" | "averageShift" | "averageBoxes" | "nearest32">;

function createWarpKernels(memory: WebAssembly.Memory): WarpKernels {
  const f32s = () => new Float32Array(memory.buffer);
  const f64s = () => new Float64Array(memory.buffer);
  return {
    interpolateRow(nodes, nodeCols, nodeRow, r0, r1, r2, starts, basis, out, cols) {
      const f = f64s();
      const start = new Int32Array(memory.buffer);
      const column = (at: number) => f[at]! * r0 + f[at + nodeCols]! * r1 + f[at + 2 * nodeCols]! * r2;
      for (let c = 0; c < cols; c++) {
        const at = (nodes >> 3) + nodeRow * nodeCols + start[(starts >> 2) + c]!;
        const b = (basis >> 3) + 3 * c;
        f[(out >> 3) + c] = column(at) * f[b]! + column(at + 1) * f[b + 1]! + column(at + 2) * f[b + 2]!;
      }
    },
    coordinateBounds(xs, ys, n, out) {
      const f = f64s();
      // As the SIMD lanes: even and odd points apart, then the two together, then an odd last point.
      const even = n - (n % 2);
      const lanes = [0, 1].map((lane) => boundsOfPoints(f, xs >> 3, ys >> 3, { first: lane, end: even, step: 2 }));
      const bounds = lanes[0]!.map((bound, i) => (i < 2 ? Math.min : Math.max)(bound, lanes[1]![i]!));
      f.set(boundsOfPoints(f, xs >> 3, ys >> 3, { first: even, end: n, step: 1 }, bounds), out >> 3);
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
    averageBoxes(src, srcStride, srcCols, srcRows, firstCol, firstRow, xs, ys, originX, perX, originY, perY, dst, dstStride, cols, rows, cornerCols) {
      const v = f32s();
      const f = f64s();
      const window = { at: src >> 2, stride: srcStride, firstCol, firstRow, cols: srcCols, rows: srcRows };
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) {
          const upperLeft = r * cornerCols + c;
          const lowerRight = upperLeft + cornerCols + 1;
          const x = span((f[(xs >> 3) + upperLeft]! - originX) * perX, (f[(xs >> 3) + lowerRight]! - originX) * perX);
          const y = span((f[(ys >> 3) + upperLeft]! - originY) * perY, (f[(ys >> 3) + lowerRight]! - originY) * perY);
          v[(dst >> 2) + r * dstStride + c] = x && y ? averageBox(v, window, x, y) : Number.NaN;
        }
    },
    nearest32(src, srcStride, srcCols, srcRows, firstCol, firstRow, xs, ys, originX, perX, originY, perY, dst, dstStride, cols, rows, centerCols, absentBits) {
      const f = f64s();
      const bits = new Uint32Array(memory.buffer);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) {
          const at = r * centerCols + c;
          const x = Math.floor((f[(xs >> 3) + at]! - originX) * perX + SNAP_PIXELS) - firstCol;
          const y = Math.floor((f[(ys >> 3) + at]! - originY) * perY + SNAP_PIXELS) - firstRow;
          const inside = x >= 0 && x < srcCols && y >= 0 && y < srcRows;
          bits[(dst >> 2) + r * dstStride + c] = inside ? bits[(src >> 2) + y * srcStride + x]! : absentBits;
        }
    },
  };
}

const NO_BOUNDS = [Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, -Number.MAX_VALUE];

/** `bounds` widened by some points; the first of equal numbers stays (zeros have two signs). */
function boundsOfPoints(f: Float64Array, xs: number, ys: number, points: { first: number; end: number; step: number }, bounds = NO_BOUNDS): readonly number[] {
  const wide = [...bounds];
  for (let i = points.first; i < points.end; i += points.step) {
    [f[xs + i]!, f[ys + i]!].forEach((value, axis) => {
      if (value < wide[axis]!) wide[axis] = value;
      if (value > wide[axis + 2]!) wide[axis + 2] = value;
    });
  }
  return wide;
}

function weighted(value: number, weight: number): number {
  return Number.isNaN(value) ? 0 : value * weight;
}

function counted(value: number, weight: number): number {
  return Number.isNaN(value) ? 0 : weight;
}

/** The source pixels between two coordinates and the share of each that lies between them. */
type Span = { readonly first: number; readonly weights: readonly number[] };

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
  return { first, weights };
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
  const whole = nx <= 4 && col >= 0 && col + nx <= w.cols && row >= 0 && row + ny <= w.rows;
  const [sum, weight] = whole ? averagePaired(v, w.at + row * w.stride + col, w.stride, [x, y]) : averageClipped(v, w, x, y);
  return weight > SNAP_PIXELS ? sum / weight : Number.NaN;
}

/** Up to four columns, added as the SIMD lanes are: (0, 2) and (1, 3) apart, row by row. */
function averagePaired(v: Float32Array, at: number, stride: number, [x, y]: readonly [Span, Span]): readonly [sum: number, weight: number] {
  const sums = [0, 0];
  const weights = [0, 0];
  y.weights.forEach((h, j) => {
    for (const lane of [0, 1]) {
      const inBox = [lane, lane + 2].map((i) => (i < x.weights.length ? v[at + j * stride + i]! : Number.NaN));
      const w = inBox.map((value, k) => counted(value, (x.weights[lane + 2 * k] ?? 0) * h));
      const values = inBox.map((value) => weighted(value, 1));
      sums[lane]! += values[0]! * w[0]! + values[1]! * w[1]!;
      weights[lane]! += w[0]! + w[1]!;
    }
  });
  return [sums[0]! + sums[1]!, weights[0]! + weights[1]!];
}

function averageClipped(v: Float32Array, window: SourceWindow, x: Span, y: Span): readonly [sum: number, weight: number] {
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
  return [sum, weight];
}
