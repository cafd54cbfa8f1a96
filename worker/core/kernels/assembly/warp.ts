// From source windows to planes of the output grid.
import { SNAP, THINNEST } from "./constants";

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

// Three rows of four columns, weighted by row.
// @ts-ignore: decorator
@inline
function weighRows(at: usize, strideBytes: usize, h0: v128, h1: v128, h2: v128): v128 {
  const sum = f32x4.add(f32x4.mul(v128.load(at), h0), f32x4.mul(v128.load(at + strideBytes), h1));
  return f32x4.add(sum, f32x4.mul(v128.load(at + strideBytes + strideBytes), h2));
}

// The same with NaN as 0; always three, with weights of 0, since guessing how many for each pixel costs more.
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

// How much of the unit interval from i on lies between low and high, for four pairs of them.
// @ts-ignore: decorator
@inline
function overlap(low: v128, high: v128, i: f32): v128 {
  return f32x4.pmax(f32x4.sub(f32x4.pmin(high, f32x4.splat(i + 1)), f32x4.pmax(low, f32x4.splat(i))), f32x4.splat(0));
}

// The lanes of four pairs of f64 as f32: those of x, and those of y.
// @ts-ignore: decorator
@inline
function pairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
function pixelOf(corner: usize, origin: v128, per: v128): v128 {
  return f64x2.mul(f64x2.sub(v128.load(corner), origin), per);
}

// @ts-ignore: decorator
@inline
function addressIn(src: usize, at: v128, strideBytes: usize): usize {
  return src + <usize>i32x4.extract_lane(at, 2) * strideBytes + (<usize>i32x4.extract_lane(at, 0) << 2);
}

// The sum of each of four boxes: rows, already weighted and added, times the columns' weights.
// @ts-ignore: decorator
@inline
function sumsOfBoxes(a: v128, b: v128, c: v128, d: v128, w0: v128, w1: v128, w2: v128): v128 {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const s0 = v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), s1 = v128.shuffle<f32>(ab, cd, 2, 3, 6, 7);
  const s2 = v128.shuffle<f32>(v128.shuffle<f32>(a, b, 2, 6, 3, 7), v128.shuffle<f32>(c, d, 2, 6, 3, 7), 0, 1, 4, 5);
  return f32x4.add(f32x4.add(f32x4.add(f32x4.mul(s0, w0), f32x4.mul(s2, w2)), f32x4.mul(s1, w1)), f32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function weighTwoRows(at: usize, strideBytes: usize, h0: v128, h1: v128): v128 {
  return f32x4.add(f32x4.mul(v128.load(at), h0), f32x4.mul(v128.load(at + strideBytes), h1));
}

// @ts-ignore: decorator
@inline
function lane0(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 0, 0, 0, 0);
}
// @ts-ignore: decorator
@inline
function lane1(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 1, 1, 1, 1);
}
// @ts-ignore: decorator
@inline
function lane2(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 2, 2, 2);
}
// @ts-ignore: decorator
@inline
function lane3(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 3, 3, 3);
}

