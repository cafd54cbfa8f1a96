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

// Counts of four more where `ok`.
// @ts-ignore: decorator
@inline
function count4(count: usize, ok: v128): void {
  v128.store64_lane(count, i16x8.sub(v128.load64_zero(count), i16x8.narrow_i32x4_s(ok, ok)), 0);
}

// @ts-ignore: decorator
@inline
function count1(count: usize): void {
  store<u16>(count, load<u16>(count) + 1);
}

export function accumulateCount(values: usize, count: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + ((<usize>i) << 2));
    count4(count + ((<usize>i) << 1), f32x4.eq(v, v));
  }
  for (; i < n; i++) {
    const v = load<f32>(values + ((<usize>i) << 2));
    if (v == v) count1(count + ((<usize>i) << 1));
  }
}

export function accumulateMin(values: usize, least: usize, count: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const v = v128.load(values + at), m = v128.load(least + at);
    const ok = f32x4.eq(v, v);
    v128.store(least + at, v128.bitselect(v, m, v128.and(ok, v128.or(f32x4.lt(v, m), f32x4.ne(m, m)))));
    count4(count + ((<usize>i) << 1), ok);
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const v = load<f32>(values + at), m = load<f32>(least + at);
    if (v != v) continue;
    if (v < m || m != m) store<f32>(least + at, v);
    count1(count + ((<usize>i) << 1));
  }
}

export function accumulateMax(values: usize, most: usize, count: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const v = v128.load(values + at), m = v128.load(most + at);
    const ok = f32x4.eq(v, v);
    v128.store(most + at, v128.bitselect(v, m, v128.and(ok, v128.or(f32x4.gt(v, m), f32x4.ne(m, m)))));
    count4(count + ((<usize>i) << 1), ok);
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const v = load<f32>(values + at), m = load<f32>(most + at);
    if (v != v) continue;
    if (v > m || m != m) store<f32>(most + at, v);
    count1(count + ((<usize>i) << 1));
  }
}

// Two pixels of Welford's recurrence; `ok` as masks of 64 bits, `k` the counts with the value, as float64.
// @ts-ignore: decorator
@inline
function welford2(mean: usize, squares: usize, v: v128, ok: v128, k: v128): void {
  const m = v128.load(mean);
  const before = f64x2.sub(v, m);
  const next = f64x2.add(m, f64x2.div(before, k));
  const s = v128.load(squares);
  v128.store(mean, v128.bitselect(next, m, ok));
  v128.store(squares, v128.bitselect(f64x2.add(s, f64x2.mul(before, f64x2.sub(v, next))), s, ok));
}

export function accumulateMoments(values: usize, mean: usize, squares: usize, count: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + ((<usize>i) << 2));
    const ok = f32x4.eq(v, v);
    const at = (<usize>i) << 3;
    count4(count + ((<usize>i) << 1), ok);
    const k = i32x4.extend_low_i16x8_u(v128.load64_zero(count + ((<usize>i) << 1)));
    welford2(mean + at, squares + at, f64x2.promote_low_f32x4(v), v128.shuffle<i32>(ok, ok, 0, 0, 1, 1), f64x2.convert_low_i32x4_u(k));
    const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
    const kHigh = f64x2.convert_low_i32x4_u(v128.shuffle<i32>(k, k, 2, 3, 2, 3));
    welford2(mean + at + 16, squares + at + 16, high, v128.shuffle<i32>(ok, ok, 2, 2, 3, 3), kHigh);
  }
  for (; i < n; i++) {
    const v = <f64>load<f32>(values + ((<usize>i) << 2));
    if (v != v) continue;
    const at = (<usize>i) << 3, c = count + ((<usize>i) << 1);
    count1(c);
    const m = load<f64>(mean + at);
    const before = v - m;
    const next = m + before / <f64>load<u16>(c);
    store<f64>(mean + at, next);
    store<f64>(squares + at, load<f64>(squares + at) + before * (v - next));
  }
}

export function accumulateLayer(values: usize, layer: usize, count: usize, n: i32): void {
  memory.copy(layer, values, (<usize>n) << 2);
  accumulateCount(values, count, n);
}

export function finishMean(sum: usize, count: usize, out: usize, n: i32): void {
  const nan = f32x4.splat(f32.NaN);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const k = i32x4.extend_low_i16x8_u(v128.load64_zero(count + ((<usize>i) << 1)));
    const at = sum + ((<usize>i) << 3);
    const low = f64x2.div(v128.load(at), f64x2.convert_low_i32x4_u(k));
    const high = f64x2.div(v128.load(at + 16), f64x2.convert_low_i32x4_u(v128.shuffle<i32>(k, k, 2, 3, 2, 3)));
    const mean = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    // 0/0, and the sum of both infinities: NaN of one kind, whatever the processor makes.
    v128.store(out + ((<usize>i) << 2), v128.bitselect(mean, nan, f32x4.eq(mean, mean)));
  }
  for (; i < n; i++) {
    const k = load<u16>(count + ((<usize>i) << 1));
    const mean = <f32>(load<f64>(sum + ((<usize>i) << 3)) / <f64>k);
    store<f32>(out + ((<usize>i) << 2), mean == mean ? mean : f32.NaN);
  }
}

export function finishStd(squares: usize, count: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const std = <f32>Math.sqrt(load<f64>(squares + ((<usize>i) << 3)) / <f64>load<u16>(count + ((<usize>i) << 1)));
    store<f32>(out + ((<usize>i) << 2), std == std ? std : f32.NaN);
  }
}

export function finishCount(count: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<f32>(out + ((<usize>i) << 2), <f32>load<u16>(count + ((<usize>i) << 1)));
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
