// Planes added to accumulators; accumulators made into results.

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
