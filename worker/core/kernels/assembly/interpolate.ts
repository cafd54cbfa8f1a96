// Bilinear and cubic sampling of a window at the centres of output pixels.
import { SNAP } from "./constants";

// @ts-ignore: decorator
@inline
function at(src: usize, stride: i32, col: i32, row: i32): usize {
  return src + ((<usize>(row * stride + col)) << 2);
}

// The four pixels around the centre that lie in the window and are valid, their weights renormalised.
function bilinear(src: usize, stride: i32, cols: i32, rows: i32, i: i32, j: i32, dx: f64, dy: f64): f32 {
  let sum: f64 = 0, weight: f64 = 0;
  for (let row = 0; row < 2; row++) {
    if (j + row < 0 || j + row >= rows) continue;
    const h: f64 = row ? dy : 1.0 - dy;
    for (let col = 0; col < 2; col++) {
      if (i + col < 0 || i + col >= cols) continue;
      const v = <f64>load<f32>(at(src, stride, i + col, j + row));
      if (v != v) continue;
      const w: f64 = (col ? dx : 1.0 - dx) * h;
      sum += v * w;
      weight += w;
    }
  }
  return weight > 0 ? <f32>(sum / weight) : f32.NaN;
}

// Sixteen pixels from (i - 1, j - 1) on; NaN where one of them is.
function cubic(src: usize, stride: i32, i: i32, j: i32, dx: f64, dy: f64): f32 {
  const hx = 0.5 * dx, hx2 = hx * dx, hy = 0.5 * dy, hy2 = hy * dy;
  const left = f64x2(hx * (-1.0 + dx * (2.0 - dx)), 1.0 + hx2 * (-5.0 + 3.0 * dx));
  const right = f64x2(hx * (1.0 + dx * (4.0 - 3.0 * dx)), hx2 * (-1.0 + dx));
  const strideBytes = (<usize>stride) << 2;
  const p = at(src, stride, i - 1, j - 1), q = p + strideBytes, r = q + strideBytes, s = r + strideBytes;
  const a = f64x2.splat(hy * (-1.0 + dy * (2.0 - dy))), b = f64x2.splat(1.0 + hy2 * (-5.0 + 3.0 * dy));
  const c = f64x2.splat(hy * (1.0 + dy * (4.0 - 3.0 * dy))), d = f64x2.splat(hy2 * (-1.0 + dy));
  const low = f64x2.add(
    f64x2.add(
      f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p)), a), f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(q)), b)),
      f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(r)), c),
    ),
    f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(s)), d),
  );
  const high = f64x2.add(
    f64x2.add(
      f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p + 8)), a), f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(q + 8)), b)),
      f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(r + 8)), c),
    ),
    f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(s + 8)), d),
  );
  const sums = f64x2.add(f64x2.mul(low, left), f64x2.mul(high, right));
  return <f32>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
}

export function interpolate(
  method: i32, src: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32,
  xys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dst: usize, dstStride: i32, cols: i32, rows: i32, centerCols: i32, valid: usize,
): void {
  const left = <f64>firstCol, top = <f64>firstRow, right = <f64>(firstCol + srcCols), bottom = <f64>(firstRow + srcRows);
  for (let r = 0; r < rows; r++) {
    let from = xys + ((<usize>(r * centerCols)) << 4);
    const to = dst + ((<usize>(r * dstStride)) << 2);
    for (let c = 0; c < cols; c++, from += 16) {
      let value = f32.NaN;
      if (valid == 0 || load<u8>(valid + <usize>(r * dstStride + c)) != 0) {
        const x = (load<f64>(from) - originX) * perX, y = (load<f64>(from + 8) - originY) * perY;
        const px = Math.floor(x + SNAP), py = Math.floor(y + SNAP);
        // All comparisons are false where a coordinate is NaN.
        if (px >= left && px < right && py >= top && py < bottom) {
          const holder = load<f32>(at(src, srcStride, <i32>px - firstCol, <i32>py - firstRow));
          if (holder == holder) {
            const cx = Math.floor(x - 0.5 + SNAP), cy = Math.floor(y - 0.5 + SNAP);
            const dx = Math.max(0.0, x - 0.5 - cx), dy = Math.max(0.0, y - 0.5 - cy);
            const i = <i32>cx - firstCol, j = <i32>cy - firstRow;
            if (method && i >= 1 && i + 2 < srcCols && j >= 1 && j + 2 < srcRows) value = cubic(src, srcStride, i, j, dx, dy);
            if (value != value) value = bilinear(src, srcStride, srcCols, srcRows, i, j, dx, dy);
          }
        }
      }
      store<f32>(to + ((<usize>c) << 2), value);
    }
  }
}

