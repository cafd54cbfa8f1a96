// The kernels, in AssemblyScript (compiled by scripts/compile-kernels.ts to build/kernels.wasm).
// What each one does, its shapes and polarity: ../kernels.ts. The plain twin: ../typescript-kernels.ts; kernels.test.ts holds
// both equal, bit for bit, so every change here is made there too, with the same order of operations.
// There is no heap and no global: all state lies in the imported shared memory, at the addresses given.

const SNAP: f64 = 1e-6;
const ABSENT: u32 = 65536;

/* ---------------------------------------------------------------- decode */

export function undoPredictor16(ptr: usize, rows: i32, cols: i32, samples: i32): void {
  if (samples != 1) {
    const rowSamples = cols * samples;
    for (let y = 0; y < rows; y++) {
      const row = ptr + ((<usize>(y * rowSamples)) << 1);
      for (let i = samples; i < rowSamples; i++) {
        const at = row + ((<usize>i) << 1);
        store<u16>(at, load<u16>(at) + load<u16>(at - ((<usize>samples) << 1)));
      }
    }
    return;
  }
  const zero = i16x8.splat(0);
  for (let y = 0; y < rows; y++) {
    let at = ptr + ((<usize>(y * cols)) << 1);
    let carry = i16x8.splat(0);
    let x = 0;
    for (; x + 8 <= cols; x += 8) {
      let v = v128.load(at);
      v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 8, 9, 10, 11, 12, 13, 14));
      v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 1, 8, 9, 10, 11, 12, 13));
      v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 1, 2, 3, 8, 9, 10, 11));
      v = i16x8.add(v, carry);
      v128.store(at, v);
      carry = i16x8.splat(i16x8.extract_lane_s(v, 7));
      at += 16;
    }
    let last = i16x8.extract_lane_u(carry, 0);
    for (; x < cols; x++) {
      last = load<u16>(at) + last;
      store<u16>(at, last);
      at += 2;
    }
  }
}

export function undoPredictor8(ptr: usize, rows: i32, cols: i32, samples: i32): void {
  const rowSamples = cols * samples;
  for (let y = 0; y < rows; y++) {
    const row = ptr + <usize>(y * rowSamples);
    for (let i = samples; i < rowSamples; i++) {
      const at = row + <usize>i;
      store<u8>(at, load<u8>(at) + load<u8>(at - <usize>samples));
    }
  }
}

export function undoPredictor32(ptr: usize, rows: i32, cols: i32, samples: i32): void {
  const rowSamples = cols * samples;
  for (let y = 0; y < rows; y++) {
    const row = ptr + ((<usize>(y * rowSamples)) << 2);
    for (let i = samples; i < rowSamples; i++) {
      const at = row + ((<usize>i) << 2);
      store<u32>(at, load<u32>(at) + load<u32>(at - ((<usize>samples) << 2)));
    }
  }
}

/* ---------------------------------------------------------------- gather */

export function fill32(ptr: usize, count: i32, bits: u32): void {
  const v = i32x4.splat(bits);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(ptr + ((<usize>i) << 2), v);
  for (; i < count; i++) store<u32>(ptr + ((<usize>i) << 2), bits);
}

export function fill16(ptr: usize, count: i32, bits: u32): void {
  for (let i = 0; i < count; i++) store<u16>(ptr + ((<usize>i) << 1), <u16>bits);
}

// @ts-ignore: decorator
@inline
function gatherF32<T>(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  for (let y = 0; y < rows; y++) {
    const from = src + <usize>(y * srcStride) * sizeof<T>();
    const to = dst + ((<usize>(y * dstStride)) << 2);
    for (let x = 0; x < cols; x++) {
      const v = load<T>(from + <usize>x * sizeof<T>());
      store<f32>(to + ((<usize>x) << 2), <f64>v == nodata ? f32.NaN : <f32>v);
    }
  }
}

