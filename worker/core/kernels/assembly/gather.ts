// From stored numbers to windows of 32-bit elements.
import { ABSENT } from "./constants";

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

// Floats: a nodata is what the type makes of it, and whatever is not finite as float32 becomes the one NaN (x - x is 0 of finite numbers only).
export function gatherF32FromF32(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  const missing = <f32>nodata;
  for (let y = 0; y < rows; y++) {
    const from = src + ((<usize>(y * srcStride)) << 2);
    const to = dst + ((<usize>(y * dstStride)) << 2);
    for (let x = 0; x < cols; x++) {
      const v = load<f32>(from + ((<usize>x) << 2));
      store<f32>(to + ((<usize>x) << 2), v == missing || v - v != 0 ? f32.NaN : v);
    }
  }
}
export function gatherF32FromF64(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, nodata: f64): void {
  for (let y = 0; y < rows; y++) {
    const from = src + ((<usize>(y * srcStride)) << 3);
    const to = dst + ((<usize>(y * dstStride)) << 2);
    for (let x = 0; x < cols; x++) {
      const v = load<f64>(from + ((<usize>x) << 3));
      const narrow = <f32>v;
      store<f32>(to + ((<usize>x) << 2), v == nodata || narrow - narrow != 0 ? f32.NaN : narrow);
    }
  }
}

// uint8 validity over a window of 32-bit elements: 0 makes an element absent.
export function clearMasked(src: usize, srcStride: i32, dst: usize, dstStride: i32, cols: i32, rows: i32, absent: u32): void {
  for (let y = 0; y < rows; y++) {
    const from = src + <usize>(y * srcStride);
    const to = dst + ((<usize>(y * dstStride)) << 2);
    for (let x = 0; x < cols; x++) if (load<u8>(from + <usize>x) == 0) store<u32>(to + ((<usize>x) << 2), absent);
  }
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
