// Coordinates of output pixels, and their bounds.

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