export function gatherF32FromU16(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  const nan = f32x4.splat(f32.NaN);
  // A number that float32 would round is none of the stored ones: NaN equals nothing.
  const missing = f32x4.splat(<f64>(<f32>nodata) == nodata ? <f32>nodata : f32.NaN);
  for (let y = 0; y < rows; y++) {
    let from = src + ((<usize>(y * srcStride)) << 1);
    let to = dst + ((<usize>(y * dstStride)) << 2);
    let x = 0;
    for (; x + 8 <= cols; x += 8) {
      const v = v128.load(from);
      const a = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(v));
      const b = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(v));
      v128.store(to, v128.bitselect(nan, a, f32x4.eq(a, missing)));
      v128.store(to + 16, v128.bitselect(nan, b, f32x4.eq(b, missing)));
      from += 16;
      to += 32;
    }
    for (; x < cols; x++) {
      const v = load<u16>(from);
      store<f32>(to, <f64>v == nodata ? f32.NaN : <f32>v);
      from += 2;
      to += 4;
    }
  }
}

export function gatherF32FromU8(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  gatherF32<u8>(src, srcStride, dst, dstStride, cols, rows, nodata);
}
export function gatherF32FromI8(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  gatherF32<i8>(src, srcStride, dst, dstStride, cols, rows, nodata);
}
export function gatherF32FromI16(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  gatherF32<i16>(src, srcStride, dst, dstStride, cols, rows, nodata);
}
export function gatherF32FromU32(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  gatherF32<u32>(src, srcStride, dst, dstStride, cols, rows, nodata);
}
export function gatherF32FromI32(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  gatherF32<i32>(src, srcStride, dst, dstStride, cols, rows, nodata);
}

// The code that a number is, or -1, which no code is: -1 and NaN say that there is none, and a fraction or 2^32 + 1 is nobody's code.
// @ts-ignore: decorator
@inline
function codeOf(nodata: f64): i32 {
  return nodata >= 0 && nodata <= 65535 && nodata == Math.floor(nodata) ? <i32>nodata : -1;
}

export function gatherFlagsFromU16(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  const absent = i32x4.splat(ABSENT);
  const code = codeOf(nodata);
  const missing = i32x4.splat(code);
  for (let y = 0; y < rows; y++) {
    let from = src + ((<usize>(y * srcStride)) << 1);
    let to = dst + ((<usize>(y * dstStride)) << 2);
    let x = 0;
    for (; x + 8 <= cols; x += 8) {
      const v = v128.load(from);
      const a = i32x4.extend_low_i16x8_u(v);
      const b = i32x4.extend_high_i16x8_u(v);
      v128.store(to, v128.bitselect(absent, a, i32x4.eq(a, missing)));
      v128.store(to + 16, v128.bitselect(absent, b, i32x4.eq(b, missing)));
      from += 16;
      to += 32;
    }
    for (; x < cols; x++) {
      const v = <i32>load<u16>(from);
      store<u32>(to, v == code ? ABSENT : v);
      from += 2;
      to += 4;
    }
  }
}

export function gatherFlagsFromU8(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  const code = codeOf(nodata);
  for (let y = 0; y < rows; y++) {
    const from = src + <usize>(y * srcStride);
    const to = dst + ((<usize>(y * dstStride)) << 2);
    for (let x = 0; x < cols; x++) {
      const v = <i32>load<u8>(from + <usize>x);
      store<u32>(to + ((<usize>x) << 2), v == code ? ABSENT : v);
    }
  }
}

/* ---------------------------------------------------------------- coordinates */

// nodes: f64[nodeRows][nodeCols] of one coordinate; basis: f64[cols][3], the quadratic Lagrange weights of each column;
// starts: i32[cols], each column's left node. One output row with the row weights r0, r1, r2 and top node row nodeRow.
export function interpolateRow(
  nodes: usize, nodeCols: i32, nodeRow: i32, r0: f64, r1: f64, r2: f64,
  starts: usize, basis: usize, out: usize, cols: i32,
): void {
  const rowBytes = (<usize>nodeCols) << 3;
  const top = nodes + <usize>nodeRow * rowBytes;
  let left = -1;
  let q0: f64 = 0, q1: f64 = 0, q2: f64 = 0;
  for (let c = 0; c < cols; c++) {
    const start = load<i32>(starts + ((<usize>c) << 2));
    if (start != left) {
      left = start;
      const at = top + ((<usize>start) << 3);
      q0 = load<f64>(at) * r0 + load<f64>(at + rowBytes) * r1 + load<f64>(at + rowBytes + rowBytes) * r2;
      q1 = load<f64>(at + 8) * r0 + load<f64>(at + 8 + rowBytes) * r1 + load<f64>(at + 8 + rowBytes + rowBytes) * r2;
      q2 = load<f64>(at + 16) * r0 + load<f64>(at + 16 + rowBytes) * r1 + load<f64>(at + 16 + rowBytes + rowBytes) * r2;
    }
    const b = basis + <usize>c * 24;
    store<f64>(out + ((<usize>c) << 3), q0 * load<f64>(b) + q1 * load<f64>(b + 8) + q2 * load<f64>(b + 16));
  }
}

