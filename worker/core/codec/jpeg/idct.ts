/**
 * libjpeg's accurate integer inverse DCT (jidctint.c of release 9), bit for bit: 8 x 8 samples, or 16 across, down or both, which is how it scales
 * subsampled colours up. So a JPEG block has the very samples that rasterio's GDAL reads; libjpeg-turbo, which other GDALs have, smooths colours instead.
 */

// Constants of the 8-point kernel: 0.298631336 and so on, in 13 bits.
const F0298 = 2446;
const F0390 = 3196;
const F0541 = 4433;
const F0765 = 6270;
const F0899 = 7373;
const F1175 = 9633;
const F1501 = 12299;
const F1847 = 15137;
const F1961 = 16069;
const F2053 = 16819;
const F2562 = 20995;
const F3072 = 25172;

// Those of the 16-point kernel.
const G13065 = 10703;
const G02758 = 2260;
const G13870 = 11363;
const G06013 = 4926;
const G05097 = 4176;
const G13533 = 11086;
const G12472 = 10217;
const G10932 = 8956;
const G08971 = 7350;
const G06666 = 5461;
const G04105 = 3363;
const G22863 = 18730;
const G18357 = 15038;
const G01386 = 1136;
const G00718 = 589;
const G11257 = 9222;
const G14074 = 11529;
const G07663 = 6278;
const G19719 = 16154;
const G10653 = 8728;
const G31412 = 25733;

/** 8 x 8 coefficients, then up to 16 rows of 8. */
const work = new Int32Array(8 * 16);
const line = new Int32Array(16);

/** The 8-point kernel on numbers `step` apart, to `line`, scaled down by `shift` bits. */
function eight(from: Int32Array, at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1);
  const s0 = from[at]!;
  const s1 = from[at + step]!;
  const s2 = from[at + 2 * step]!;
  const s3 = from[at + 3 * step]!;
  const s4 = from[at + 4 * step]!;
  const s5 = from[at + 5 * step]!;
  const s6 = from[at + 6 * step]!;
  const s7 = from[at + 7 * step]!;
  const even = Math.imul(s2 + s6, F0541);
  const t2 = even - Math.imul(s6, F1847);
  const t3 = even + Math.imul(s2, F0765);
  const t0 = (s0 + s4) << 13;
  const t1 = (s0 - s4) << 13;
  const t10 = t0 + t3 + half;
  const t13 = t0 - t3 + half;
  const t11 = t1 + t2 + half;
  const t12 = t1 - t2 + half;
  const z5 = Math.imul(s7 + s3 + s5 + s1, F1175);
  const z1 = -Math.imul(s7 + s1, F0899);
  const z2 = -Math.imul(s5 + s3, F2562);
  const z3 = z5 - Math.imul(s7 + s3, F1961);
  const z4 = z5 - Math.imul(s5 + s1, F0390);
  const u0 = Math.imul(s7, F0298) + z1 + z3;
  const u1 = Math.imul(s5, F2053) + z2 + z4;
  const u2 = Math.imul(s3, F3072) + z2 + z3;
  const u3 = Math.imul(s1, F1501) + z1 + z4;
  line[0] = (t10 + u3) >> shift;
  line[7] = (t10 - u3) >> shift;
  line[1] = (t11 + u2) >> shift;
  line[6] = (t11 - u2) >> shift;
  line[2] = (t12 + u1) >> shift;
  line[5] = (t12 - u1) >> shift;
  line[3] = (t13 + u0) >> shift;
  line[4] = (t13 - u0) >> shift;
}

/** The 16-point kernel on 8 numbers `step` apart, to `line`. */
function sixteen(from: Int32Array, at: number, step: number, shift: number): void {
  const s0 = (from[at]! << 13) + (1 << (shift - 1));
  const s4 = from[at + 4 * step]!;
  const [t10, t11] = [s0 + Math.imul(s4, G13065), s0 - Math.imul(s4, G13065)];
  const [t12, t13] = [s0 + Math.imul(s4, F0541), s0 - Math.imul(s4, F0541)];
  const s2 = from[at + 2 * step]!;
  const s6 = from[at + 6 * step]!;
  const low = Math.imul(s2 - s6, G02758);
  const high = Math.imul(s2 - s6, G13870);
  const e0 = high + Math.imul(s6, F2562);
  const e1 = low + Math.imul(s2, F0899);
  const e2 = high - Math.imul(s2, G06013);
  const e3 = low - Math.imul(s6, G05097);
  const s1 = from[at + step]!;
  const s3 = from[at + 3 * step]!;
  const s5 = from[at + 5 * step]!;
  const s7 = from[at + 7 * step]!;
  const a = Math.imul(s3 + s5, G01386);
  const b = Math.imul(s5 - s3, G14074);
  const c = -Math.imul(s3 + s7, G06666);
  const d = -Math.imul(s3 + s7, G12472);
  const e = -Math.imul(s5 + s7, G13533);
  const f = Math.imul(s7 - s5, G04105);
  const p1 = Math.imul(s1 + s3, G13533);
  const p2 = Math.imul(s1 + s5, G12472);
  const p3 = Math.imul(s1 + s7, G10932);
  const p4 = Math.imul(s1 - s7, G08971);
  const p5 = Math.imul(s1 + s5, G06666);
  const p6 = Math.imul(s1 - s3, G04105);
  put(0, t10 + e0, p1 + p2 + p3 - Math.imul(s1, G22863), shift);
  put(1, t12 + e1, p1 + a + Math.imul(s3, G00718) + c, shift);
  put(2, t13 + e2, p2 + a - Math.imul(s5, G11257) + e, shift);
  put(3, t11 + e3, p3 + c + Math.imul(s7, G10653) + e, shift);
  put(4, t11 - e3, p4 + d + Math.imul(s7, G31412) + f, shift);
  put(5, t13 - e2, p5 + b - Math.imul(s5, G07663) + f, shift);
  put(6, t12 - e1, p6 + b + Math.imul(s3, G19719) + d, shift);
  put(7, t10 - e0, p4 + p5 + p6 - Math.imul(s1, G18357), shift);
}

function put(i: number, even: number, odd: number, shift: number): void {
  line[i] = (even + odd) >> shift;
  line[15 - i] = (even - odd) >> shift;
}

/** Where samples go: the place of the first, and from row to row. */
export type SamplePlace = { readonly out: Uint8Array; readonly at: number; readonly stride: number };

/** Dequantizes the 64 coefficients at `from` (row by row) and writes 8 or 16 rows of 8 or 16 samples of 0 to 255. */
export function inverseDct(
  coefficients: Int16Array,
  from: number,
  quantizers: Uint16Array,
  scale: { readonly across: 1 | 2; readonly down: 1 | 2 },
  { out, at, stride }: SamplePlace,
): void {
  const [rows, cols] = [8 * scale.down, 8 * scale.across];
  for (let i = 0; i < 64; i++) work[i] = coefficients[from + i]! * quantizers[i]!;
  // In place, rows from 8 on come after what is still to be read of other columns' first eight.
  for (let col = 0; col < 8; col++) {
    if (scale.down === 2) sixteen(work, col, 8, 11);
    else eight(work, col, 8, 11);
    for (let row = 0; row < rows; row++) work[row * 8 + col] = line[row]!;
  }
  for (let row = 0; row < rows; row++) {
    if (scale.across === 2) sixteen(work, row * 8, 1, 18);
    else eight(work, row * 8, 1, 18);
    for (let col = 0; col < cols; col++) {
      const sample = line[col]! + 128;
      out[at + row * stride + col] = sample < 0 ? 0 : sample > 255 ? 255 : sample;
    }
  }
}
