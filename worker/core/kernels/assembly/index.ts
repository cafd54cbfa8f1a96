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
  const v = i16x8.splat(<i16>bits);
  let i = 0;
  for (; i + 8 <= count; i += 8) v128.store(ptr + ((<usize>i) << 1), v);
  for (; i < count; i++) store<u16>(ptr + ((<usize>i) << 1), <u16>bits);
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

export function interpolateRow(
  nodes: usize, nodeCols: i32, nodeRow: i32, r0: f64, r1: f64, r2: f64,
  starts: usize, basis: usize, out: usize, cols: i32,
): void {
  const rowBytes = (<usize>nodeCols) << 4;
  const top = nodes + <usize>nodeRow * rowBytes;
  const a = f64x2.splat(r0), b = f64x2.splat(r1), c = f64x2.splat(r2);
  let left = -1;
  let q0 = f64x2.splat(0), q1 = f64x2.splat(0), q2 = f64x2.splat(0);
  for (let i = 0; i < cols; i++) {
    const start = load<i32>(starts + ((<usize>i) << 2));
    if (start != left) {
      left = start;
      const at = top + ((<usize>start) << 4);
      q0 = f64x2.add(f64x2.add(f64x2.mul(v128.load(at), a), f64x2.mul(v128.load(at + rowBytes), b)), f64x2.mul(v128.load(at + rowBytes + rowBytes), c));
      q1 = f64x2.add(f64x2.add(f64x2.mul(v128.load(at + 16), a), f64x2.mul(v128.load(at + 16 + rowBytes), b)), f64x2.mul(v128.load(at + 16 + rowBytes + rowBytes), c));
      q2 = f64x2.add(f64x2.add(f64x2.mul(v128.load(at + 32), a), f64x2.mul(v128.load(at + 32 + rowBytes), b)), f64x2.mul(v128.load(at + 32 + rowBytes + rowBytes), c));
    }
    const w = basis + <usize>i * 24;
    const value = f64x2.add(
      f64x2.add(f64x2.mul(q0, v128.load64_splat(w)), f64x2.mul(q1, v128.load64_splat(w + 8))),
      f64x2.mul(q2, v128.load64_splat(w + 16)),
    );
    v128.store(out + ((<usize>i) << 4), value);
  }
}