// out: f64[4] = min x, min y, max x, max y of n coordinate pairs, NaN passed over; min > max where all are NaN.
export function coordinateBounds(xs: usize, ys: usize, n: i32, out: usize): void {
  let x0 = f64x2.splat(f64.MAX_VALUE), x1 = f64x2.splat(-f64.MAX_VALUE);
  let y0 = f64x2.splat(f64.MAX_VALUE), y1 = f64x2.splat(-f64.MAX_VALUE);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const x = v128.load(xs + ((<usize>i) << 3)), y = v128.load(ys + ((<usize>i) << 3));
    x0 = v128.bitselect(x, x0, f64x2.lt(x, x0));
    x1 = v128.bitselect(x, x1, f64x2.gt(x, x1));
    y0 = v128.bitselect(y, y0, f64x2.lt(y, y0));
    y1 = v128.bitselect(y, y1, f64x2.gt(y, y1));
  }
  let ax = Math.min(f64x2.extract_lane(x0, 0), f64x2.extract_lane(x0, 1)), bx = Math.max(f64x2.extract_lane(x1, 0), f64x2.extract_lane(x1, 1));
  let ay = Math.min(f64x2.extract_lane(y0, 0), f64x2.extract_lane(y0, 1)), by = Math.max(f64x2.extract_lane(y1, 0), f64x2.extract_lane(y1, 1));
  for (; i < n; i++) {
    const x = load<f64>(xs + ((<usize>i) << 3)), y = load<f64>(ys + ((<usize>i) << 3));
    if (x < ax) ax = x;
    if (x > bx) bx = x;
    if (y < ay) ay = y;
    if (y > by) by = y;
  }
  store<f64>(out, ax);
  store<f64>(out + 8, ay);
  store<f64>(out + 16, bx);
  store<f64>(out + 24, by);
}

/* ---------------------------------------------------------------- warp */

export function averageShift(
  src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32,
  w00: f64, w01: f64, w10: f64, w11: f64,
): void {
  const a = f64x2.splat(w00), b = f64x2.splat(w01), c = f64x2.splat(w10), d = f64x2.splat(w11);
  const strideBytes = (<usize>srcStride) << 2;
  for (let y = 0; y < rows; y++) {
    let top = src + <usize>y * strideBytes;
    let to = dst + ((<usize>(y * dstStride)) << 2);
    let x = 0;
    for (; x + 2 <= cols; x += 2) {
      const p = f64x2.promote_low_f32x4(v128.load64_zero(top));
      const q = f64x2.promote_low_f32x4(v128.load64_zero(top + 4));
      const r = f64x2.promote_low_f32x4(v128.load64_zero(top + strideBytes));
      const s = f64x2.promote_low_f32x4(v128.load64_zero(top + strideBytes + 4));
      const mp = f64x2.eq(p, p), mq = f64x2.eq(q, q), mr = f64x2.eq(r, r), ms = f64x2.eq(s, s);
      const sum = f64x2.add(
        f64x2.add(v128.and(f64x2.mul(p, a), mp), v128.and(f64x2.mul(q, b), mq)),
        f64x2.add(v128.and(f64x2.mul(r, c), mr), v128.and(f64x2.mul(s, d), ms)),
      );
      const weight = f64x2.add(f64x2.add(v128.and(a, mp), v128.and(b, mq)), f64x2.add(v128.and(c, mr), v128.and(d, ms)));
      v128.store64_lane(to, f32x4.demote_f64x2_zero(f64x2.div(sum, weight)), 0);
      top += 8;
      to += 8;
    }
    if (x < cols) {
      const p = <f64>load<f32>(top), q = <f64>load<f32>(top + 4), r = <f64>load<f32>(top + strideBytes), s = <f64>load<f32>(top + strideBytes + 4);
      const sum = ((p == p ? p * w00 : 0) + (q == q ? q * w01 : 0)) + ((r == r ? r * w10 : 0) + (s == s ? s * w11 : 0));
      const weight = ((p == p ? w00 : 0) + (q == q ? w01 : 0)) + ((r == r ? w10 : 0) + (s == s ? w11 : 0));
      store<f32>(to, <f32>(sum / weight));
    }
  }
}

