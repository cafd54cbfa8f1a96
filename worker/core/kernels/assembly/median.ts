// The median over a stack of planes.

// Pixels sorted side by side: four vectors, so that walking the network costs little beside the comparing.
const LANES = 16;
const ROW: usize = LANES << 2;

// @ts-ignore: decorator
@inline
function exchange(low: usize, high: usize): void {
  const a = v128.load(low), b = v128.load(high);
  v128.store(low, f32x4.pmin(a, b));
  v128.store(high, f32x4.pmax(b, a));
}

// @ts-ignore: decorator
@inline
function exchangeRows(low: usize, high: usize): void {
  exchange(low, high);
  exchange(low + 16, high + 16);
  exchange(low + 32, high + 32);
  exchange(low + 48, high + 48);
}

// Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M): any number of rows.
function sortRows(rows: usize, n: i32): void {
  if (n < 2) return;
  let top = 1;
  while (top < n) top <<= 1;
  top >>= 1;
  for (let p = top; p > 0; p >>= 1) {
    let q = top, r = 0, d = p;
    while (true) {
      for (let i = 0; i < n - d; i++) if ((i & p) == r) exchangeRows(rows + <usize>i * ROW, rows + <usize>(i + d) * ROW);
      if (q == p) break;
      d = q - p;
      q >>= 1;
      r = p;
    }
  }
}

export function finishMedian(layers: usize, layerCount: i32, offset: usize, count: usize, scratch: usize, out: usize, n: i32): void {
  const far = f32x4.splat(f32.POSITIVE_INFINITY);
  for (let i = 0; i < n; i += LANES) {
    for (let l = 0; l < layerCount; l++) {
      const from = <usize>load<u32>(layers + ((<usize>l) << 2)) + offset + ((<usize>i) << 2);
      const to = scratch + <usize>l * ROW;
      for (let k: usize = 0; k < ROW; k += 16) {
        const v = v128.load(from + k);
        v128.store(to + k, v128.bitselect(v, far, f32x4.eq(v, v)));
      }
    }
    sortRows(scratch, layerCount);
    const lanes = n - i < LANES ? n - i : LANES;
    for (let lane = 0; lane < lanes; lane++) {
      const c = <i32>load<u16>(count + ((<usize>(i + lane)) << 1));
      let median = f32.NaN;
      if (c > 0) {
        const low = <f64>load<f32>(scratch + <usize>((c - 1) >> 1) * ROW + ((<usize>lane) << 2));
        const high = <f64>load<f32>(scratch + <usize>(c >> 1) * ROW + ((<usize>lane) << 2));
        const middle = <f32>((low + high) / 2);
        if (middle == middle) median = middle;
      }
      store<f32>(out + ((<usize>(i + lane)) << 2), median);
    }
  }
}
