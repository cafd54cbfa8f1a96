// Planes fused, masked, made into indices.
import { ABSENT } from "./constants";

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

export function dropOutside(plane: usize, n: i32, low: f32, high: f32): void {
  const l = f32x4.splat(low), h = f32x4.splat(high), nan = f32x4.splat(f32.NaN);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = plane + ((<usize>i) << 2);
    const v = v128.load(at);
    v128.store(at, v128.bitselect(nan, v, v128.or(f32x4.lt(v, l), f32x4.gt(v, h))));
  }
  for (; i < n; i++) {
    const at = plane + ((<usize>i) << 2);
    if (outside(load<f32>(at), low, high)) store<f32>(at, f32.NaN);
  }
}

// Four `valid` bytes as masks of 32 bits.
// @ts-ignore: decorator
@inline
function usable4(valid: usize): v128 {
  return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(valid))), i32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function sum4(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

export function normalizedDifference(
  a: usize, b: usize, valid: usize, n: i32, scaleA: f32, offsetA: f32, scaleB: f32, offsetB: f32,
  lowA: f32, highA: f32, lowB: f32, highB: f32, out: usize,
): i32 {
  const sa = f32x4.splat(scaleA), oa = f32x4.splat(offsetA), sb = f32x4.splat(scaleB), ob = f32x4.splat(offsetB);
  const la = f32x4.splat(lowA), ha = f32x4.splat(highA), lb = f32x4.splat(lowB), hb = f32x4.splat(highB);
  const nan = f32x4.splat(f32.NaN);
  let outsides = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const x = v128.load(a + at), y = v128.load(b + at);
    const p = f32x4.add(f32x4.mul(x, sa), oa), q = f32x4.add(f32x4.mul(y, sb), ob);
    const index = f32x4.div(f32x4.sub(p, q), f32x4.add(p, q));
    const ok = usable4(valid + <usize>i);
    const out4 = v128.or(v128.or(f32x4.lt(x, la), f32x4.gt(x, ha)), v128.or(f32x4.lt(y, lb), f32x4.gt(y, hb)));
    // Counted are observations: valid by the flags and with an index.
    outsides = i32x4.sub(outsides, v128.and(v128.and(out4, ok), f32x4.eq(index, index)));
    v128.store(out + at, v128.bitselect(index, nan, ok));
  }
  let count = sum4(outsides);
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const x = load<f32>(a + at), y = load<f32>(b + at);
    const p: f32 = x * scaleA + offsetA, q: f32 = y * scaleB + offsetB;
    const index: f32 = (p - q) / (p + q);
    const ok = load<u8>(valid + <usize>i) != 0;
    if ((outside(x, lowA, highA) || outside(y, lowB, highB)) && ok && index == index) count++;
    store<f32>(out + at, ok ? index : f32.NaN);
  }
  return count;
}

export function scaledBand(a: usize, valid: usize, n: i32, scale: f32, offset: f32, low: f32, high: f32, out: usize): i32 {
  const s = f32x4.splat(scale), o = f32x4.splat(offset), l = f32x4.splat(low), h = f32x4.splat(high), nan = f32x4.splat(f32.NaN);
  let outsides = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const x = v128.load(a + at);
    const ok = usable4(valid + <usize>i);
    outsides = i32x4.sub(outsides, v128.and(v128.or(f32x4.lt(x, l), f32x4.gt(x, h)), ok));
    v128.store(out + at, v128.bitselect(f32x4.add(f32x4.mul(x, s), o), nan, ok));
  }
  let count = sum4(outsides);
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const x = load<f32>(a + at);
    const ok = load<u8>(valid + <usize>i) != 0;
    if (outside(x, low, high) && ok) count++;
    store<f32>(out + at, ok ? x * scale + offset : f32.NaN);
  }
  return count;
}