function bilinearWeight(t: f64): f64 {
  const a = Math.abs(t);
  return a <= 1.0 ? 1.0 - a : 0.0;
}

function cubicWeight(t: f64): f64 {
  const a = Math.abs(t), t2 = t * t;
  if (a <= 1.0) return t2 * (1.5 * a - 2.5) + 1.0;
  return a <= 2.0 ? t2 * (-0.5 * a + 2.5) - 4.0 * a + 2.0 : 0.0;
}

// Weights of the pixels -radius to radius from the centre's cell on.
function fillWeights(out: usize, method: i32, radius: i32, delta: f64, scale: f64): void {
  for (let i = -radius; i <= radius; i++, out += 8) {
    const t = (<f64>i - delta) * scale;
    store<f64>(out, method ? cubicWeight(t) : bilinearWeight(t));
  }
}

export function interpolateWide(
  method: i32, src: usize, srcStride: i32, srcCols: i32, srcRows: i32, firstCol: i32, firstRow: i32,
  xys: usize, originX: f64, perX: f64, originY: f64, perY: f64,
  dst: usize, dstStride: i32, cols: i32, rows: i32, centerCols: i32, valid: usize,
  scaleX: f64, scaleY: f64, radiusX: i32, radiusY: i32, weights: usize,
): void {
  const left = <f64>firstCol, top = <f64>firstRow, right = <f64>(firstCol + srcCols), bottom = <f64>(firstRow + srcRows);
  const weightsY = weights + ((<usize>(2 * radiusX + 1)) << 3);
  for (let r = 0; r < rows; r++) {
    let from = xys + ((<usize>(r * centerCols)) << 4);
    const to = dst + ((<usize>(r * dstStride)) << 2);
    for (let c = 0; c < cols; c++, from += 16) {
      let value = f32.NaN;
      if (valid == 0 || load<u8>(valid + <usize>(r * dstStride + c)) != 0) {
        const x = (load<f64>(from) - originX) * perX, y = (load<f64>(from + 8) - originY) * perY;
        const px = Math.floor(x + SNAP), py = Math.floor(y + SNAP);
        if (px >= left && px < right && py >= top && py < bottom) {
          const holder = load<f32>(at(src, srcStride, <i32>px - firstCol, <i32>py - firstRow));
          if (holder == holder) {
            const cx = Math.floor(x - 0.5 + SNAP), cy = Math.floor(y - 0.5 + SNAP);
            fillWeights(weights, method, radiusX, Math.max(0.0, x - 0.5 - cx), scaleX);
            fillWeights(weightsY, method, radiusY, Math.max(0.0, y - 0.5 - cy), scaleY);
            const i = <i32>cx - firstCol - radiusX, j = <i32>cy - firstRow - radiusY;
            const i0 = i < 0 ? 0 : i, i1 = i + 2 * radiusX + 1 > srcCols ? srcCols : i + 2 * radiusX + 1;
            const j0 = j < 0 ? 0 : j, j1 = j + 2 * radiusY + 1 > srcRows ? srcRows : j + 2 * radiusY + 1;
            let sum: f64 = 0, weight: f64 = 0;
            for (let row = j0; row < j1; row++) {
              let p = at(src, srcStride, i0, row), w = weights + ((<usize>(i0 - i)) << 3);
              let sums = f64x2.splat(0), seen = f64x2.splat(0);
              let col = i0;
              for (; col + 2 <= i1; col += 2, p += 8, w += 16) {
                const v = f64x2.promote_low_f32x4(v128.load64_zero(p)), k = v128.load(w), ok = f64x2.eq(v, v);
                sums = f64x2.add(sums, v128.and(f64x2.mul(v, k), ok));
                seen = f64x2.add(seen, v128.and(k, ok));
              }
              let rowSum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
              let rowWeight = f64x2.extract_lane(seen, 0) + f64x2.extract_lane(seen, 1);
              if (col < i1) {
                const v = <f64>load<f32>(p);
                if (v == v) {
                  rowSum += v * load<f64>(w);
                  rowWeight += load<f64>(w);
                }
              }
              const h = load<f64>(weightsY + ((<usize>(row - j)) << 3));
              sum += rowSum * h;
              weight += rowWeight * h;
            }
            if (weight >= 1e-6) value = <f32>(sum / weight);
          }
        }
      }
      store<f32>(to + ((<usize>c) << 2), value);
    }
  }
}