// @ts-ignore: decorator
@inline
function toPixel(v: f64, origin: f64, perUnit: f64): f64 {
  return (v - origin) * perUnit;
}

// @ts-ignore: decorator
@inline
function snapFloor(v: f64): f64 {
  return Math.floor(v + SNAP);
}

// @ts-ignore: decorator
@inline
function snapCeil(v: f64): f64 {
  return Math.ceil(v - SNAP);
}

export function averageBoxes(
  src: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32,
  xs: usize, ys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dst: usize, dstStride: i32, cols: i32, rows: i32, cornerCols: i32,
): void {
  const cornerStride = (<usize>cornerCols) << 3;
  const strideBytes = (<usize>srcStride) << 2;
  const left = <f64>firstCol, top = <f64>firstRow, right = left + <f64>srcCols, bottom = top + <f64>srcRows;
  for (let r = 0; r < rows; r++) {
    let corner = <usize>r * cornerStride;
    let to = dst + ((<usize>(r * dstStride)) << 2);
    for (let c = 0; c < cols; c++) {
      const xa = toPixel(load<f64>(xs + corner), originX, perX), xb = toPixel(load<f64>(xs + corner + cornerStride + 8), originX, perX);
      const ya = toPixel(load<f64>(ys + corner), originY, perY), yb = toPixel(load<f64>(ys + corner + cornerStride + 8), originY, perY);
      corner += 8;
      const x0 = Math.min(xa, xb), x1 = Math.max(xa, xb), y0 = Math.min(ya, yb), y1 = Math.max(ya, yb);
      const fx0 = snapFloor(x0), fx1 = snapCeil(x1), fy0 = snapFloor(y0), fy1 = snapCeil(y1);
      // All comparisons are false where a coordinate is NaN.
      let value = f32.NaN;
      if (fx1 > left && fx0 < right && fy1 > top && fy0 < bottom && fx1 > fx0 && fy1 > fy0) {
        const nx = <i32>(fx1 - fx0), ny = <i32>(fy1 - fy0);
        const wFirst: f64 = nx == 1 ? 1.0 : 1.0 - (x0 - fx0), wLast: f64 = 1.0 - (fx1 - x1);
        const hFirst: f64 = ny == 1 ? 1.0 : 1.0 - (y0 - fy0), hLast: f64 = 1.0 - (fy1 - y1);
        let sum: f64 = 0, weight: f64 = 0;
        if (nx <= 4 && fx0 >= left && fx1 <= right && fy0 >= top && fy1 <= bottom) {
          let at = src + <usize>(<i32>(fy0 - top)) * strideBytes + ((<usize>(<i32>(fx0 - left))) << 2);
          const wA = f64x2.replace_lane(f64x2.splat(wFirst), 1, nx == 2 ? wLast : nx > 2 ? 1.0 : 0.0);
          const wB = f64x2.replace_lane(f64x2.splat(nx == 3 ? wLast : nx > 3 ? 1.0 : 0.0), 1, nx == 4 ? wLast : 0.0);
          // The lanes past the box hold anything, infinity too, which times 0 is NaN.
          const inA = f64x2.ne(wA, f64x2.splat(0)), inB = f64x2.ne(wB, f64x2.splat(0));
          let sums = f64x2.splat(0), weights = f64x2.splat(0);
          for (let j = 0; j < ny; j++) {
            const h: f64 = j == 0 ? hFirst : j == ny - 1 ? hLast : 1.0;
            const v = v128.load(at);
            const a = f64x2.promote_low_f32x4(v);
            const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
            const hs = f64x2.splat(h);
            const okA = v128.and(f64x2.eq(a, a), inA), okB = v128.and(f64x2.eq(b, b), inB);
            const wa = v128.and(f64x2.mul(wA, hs), okA);
            const wb = v128.and(f64x2.mul(wB, hs), okB);
            // NaN times 0 is NaN, so the value is masked as the weight is.
            sums = f64x2.add(sums, f64x2.add(f64x2.mul(v128.and(a, okA), wa), f64x2.mul(v128.and(b, okB), wb)));
            weights = f64x2.add(weights, f64x2.add(wa, wb));
            at += strideBytes;
          }
          sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
          weight = f64x2.extract_lane(weights, 0) + f64x2.extract_lane(weights, 1);
        } else {
          // Large boxes, and those cut by the window: pixels outside it are none.
          const i0 = <i32>Math.max(0.0, left - fx0), i1 = <i32>Math.min(<f64>nx, right - fx0);
          const j0 = <i32>Math.max(0.0, top - fy0), j1 = <i32>Math.min(<f64>ny, bottom - fy0);
          for (let j = j0; j < j1; j++) {
            const h: f64 = j == 0 ? hFirst : j == ny - 1 ? hLast : 1.0;
            const row = src + <usize>(<i32>(fy0 - top) + j) * strideBytes;
            for (let i = i0; i < i1; i++) {
              const v = <f64>load<f32>(row + ((<usize>(<i32>(fx0 - left) + i)) << 2));
              const w: f64 = h * (i == 0 ? wFirst : i == nx - 1 ? wLast : 1.0);
              if (v == v) {
                sum += v * w;
                weight += w;
              }
            }
          }
        }
        // A weight of rounding noise is no observation.
        if (weight > SNAP) value = <f32>(sum / weight);
      }
      store<f32>(to, value);
      to += 4;
    }
  }
}

