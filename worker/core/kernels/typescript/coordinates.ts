/** Coordinates of output pixels, and their bounds. */

export type CoordinateKernels = {
  /**
   * One output row of coordinates by biquadratic interpolation. `nodes`: float64[..][nodeCols][x, y]; r0..r2 weigh node rows
   * nodeRow..nodeRow+2; `starts`: int32[cols], each column's left node; `basis`: float64[cols][3], its column weights; `out`:
   * float64[cols][x, y].
   */
  interpolateRow(
    nodes: number,
    nodeCols: number,
    nodeRow: number,
    r0: number,
    r1: number,
    r2: number,
    starts: number,
    basis: number,
    out: number,
    cols: number,
  ): void;
  /** `xys`: float64[n][x, y]; out: float64[4] = min x, min y, max x, max y, NaN passed over; min > max where all are NaN. */
  coordinateBounds(xys: number, n: number, out: number): void;
};

export function createCoordinateKernels(memory: WebAssembly.Memory): CoordinateKernels {
  const f64s = () => new Float64Array(memory.buffer);
  return {
    interpolateRow(nodes, nodeCols, nodeRow, r0, r1, r2, starts, basis, out, cols) {
      const f = f64s();
      const start = new Int32Array(memory.buffer);
      const column = (at: number) => f[at]! * r0 + f[at + 2 * nodeCols]! * r1 + f[at + 4 * nodeCols]! * r2;
      for (let c = 0; c < cols; c++) {
        const at = (nodes >> 3) + 2 * (nodeRow * nodeCols + start[(starts >> 2) + c]!);
        const b = (basis >> 3) + 3 * c;
        for (const axis of [0, 1]) {
          f[(out >> 3) + 2 * c + axis] = column(at + axis) * f[b]! + column(at + 2 + axis) * f[b + 1]! + column(at + 4 + axis) * f[b + 2]!;
        }
      }
    },
    coordinateBounds(xys, n, out) {
      const f = f64s();
      const bounds = [Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, -Number.MAX_VALUE];
      for (let i = 0; i < 2 * n; i++) {
        const v = f[(xys >> 3) + i]!;
        const axis = i & 1;
        if (v < bounds[axis]!) bounds[axis] = v;
        if (v > bounds[2 + axis]!) bounds[2 + axis] = v;
      }
      f.set(bounds, out >> 3);
    },
  };
}
