// Overviews and TIFF predictors applied.

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