// Four pixels side by side whose boxes are small and touch no NaN; does nothing and returns false where it is otherwise. The same numbers as one by one.
// @ts-ignore: decorator
@inline
function averageFour(
  srcA: usize, srcB: usize, strideBytes: usize, corner: usize, cornerStride: usize,
  origin: v128, per: v128, start: v128, stop: v128, toA: usize, toB: usize, wanted: v128,
): bool {
  const snap = f64x2.splat(SNAP), thinnest = f64x2.splat(THINNEST), three = f64x2.splat(3), none = f64x2.splat(0);
  const p0 = pixelOf(corner, origin, per), p1 = pixelOf(corner + 16, origin, per), p2 = pixelOf(corner + 32, origin, per), p3 = pixelOf(corner + 48, origin, per);
  const below = corner + cornerStride;
  const q0 = pixelOf(below + 16, origin, per), q1 = pixelOf(below + 32, origin, per), q2 = pixelOf(below + 48, origin, per), q3 = pixelOf(below + 64, origin, per);
  const low0 = f64x2.pmin(p0, q0), low1 = f64x2.pmin(p1, q1), low2 = f64x2.pmin(p2, q2), low3 = f64x2.pmin(p3, q3);
  const high0 = f64x2.pmax(f64x2.pmax(q0, p0), f64x2.add(low0, thinnest)), high1 = f64x2.pmax(f64x2.pmax(q1, p1), f64x2.add(low1, thinnest));
  const high2 = f64x2.pmax(f64x2.pmax(q2, p2), f64x2.add(low2, thinnest)), high3 = f64x2.pmax(f64x2.pmax(q3, p3), f64x2.add(low3, thinnest));
  const first0 = f64x2.floor(f64x2.add(low0, snap)), first1 = f64x2.floor(f64x2.add(low1, snap));
  const first2 = f64x2.floor(f64x2.add(low2, snap)), first3 = f64x2.floor(f64x2.add(low3, snap));
  const end0 = f64x2.ceil(f64x2.sub(high0, snap)), end1 = f64x2.ceil(f64x2.sub(high1, snap));
  const end2 = f64x2.ceil(f64x2.sub(high2, snap)), end3 = f64x2.ceil(f64x2.sub(high3, snap));
  const n0 = f64x2.sub(end0, first0), n1 = f64x2.sub(end1, first1), n2 = f64x2.sub(end2, first2), n3 = f64x2.sub(end3, first3);
  // All comparisons are false where a coordinate is NaN: then n is.
  const some = v128.and(v128.and(f64x2.gt(n0, none), f64x2.gt(n1, none)), v128.and(f64x2.gt(n2, none), f64x2.gt(n3, none)));
  const small = v128.and(v128.and(f64x2.le(n0, three), f64x2.le(n1, three)), v128.and(f64x2.le(n2, three), f64x2.le(n3, three)));
  const least = f64x2.pmin(f64x2.pmin(first0, first1), f64x2.pmin(first2, first3)), most = f64x2.pmax(f64x2.pmax(end0, end1), f64x2.pmax(end2, end3));
  const inside = v128.and(f64x2.ge(least, start), f64x2.le(most, stop));
  if (!i64x2.all_true(v128.and(v128.and(some, small), inside))) return false;
  const from01 = pairs(f64x2.sub(low0, first0), f64x2.sub(low1, first1)), from23 = pairs(f64x2.sub(low2, first2), f64x2.sub(low3, first3));
  const until01 = pairs(f64x2.pmin(n0, f64x2.sub(high0, first0)), f64x2.pmin(n1, f64x2.sub(high1, first1)));
  const until23 = pairs(f64x2.pmin(n2, f64x2.sub(high2, first2)), f64x2.pmin(n3, f64x2.sub(high3, first3)));
  const fromX = v128.shuffle<f32>(from01, from23, 0, 2, 4, 6), fromY = v128.shuffle<f32>(from01, from23, 1, 3, 5, 7);
  const untilX = v128.shuffle<f32>(until01, until23, 0, 2, 4, 6), untilY = v128.shuffle<f32>(until01, until23, 1, 3, 5, 7);
  const w0 = overlap(fromX, untilX, 0), w1 = overlap(fromX, untilX, 1), w2 = overlap(fromX, untilX, 2);
  const h0 = overlap(fromY, untilY, 0), h1 = overlap(fromY, untilY, 1), h2 = overlap(fromY, untilY, 2);
  // 2^52 more, a whole number's lowest bits are its own.
  const bias = f64x2.sub(f64x2.splat(4503599627370496), start);
  const at0 = addressIn(0, f64x2.add(first0, bias), strideBytes), at1 = addressIn(0, f64x2.add(first1, bias), strideBytes);
  const at2 = addressIn(0, f64x2.add(first2, bias), strideBytes), at3 = addressIn(0, f64x2.add(first3, bias), strideBytes);
  let sumA: v128, sumB: v128;
  const h00 = lane0(h0), h01 = lane1(h0), h02 = lane2(h0), h03 = lane3(h0), h10 = lane0(h1), h11 = lane1(h1), h12 = lane2(h1), h13 = lane3(h1);
  if (!v128.any_true(h2)) {
    sumA = sumsOfBoxes(
      weighTwoRows(srcA + at0, strideBytes, h00, h10), weighTwoRows(srcA + at1, strideBytes, h01, h11),
      weighTwoRows(srcA + at2, strideBytes, h02, h12), weighTwoRows(srcA + at3, strideBytes, h03, h13), w0, w1, w2,
    );
    sumB = sumsOfBoxes(
      weighTwoRows(srcB + at0, strideBytes, h00, h10), weighTwoRows(srcB + at1, strideBytes, h01, h11),
      weighTwoRows(srcB + at2, strideBytes, h02, h12), weighTwoRows(srcB + at3, strideBytes, h03, h13), w0, w1, w2,
    );
  } else {
    const h20 = lane0(h2), h21 = lane1(h2), h22 = lane2(h2), h23 = lane3(h2);
    sumA = sumsOfBoxes(
      weighRows(srcA + at0, strideBytes, h00, h10, h20), weighRows(srcA + at1, strideBytes, h01, h11, h21),
      weighRows(srcA + at2, strideBytes, h02, h12, h22), weighRows(srcA + at3, strideBytes, h03, h13, h23), w0, w1, w2,
    );
    sumB = sumsOfBoxes(
      weighRows(srcB + at0, strideBytes, h00, h10, h20), weighRows(srcB + at1, strideBytes, h01, h11, h21),
      weighRows(srcB + at2, strideBytes, h02, h12, h22), weighRows(srcB + at3, strideBytes, h03, h13, h23), w0, w1, w2,
    );
  }
  // A NaN in a box or beside it: 0 times it is NaN too.
  if (!i32x4.all_true(v128.and(f32x4.eq(sumA, sumA), f32x4.eq(sumB, sumB)))) return false;
  const h = f32x4.add(f32x4.add(h0, h1), h2);
  const weight = f32x4.add(f32x4.add(f32x4.mul(h, w0), f32x4.mul(h, w2)), f32x4.mul(h, w1));
  const nan = f32x4.splat(f32.NaN), keep = v128.and(wanted, f32x4.gt(weight, f32x4.splat(0)));
  v128.store(toA, v128.bitselect(f32x4.div(sumA, weight), nan, keep));
  v128.store(toB, v128.bitselect(f32x4.div(sumB, weight), nan, keep));
  return true;
}