export function nearest32(
  src: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32,
  xs: usize, ys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dst: usize, dstStride: i32, cols: i32, rows: i32, centerCols: i32, absentBits: u32,
): void {
  const left = <f64>firstCol, top = <f64>firstRow, right = left + <f64>srcCols, bottom = top + <f64>srcRows;
  for (let r = 0; r < rows; r++) {
    let at = (<usize>(r * centerCols)) << 3;
    let to = dst + ((<usize>(r * dstStride)) << 2);
    for (let c = 0; c < cols; c++) {
      const x = snapFloor(toPixel(load<f64>(xs + at), originX, perX)), y = snapFloor(toPixel(load<f64>(ys + at), originY, perY));
      at += 8;
      if (x >= left && x < right && y >= top && y < bottom)
        store<u32>(to, load<u32>(src + ((<usize>(<i32>(y - top) * srcStride + <i32>(x - left))) << 2)));
      else store<u32>(to, absentBits);
      to += 4;
    }
  }
}

/* ---------------------------------------------------------------- fuse, mask, index */

export function fuseF32(dst: usize, src: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const d = v128.load(dst + at);
    v128.store(dst + at, v128.bitselect(d, v128.load(src + at), f32x4.eq(d, d)));
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const d = load<f32>(dst + at);
    if (d != d) store<u32>(dst + at, load<u32>(src + at));
  }
}

export function fuseFlags(dst: usize, src: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 2;
    if (load<u32>(dst + at) == ABSENT) store<u32>(dst + at, load<u32>(src + at));
  }
}

export function maskByTable(flags: usize, table: usize, valid: usize, n: i32, first: i32): void {
  if (first) for (let i = 0; i < n; i++) store<u8>(valid + <usize>i, load<u8>(table + <usize>load<u32>(flags + ((<usize>i) << 2))));
  else
    for (let i = 0; i < n; i++) {
      const at = valid + <usize>i;
      store<u8>(at, load<u8>(at) & load<u8>(table + <usize>load<u32>(flags + ((<usize>i) << 2))));
    }
}

// @ts-ignore: decorator
@inline
function outside(v: f32, low: f32, high: f32): bool {
  return v < low || v > high;
}

