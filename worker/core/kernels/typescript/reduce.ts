/** Planes added to accumulators; accumulators made into results. */

export type ReduceKernels = {
  /** sum (float64) += value and count (uint16) += 1 where the value is not NaN. */
  accumulateSum(values: number, sum: number, count: number, n: number): void;
  /** out (float32) = sum / count, NaN where the count is 0. */
  finishMean(sum: number, count: number, out: number, n: number): void;
  /** The sum of n uint16. */
  sum16(ptr: number, n: number): number;
  /** out: float64[4] = min, max, sum and number of the values that are not NaN, added in row-major order. */
  statistics(values: number, stride: number, cols: number, rows: number, out: number): void;
};

export function createReduceKernels(memory: WebAssembly.Memory): ReduceKernels {
  const u16 = () => new Uint16Array(memory.buffer);
  const f32s = () => new Float32Array(memory.buffer);
  const f64s = () => new Float64Array(memory.buffer);
  return {
    accumulateSum(values, sum, count, n) {
      const [v, s, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) {
        const value = v[(values >> 2) + i]!;
        if (Number.isNaN(value)) continue;
        s[(sum >> 3) + i]! += value;
        c[(count >> 1) + i]! += 1;
      }
    },
    finishMean(sum, count, out, n) {
      const [v, s, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) v[(out >> 2) + i] = c[(count >> 1) + i] === 0 ? Number.NaN : s[(sum >> 3) + i]! / c[(count >> 1) + i]!;
    },
    sum16(ptr, n) {
      return u16()
        .subarray(ptr >> 1, (ptr >> 1) + n)
        .reduce((sum, value) => sum + value, 0);
    },
    statistics(values, stride, cols, rows, out) {
      const [v, o] = [f32s(), f64s()];
      let [low, high, sum, count] = [Number.MAX_VALUE, -Number.MAX_VALUE, 0, 0];
      for (let i = 0; i < rows * cols; i++) {
        const value = v[(values >> 2) + Math.floor(i / cols) * stride + (i % cols)]!;
        if (Number.isNaN(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
        sum += value;
        count += 1;
      }
      o.set([low, high, sum, count], out >> 3);
    },
  };
}