export function averageBoxes(
  srcA: usize, srcB: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32,
  xys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dstA: usize, dstB: usize, dstStride: i32, cols: i32, rows: i32, cornerCols: i32, valid: usize,
): void {
  const cornerStride = (<usize>cornerCols) << 4;
  const strideBytes = (<usize>srcStride) << 2;
  const start = lanes(<f64>firstCol, <f64>firstRow), stop = lanes(<f64>(firstCol + srcCols), <f64>(firstRow + srcRows));
  const origin = lanes(originX, originY), per = lanes(perX, perY), snap = f64x2.splat(SNAP), thinnest = f64x2.splat(THINNEST), three = f64x2.splat(3), none = f64x2.splat(0);
  for (let r = 0; r < rows; r++) {
    let corner = xys + <usize>r * cornerStride;
    const to = (<usize>(r * dstStride)) << 2;
    let c = 0;
    while (c < cols) {
      const upTo = min(c + 4, cols);
      if (upTo - c == 4) {
        const at = to + ((<usize>c) << 2);
        const four: u32 = valid == 0 ? 0x01010101 : load<u32>(valid + <usize>(r * dstStride + c));
        const wanted = i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4.splat(four))), i32x4.splat(0));
        if (four == 0) {
          v128.store(dstA + at, f32x4.splat(f32.NaN));
          v128.store(dstB + at, f32x4.splat(f32.NaN));
        }
        if (four == 0 || averageFour(srcA, srcB, strideBytes, corner, cornerStride, origin, per, start, stop, dstA + at, dstB + at, wanted)) {
          c += 4;
          corner += 64;
          continue;
        }
      }
      for (; c < upTo; c++, corner += 16) {
        let a = f32.NaN, b = f32.NaN;
        if (valid == 0 || load<u8>(valid + <usize>(r * dstStride + c)) != 0) {
          // Lane 0 is x, lane 1 is y.
          const p = f64x2.mul(f64x2.sub(v128.load(corner), origin), per);
          const q = f64x2.mul(f64x2.sub(v128.load(corner + cornerStride + 16), origin), per);
          // In this order low is NaN where p is and high where q is.
          const low = f64x2.pmin(p, q), high = f64x2.pmax(f64x2.pmax(q, p), f64x2.add(low, thinnest));
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
            const sumA = weighValidRows(srcA + at, strideBytes, h0, h1, h2), sumB = weighValidRows(srcB + at, strideBytes, h0, h1, h2);
            const weightA = countRows(srcA + at, strideBytes, h0, h1, h2), weightB = countRows(srcB + at, strideBytes, h0, h1, h2);
            const weight = sumsOfLanes(f32x4.mul(weightA, w), f32x4.mul(weightB, w));
            const mean = f32x4.div(f32x4.add(sumsOfLanes(f32x4.mul(sumA, w), f32x4.mul(sumB, w)), f32x4.splat(0)), weight);
            if (f32x4.extract_lane(weight, 0) > 0) a = f32x4.extract_lane(mean, 0);
            if (f32x4.extract_lane(weight, 2) > 0) b = f32x4.extract_lane(mean, 2);
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