export function normalizedDifference(
  a: usize, b: usize, valid: usize, n: i32, scaleA: f32, offsetA: f32, scaleB: f32, offsetB: f32,
  lowA: f32, highA: f32, lowB: f32, highB: f32, dropOutside: i32, out: usize,
): i32 {
  const sa = f32x4.splat(scaleA), oa = f32x4.splat(offsetA), sb = f32x4.splat(scaleB), ob = f32x4.splat(offsetB);
  const la = f32x4.splat(lowA), ha = f32x4.splat(highA), lb = f32x4.splat(lowB), hb = f32x4.splat(highB);
  const nan = f32x4.splat(f32.NaN);
  const drop = i32x4.splat(dropOutside ? -1 : 0);
  let outsides = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const x = v128.load(a + at), y = v128.load(b + at);
    const p = f32x4.add(f32x4.mul(x, sa), oa), q = f32x4.add(f32x4.mul(y, sb), ob);
    const index = f32x4.div(f32x4.sub(p, q), f32x4.add(p, q));
    const ok = i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(valid + <usize>i))), i32x4.splat(0));
    const out4 = v128.or(v128.or(f32x4.lt(x, la), f32x4.gt(x, ha)), v128.or(f32x4.lt(y, lb), f32x4.gt(y, hb)));
    // Counted are observations: valid by the flags and with an index.
    outsides = i32x4.sub(outsides, v128.and(v128.and(out4, ok), f32x4.eq(index, index)));
    v128.store(out + at, v128.bitselect(index, nan, v128.andnot(ok, v128.and(out4, drop))));
  }
  let count = i32x4.extract_lane(outsides, 0) + i32x4.extract_lane(outsides, 1) + i32x4.extract_lane(outsides, 2) + i32x4.extract_lane(outsides, 3);
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const x = load<f32>(a + at), y = load<f32>(b + at);
    const p: f32 = x * scaleA + offsetA, q: f32 = y * scaleB + offsetB;
    const index: f32 = (p - q) / (p + q);
    const ok = load<u8>(valid + <usize>i) != 0;
    const far = outside(x, lowA, highA) || outside(y, lowB, highB);
    if (far && ok && index == index) count++;
    store<f32>(out + at, ok && !(far && dropOutside != 0) ? index : f32.NaN);
  }
  return count;
}

/* ---------------------------------------------------------------- reduce */

export function accumulateSum(values: usize, sum: usize, count: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + ((<usize>i) << 2));
    const ok = f32x4.eq(v, v);
    const clean = v128.and(v, ok);
    const s = sum + ((<usize>i) << 3);
    v128.store(s, f64x2.add(v128.load(s), f64x2.promote_low_f32x4(clean)));
    v128.store(s + 16, f64x2.add(v128.load(s + 16), f64x2.promote_low_f32x4(v128.shuffle<i32>(clean, clean, 2, 3, 2, 3))));
    const k = count + ((<usize>i) << 1);
    const c = v128.load64_zero(k);
    v128.store64_lane(k, i16x8.sub(c, i16x8.narrow_i32x4_s(ok, ok)), 0);
  }
  for (; i < n; i++) {
    const v = load<f32>(values + ((<usize>i) << 2));
    if (v == v) {
      const s = sum + ((<usize>i) << 3), k = count + ((<usize>i) << 1);
      store<f64>(s, load<f64>(s) + <f64>v);
      store<u16>(k, load<u16>(k) + 1);
    }
  }
}

export function finishMean(sum: usize, count: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const k = load<u16>(count + ((<usize>i) << 1));
    store<f32>(out + ((<usize>i) << 2), k == 0 ? f32.NaN : <f32>(load<f64>(sum + ((<usize>i) << 3)) / <f64>k));
  }
}

// out: f64[4] = min, max, sum, number of the values that are not NaN, in row-major order.
export function statistics(values: usize, stride: i32, cols: i32, rows: i32, out: usize): void {
  let low = f64.MAX_VALUE, high = -f64.MAX_VALUE, sum: f64 = 0, n: f64 = 0;
  for (let y = 0; y < rows; y++) {
    const row = values + ((<usize>(y * stride)) << 2);
    for (let x = 0; x < cols; x++) {
      const v = <f64>load<f32>(row + ((<usize>x) << 2));
      if (v == v) {
        low = Math.min(low, v);
        high = Math.max(high, v);
        sum += v;
        n += 1;
      }
    }
  }
  store<f64>(out, low);
  store<f64>(out + 8, high);
  store<f64>(out + 16, sum);
  store<f64>(out + 24, n);
}

/* ---------------------------------------------------------------- overviews and encoding */

