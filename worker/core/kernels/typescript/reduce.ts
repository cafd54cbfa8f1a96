/** Planes added to accumulators; accumulators made into results. */

export type ReduceKernels = {
  /** sum (float64) += value and count (uint16) += 1 where the value is not NaN. */
  accumulateSum(values: number, sum: number, count: number, n: number): void;
  /** count += 1 where the value is not NaN. */
  accumulateCount(values: number, count: number, n: number): void;
  /** least (float32, NaN at first) = the smaller, count += 1, where the value is not NaN. */
  accumulateMin(values: number, least: number, count: number, n: number): void;
  /** most (float32, NaN at first) = the larger, count += 1, where the value is not NaN. */
  accumulateMax(values: number, most: number, count: number, n: number): void;
  /**
   * Mean and sum of squared differences from it (both float64), one value on; count += 1; where the value is not NaN. B. P. Welford, "Note on a
   * method for calculating corrected sums of squares and products", Technometrics 4 (1962): unlike sums of x and x squared it loses nothing where
   * the mean is large against the spread.
   */
  accumulateMoments(values: number, mean: number, squares: number, count: number, n: number): void;
  /** Copies the values to a layer of a stack (float32); count += 1 where the value is not NaN. */
  accumulateLayer(values: number, layer: number, count: number, n: number): void;
  /** out (float32) = sum / count, NaN where the count is 0. */
  finishMean(sum: number, count: number, out: number, n: number): void;
  /** out (float32) = sqrt(squares / count), the standard deviation with ddof 0; NaN where the count is 0. */
  finishStd(squares: number, count: number, out: number, n: number): void;
  /** out (float32) = count. */
  finishCount(count: number, out: number, n: number): void;
  /** The sum of n uint16. */
  sum16(ptr: number, n: number): number;
  /** out: float64[4] = min, max, sum and number of the values that are not NaN, added in row-major order. */
  statistics(values: number, stride: number, cols: number, rows: number, out: number): void;
};

export function createReduceKernels(memory: WebAssembly.Memory): ReduceKernels {
  const u16 = () => new Uint16Array(memory.buffer);
  const f32s = () => new Float32Array(memory.buffer);
  const f64s = () => new Float64Array(memory.buffer);
  const countIn = (values: number, count: number, n: number): void => {
    const [v, c] = [f32s(), u16()];
    for (let i = 0; i < n; i++) if (!Number.isNaN(v[(values >> 2) + i]!)) c[(count >> 1) + i]! += 1;
  };
  /** Values that are not NaN go to `kept` where they are better, or the first; their bits are kept. */
  const keep = (values: number, kept: number, n: number, better: (value: number, kept: number) => boolean): void => {
    const v = f32s();
    for (let i = 0; i < n; i++) {
      const [value, old] = [v[(values >> 2) + i]!, v[(kept >> 2) + i]!];
      if (better(value, old) || (Number.isNaN(old) && !Number.isNaN(value))) v[(kept >> 2) + i] = value;
    }
  };
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
    accumulateCount: countIn,
    accumulateMin(values, least, count, n) {
      keep(values, least, n, (value, kept) => value < kept);
      countIn(values, count, n);
    },
    accumulateMax(values, most, count, n) {
      keep(values, most, n, (value, kept) => value > kept);
      countIn(values, count, n);
    },
    accumulateMoments(values, mean, squares, count, n) {
      countIn(values, count, n);
      const [v, f, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) {
        const value = v[(values >> 2) + i]!;
        if (Number.isNaN(value)) continue;
        const before = value - f[(mean >> 3) + i]!;
        const next = f[(mean >> 3) + i]! + before / c[(count >> 1) + i]!;
        f[(mean >> 3) + i] = next;
        f[(squares >> 3) + i]! += before * (value - next);
      }
    },
    accumulateLayer(values, layer, count, n) {
      new Uint8Array(memory.buffer).copyWithin(layer, values, values + n * 4);
      countIn(values, count, n);
    },
    finishMean(sum, count, out, n) {
      const [v, s, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) v[(out >> 2) + i] = oneNaN(s[(sum >> 3) + i]! / c[(count >> 1) + i]!);
    },
    finishStd(squares, count, out, n) {
      const [v, s, c] = [f32s(), f64s(), u16()];
      for (let i = 0; i < n; i++) v[(out >> 2) + i] = oneNaN(Math.sqrt(s[(squares >> 3) + i]! / c[(count >> 1) + i]!));
    },
    finishCount(count, out, n) {
      const [v, c] = [f32s(), u16()];
      for (let i = 0; i < n; i++) v[(out >> 2) + i] = c[(count >> 1) + i]!;
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

/** 0/0 is a NaN with its sign set on x64 and not on arm64: the images hold one kind. */
function oneNaN(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value;
}