export function coordinateBounds(xys: usize, n: i32, out: usize): void {
  let low = f64x2.splat(f64.MAX_VALUE), high = f64x2.splat(-f64.MAX_VALUE);
  for (let i = 0; i < n; i++) {
    const v = v128.load(xys + ((<usize>i) << 4));
    low = v128.bitselect(v, low, f64x2.lt(v, low));
    high = v128.bitselect(v, high, f64x2.gt(v, high));
  }
  v128.store(out, low);
  v128.store(out + 16, high);
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

export function hasNaN(src: usize, stride: i32, cols: i32, rows: i32): i32 {
  for (let y = 0; y < rows; y++) {
    const row = src + ((<usize>(y * stride)) << 2);
    let ok = i32x4.splat(-1);
    let x = 0;
    for (; x + 4 <= cols; x += 4) {
      const v = v128.load(row + ((<usize>x) << 2));
      ok = v128.and(ok, f32x4.eq(v, v));
    }
    if (!i32x4.all_true(ok)) return 1;
    for (; x < cols; x++) {
      const v = load<f32>(row + ((<usize>x) << 2));
      if (v != v) return 1;
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function lanes(x: f64, y: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(x), 1, y);
}

// Lane 0: the sum of a's lanes, lane 2: of b's, each as (0 + 2) + (1 + 3).
// @ts-ignore: decorator
@inline
function sumsOfLanes(a: v128, b: v128): v128 {
  const u = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  return f32x4.add(u, v128.shuffle<f32>(u, u, 1, 0, 3, 2));
}

// Three rows of four columns, none of them NaN, weighted by row; always three, with weights of 0, since guessing how many costs more.
// @ts-ignore: decorator
@inline
function weighRows(at: usize, strideBytes: usize, h0: v128, h1: v128, h2: v128): v128 {
  const sum = f32x4.add(f32x4.mul(v128.load(at), h0), f32x4.mul(v128.load(at + strideBytes), h1));
  return f32x4.add(sum, f32x4.mul(v128.load(at + strideBytes + strideBytes), h2));
}

// The same with NaN as 0.
// @ts-ignore: decorator
@inline
function weighValidRows(at: usize, strideBytes: usize, h0: v128, h1: v128, h2: v128): v128 {
  const a = v128.load(at), b = v128.load(at + strideBytes), c = v128.load(at + strideBytes + strideBytes);
  const sum = f32x4.add(f32x4.mul(v128.and(a, f32x4.eq(a, a)), h0), f32x4.mul(v128.and(b, f32x4.eq(b, b)), h1));
  return f32x4.add(sum, f32x4.mul(v128.and(c, f32x4.eq(c, c)), h2));
}

// The weights of the rows that are not NaN, by column.
// @ts-ignore: decorator
@inline
function countRows(at: usize, strideBytes: usize, h0: v128, h1: v128, h2: v128): v128 {
  const a = v128.load(at), b = v128.load(at + strideBytes), c = v128.load(at + strideBytes + strideBytes);
  return f32x4.add(f32x4.add(v128.and(h0, f32x4.eq(a, a)), v128.and(h1, f32x4.eq(b, b))), v128.and(h2, f32x4.eq(c, c)));
}

// Boxes of any size, cut by the window: pixels outside it are none.
function averageAny(
  src: usize, strideBytes: usize, left: f64, top: f64, right: f64, bottom: f64,
  x0: f64, x1: f64, y0: f64, y1: f64, fx0: f64, fx1: f64, fy0: f64, fy1: f64,
): f32 {
  const nx = <i32>(fx1 - fx0), ny = <i32>(fy1 - fy0);
  const wFirst: f64 = nx == 1 ? 1.0 : 1.0 - (x0 - fx0), wLast: f64 = 1.0 - (fx1 - x1);
  const hFirst: f64 = ny == 1 ? 1.0 : 1.0 - (y0 - fy0), hLast: f64 = 1.0 - (fy1 - y1);
  const i0 = <i32>Math.max(0.0, left - fx0), i1 = <i32>Math.min(<f64>nx, right - fx0);
  const j0 = <i32>Math.max(0.0, top - fy0), j1 = <i32>Math.min(<f64>ny, bottom - fy0);
  let sum: f64 = 0, weight: f64 = 0;
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
  return weight > 0 ? <f32>(sum / weight) : f32.NaN;
}

// How much of each of four unit intervals from 0 on lies between low and high.
// @ts-ignore: decorator
@inline
function overlaps(low: v128, high: v128): v128 {
  // pmin and pmax are one instruction each; min and max, which look after NaN and -0, some six.
  return f32x4.pmax(f32x4.sub(f32x4.pmin(high, f32x4(1, 2, 3, 4)), f32x4.pmax(low, f32x4(0, 1, 2, 3))), f32x4.splat(0));
}

export function averageBoxes(
  srcA: usize, srcB: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32, whole: i32,
  xys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dstA: usize, dstB: usize, dstStride: i32, cols: i32, rows: i32, cornerCols: i32, valid: usize,
): void {
  const cornerStride = (<usize>cornerCols) << 4;
  const strideBytes = (<usize>srcStride) << 2;
  const start = lanes(<f64>firstCol, <f64>firstRow), stop = lanes(<f64>(firstCol + srcCols), <f64>(firstRow + srcRows));
  const origin = lanes(originX, originY), per = lanes(perX, perY), snap = f64x2.splat(SNAP), three = f64x2.splat(3), none = f64x2.splat(0);
  for (let r = 0; r < rows; r++) {
    let corner = xys + <usize>r * cornerStride;
    const to = (<usize>(r * dstStride)) << 2;
    for (let c = 0; c < cols; c++, corner += 16) {
      let a = f32.NaN, b = f32.NaN;
      if (valid == 0 || load<u8>(valid + <usize>(r * dstStride + c)) != 0) {
        // Lane 0 is x, lane 1 is y.
        const p = f64x2.mul(f64x2.sub(v128.load(corner), origin), per);
        const q = f64x2.mul(f64x2.sub(v128.load(corner + cornerStride + 16), origin), per);
        // In this order low is NaN where p is and high where q is.
        const low = f64x2.pmin(p, q), high = f64x2.pmax(q, p);
        const first = f64x2.floor(f64x2.add(low, snap)), end = f64x2.ceil(f64x2.sub(high, snap));
        const n = f64x2.sub(end, first);
        const inside = v128.and(v128.and(f64x2.ge(first, start), f64x2.le(end, stop)), v128.and(f64x2.gt(n, none), f64x2.le(n, three)));
        // All comparisons are false where a coordinate is NaN.
        if (i64x2.all_true(inside)) {
          const from = f32x4.demote_f64x2_zero(f64x2.sub(low, first)), until = f32x4.demote_f64x2_zero(f64x2.pmin(n, f64x2.sub(high, first)));
          const w = overlaps(v128.shuffle<f32>(from, from, 0, 0, 0, 0), v128.shuffle<f32>(until, until, 0, 0, 0, 0));
          const h = overlaps(v128.shuffle<f32>(from, from, 1, 1, 1, 1), v128.shuffle<f32>(until, until, 1, 1, 1, 1));
          const h0 = v128.shuffle<f32>(h, h, 0, 0, 0, 0), h1 = v128.shuffle<f32>(h, h, 1, 1, 1, 1), h2 = v128.shuffle<f32>(h, h, 2, 2, 2, 2);
          const offset = i32x4.trunc_sat_f64x2_s_zero(f64x2.sub(first, start));
          const at = <usize>i32x4.extract_lane(offset, 1) * strideBytes + ((<usize>i32x4.extract_lane(offset, 0)) << 2);
          if (whole) {
            const sumA = weighRows(srcA + at, strideBytes, h0, h1, h2), sumB = weighRows(srcB + at, strideBytes, h0, h1, h2);
            // The same numbers as below, without looking for NaN.
            const weights = f32x4.mul(f32x4.add(f32x4.add(h0, h1), h2), w);
            const weight = sumsOfLanes(weights, weights);
            const mean = f32x4.div(sumsOfLanes(f32x4.mul(sumA, w), f32x4.mul(sumB, w)), weight);
            if (f32x4.extract_lane(weight, 0) > 0) {
              a = f32x4.extract_lane(mean, 0);
              b = f32x4.extract_lane(mean, 2);
            }
          } else {
            const sumA = weighValidRows(srcA + at, strideBytes, h0, h1, h2), sumB = weighValidRows(srcB + at, strideBytes, h0, h1, h2);
            const weightA = countRows(srcA + at, strideBytes, h0, h1, h2), weightB = countRows(srcB + at, strideBytes, h0, h1, h2);
            const weight = sumsOfLanes(f32x4.mul(weightA, w), f32x4.mul(weightB, w));
            const mean = f32x4.div(sumsOfLanes(f32x4.mul(sumA, w), f32x4.mul(sumB, w)), weight);
            if (f32x4.extract_lane(weight, 0) > 0) a = f32x4.extract_lane(mean, 0);
            if (f32x4.extract_lane(weight, 2) > 0) b = f32x4.extract_lane(mean, 2);
          }
        } else if (i64x2.all_true(v128.and(v128.and(f64x2.gt(end, start), f64x2.lt(first, stop)), f64x2.gt(n, none)))) {
          const left = f64x2.extract_lane(start, 0), top = f64x2.extract_lane(start, 1), right = f64x2.extract_lane(stop, 0), bottom = f64x2.extract_lane(stop, 1);
          const x0 = f64x2.extract_lane(low, 0), x1 = f64x2.extract_lane(high, 0), y0 = f64x2.extract_lane(low, 1), y1 = f64x2.extract_lane(high, 1);
          const fx0 = f64x2.extract_lane(first, 0), fx1 = f64x2.extract_lane(end, 0), fy0 = f64x2.extract_lane(first, 1), fy1 = f64x2.extract_lane(end, 1);
          a = averageAny(srcA, strideBytes, left, top, right, bottom, x0, x1, y0, y1, fx0, fx1, fy0, fy1);
          b = averageAny(srcB, strideBytes, left, top, right, bottom, x0, x1, y0, y1, fx0, fx1, fy0, fy1);
        }
      }
      store<f32>(dstA + to + ((<usize>c) << 2), a);
      store<f32>(dstB + to + ((<usize>c) << 2), b);
    }
  }
}

export function nearest32(
  src: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32,
  xys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dst: usize, dstStride: i32, cols: i32, rows: i32, centerCols: i32, absentBits: u32,
): void {
  const start = lanes(<f64>firstCol, <f64>firstRow), stop = lanes(<f64>(firstCol + srcCols), <f64>(firstRow + srcRows));
  const origin = lanes(originX, originY), per = lanes(perX, perY), snap = f64x2.splat(SNAP);
  for (let r = 0; r < rows; r++) {
    let at = xys + ((<usize>(r * centerCols)) << 4);
    let to = dst + ((<usize>(r * dstStride)) << 2);
    for (let c = 0; c < cols; c++) {
      const v = f64x2.floor(f64x2.add(f64x2.mul(f64x2.sub(v128.load(at), origin), per), snap));
      at += 16;
      let bits = absentBits;
      if (i64x2.all_true(v128.and(f64x2.ge(v, start), f64x2.lt(v, stop)))) {
        const offset = i32x4.trunc_sat_f64x2_s_zero(f64x2.sub(v, start));
        bits = load<u32>(src + ((<usize>(i32x4.extract_lane(offset, 1) * srcStride + i32x4.extract_lane(offset, 0))) << 2));
      }
      store<u32>(to, bits);
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

export function anyValid(valid: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16) if (v128.any_true(v128.load(valid + <usize>i))) return 1;
  for (; i < n; i++) if (load<u8>(valid + <usize>i) != 0) return 1;
  return 0;
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
  const nan = f32x4.splat(f32.NaN), none = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const k = i32x4.extend_low_i16x8_u(v128.load64_zero(count + ((<usize>i) << 1)));
    const at = sum + ((<usize>i) << 3);
    const low = f64x2.div(v128.load(at), f64x2.convert_low_i32x4_u(k));
    const high = f64x2.div(v128.load(at + 16), f64x2.convert_low_i32x4_u(v128.shuffle<i32>(k, k, 2, 3, 2, 3)));
    const mean = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    v128.store(out + ((<usize>i) << 2), v128.bitselect(nan, mean, i32x4.eq(k, none)));
  }
  for (; i < n; i++) {
    const k = load<u16>(count + ((<usize>i) << 1));
    store<f32>(out + ((<usize>i) << 2), k == 0 ? f32.NaN : <f32>(load<f64>(sum + ((<usize>i) << 3)) / <f64>k));
  }
}

export function sum16(ptr: usize, n: i32): f64 {
  let sum: u64 = 0;
  for (let i = 0; i < n; i++) sum += load<u16>(ptr + ((<usize>i) << 1));
  return <f64>sum;
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
  const one = f64x2.splat(1), nan = f32x4.splat(f32.NaN), none = f64x2.splat(0);
  for (let r = 0; r < outRows; r++) {
    const high = (r << 1) + 1 < rows ? 2 : 1;
    let c = 0;
    // Two at a time where all four are there: upper left, upper right, lower left, lower right.
    for (; high == 2 && (c << 1) + 4 <= cols; c += 2) {
      const at = src + ((<usize>((r << 1) * srcStride + (c << 1))) << 2);
      const top = v128.load(at), low = v128.load(at + ((<usize>srcStride) << 2));
      const p = f64x2.promote_low_f32x4(v128.shuffle<f32>(top, top, 0, 2, 0, 2)), q = f64x2.promote_low_f32x4(v128.shuffle<f32>(top, top, 1, 3, 1, 3));
      const s = f64x2.promote_low_f32x4(v128.shuffle<f32>(low, low, 0, 2, 0, 2)), t = f64x2.promote_low_f32x4(v128.shuffle<f32>(low, low, 1, 3, 1, 3));
      const mp = f64x2.eq(p, p), mq = f64x2.eq(q, q), ms = f64x2.eq(s, s), mt = f64x2.eq(t, t);
      const sum = f64x2.add(f64x2.add(f64x2.add(v128.and(p, mp), v128.and(q, mq)), v128.and(s, ms)), v128.and(t, mt));
      const n = f64x2.add(f64x2.add(v128.and(one, mp), v128.and(one, mq)), f64x2.add(v128.and(one, ms), v128.and(one, mt)));
      const mean = f32x4.demote_f64x2_zero(f64x2.div(sum, n));
      const empty = f64x2.eq(n, none);
      v128.store64_lane(dst + ((<usize>(r * dstStride + c)) << 2), v128.bitselect(nan, mean, v128.shuffle<i32>(empty, empty, 0, 2, 0, 2)), 0);
    }
    for (; c < outCols; c++) {
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
    // From the right, so that each difference sees its untouched left neighbour.
    let x = cols - 8;
    for (; x >= 1; x -= 8) {
      const at = row + ((<usize>x) << 1);
      v128.store(at, i16x8.sub(v128.load(at), v128.load(at - 2)));
    }
    for (x += 7; x >= 1; x--) {
      const at = row + ((<usize>x) << 1);
      store<u16>(at, load<u16>(at) - load<u16>(at - 2));
    }
  }
}