export function halveMean(src: usize, srcStride: i32, cols: i32, rows: i32, dst: usize, dstStride: i32): void {
  const outCols = (cols + 1) >> 1, outRows = (rows + 1) >> 1;
  for (let r = 0; r < outRows; r++) {
    const high = (r << 1) + 1 < rows ? 2 : 1;
    for (let c = 0; c < outCols; c++) {
      const at = src + ((<usize>((r << 1) * srcStride + (c << 1))) << 2);
      const wide = (c << 1) + 1 < cols ? 2 : 1;
      let sum: f64 = 0, n: f64 = 0;
      for (let j = 0; j < high; j++) {
        for (let i = 0; i < wide; i++) {
          const v = <f64>load<f32>(at + ((<usize>(j * srcStride + i)) << 2));
          if (v == v) {
            sum += v;
            n += 1;
          }
        }
      }
      store<f32>(dst + ((<usize>(r * dstStride + c)) << 2), n == 0 ? f32.NaN : <f32>(sum / n));
    }
  }
}

export function halveNearest16(src: usize, srcStride: i32, cols: i32, rows: i32, dst: usize, dstStride: i32): void {
  const outCols = (cols + 1) >> 1, outRows = (rows + 1) >> 1;
  for (let r = 0; r < outRows; r++)
    for (let c = 0; c < outCols; c++)
      store<u16>(dst + ((<usize>(r * dstStride + c)) << 1), load<u16>(src + ((<usize>((r << 1) * srcStride + (c << 1))) << 1)));
}

// TIFF Technical Note 3 (floating point predictor): each row as four planes of bytes, most significant first, then differences.
export function applyPredictorF32(src: usize, rows: i32, cols: i32, dst: usize): void {
  const n = <usize>cols;
  for (let y = 0; y < rows; y++) {
    const from = src + ((<usize>(y * cols)) << 2);
    const to = dst + ((<usize>(y * cols)) << 2);
    let x: usize = 0;
    for (; x + 16 <= n; x += 16) {
      const at = from + (x << 2);
      const a = v128.load(at), b = v128.load(at + 16), c = v128.load(at + 32), d = v128.load(at + 48);
      const ab0 = v128.shuffle<u8>(a, b, 3, 7, 11, 15, 19, 23, 27, 31, 2, 6, 10, 14, 18, 22, 26, 30);
      const cd0 = v128.shuffle<u8>(c, d, 3, 7, 11, 15, 19, 23, 27, 31, 2, 6, 10, 14, 18, 22, 26, 30);
      const ab1 = v128.shuffle<u8>(a, b, 1, 5, 9, 13, 17, 21, 25, 29, 0, 4, 8, 12, 16, 20, 24, 28);
      const cd1 = v128.shuffle<u8>(c, d, 1, 5, 9, 13, 17, 21, 25, 29, 0, 4, 8, 12, 16, 20, 24, 28);
      v128.store(to + x, v128.shuffle<i64>(ab0, cd0, 0, 2));
      v128.store(to + n + x, v128.shuffle<i64>(ab0, cd0, 1, 3));
      v128.store(to + 2 * n + x, v128.shuffle<i64>(ab1, cd1, 0, 2));
      v128.store(to + 3 * n + x, v128.shuffle<i64>(ab1, cd1, 1, 3));
    }
    for (; x < n; x++) {
      const v = load<u32>(from + (x << 2));
      store<u8>(to + x, <u8>(v >> 24));
      store<u8>(to + n + x, <u8>(v >> 16));
      store<u8>(to + 2 * n + x, <u8>(v >> 8));
      store<u8>(to + 3 * n + x, <u8>v);
    }
    // From the right, so that each difference sees its untouched left neighbour; 16 bytes at a time.
    let i = <isize>(n << 2) - 16;
    for (; i >= 1; i -= 16) v128.store(to + i, i8x16.sub(v128.load(to + i), v128.load(to + i - 1)));
    for (let k = i + 15; k >= 1; k--) store<u8>(to + k, load<u8>(to + k) - load<u8>(to + k - 1));
  }
}

export function applyPredictor16(ptr: usize, rows: i32, cols: i32): void {
  for (let y = 0; y < rows; y++) {
    const row = ptr + ((<usize>(y * cols)) << 1);
    for (let x = cols - 1; x >= 1; x--) {
      const at = row + ((<usize>x) << 1);
      store<u16>(at, load<u16>(at) - load<u16>(at - 2));
    }
  }
}
