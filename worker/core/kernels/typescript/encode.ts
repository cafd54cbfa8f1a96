/** Overviews and TIFF predictors applied. */

export type EncodeKernels = {
  /** Half size (rounded up): the mean of the valid of each 2 x 2, in float64, NaN where none. */
  halveMean(src: number, srcStride: number, cols: number, rows: number, dst: number, dstStride: number): void;
  /** Half size (rounded up): the upper left of each 2 x 2 (uint16). */
  halveNearest16(src: number, srcStride: number, cols: number, rows: number, dst: number, dstStride: number): void;
  /** TIFF predictor 3 (TIFF Technical Note 3) of `rows` rows of `cols` float32, out of place. */
  applyPredictorF32(src: number, rows: number, cols: number, dst: number): void;
  /** TIFF predictor 2 of `rows` rows of `cols` uint16, in place. */
  applyPredictor16(ptr: number, rows: number, cols: number): void;
};

export function createEncodeKernels(memory: WebAssembly.Memory): EncodeKernels {
  const u8 = () => new Uint8Array(memory.buffer);
  const u16 = () => new Uint16Array(memory.buffer);
  const f32s = () => new Float32Array(memory.buffer);
  return {
    halveMean(src, srcStride, cols, rows, dst, dstStride) {
      const v = f32s();
      for (let r = 0; r < (rows + 1) >> 1; r++) {
        for (let c = 0; c < (cols + 1) >> 1; c++) {
          let [sum, count] = [0, 0];
          for (const [y, x] of [
            [2 * r, 2 * c],
            [2 * r, 2 * c + 1],
            [2 * r + 1, 2 * c],
            [2 * r + 1, 2 * c + 1],
          ] as const) {
            const value = y < rows && x < cols ? v[(src >> 2) + y * srcStride + x]! : Number.NaN;
            if (Number.isNaN(value)) continue;
            sum += value;
            count += 1;
          }
          v[(dst >> 2) + r * dstStride + c] = count === 0 ? Number.NaN : sum / count;
        }
      }
    },
    halveNearest16(src, srcStride, cols, rows, dst, dstStride) {
      const v = u16();
      for (let r = 0; r < (rows + 1) >> 1; r++)
        for (let c = 0; c < (cols + 1) >> 1; c++) v[(dst >> 1) + r * dstStride + c] = v[(src >> 1) + 2 * r * srcStride + 2 * c]!;
    },
    applyPredictorF32(src, rows, cols, dst) {
      const bytes = u8();
      for (let y = 0; y < rows; y++) {
        const to = dst + y * cols * 4;
        for (let x = 0; x < cols; x++)
          for (let plane = 0; plane < 4; plane++) bytes[to + plane * cols + x] = bytes[src + (y * cols + x) * 4 + (3 - plane)]!;
        for (let i = cols * 4 - 1; i >= 1; i--) bytes[to + i]! -= bytes[to + i - 1]!;
      }
    },
    applyPredictor16(ptr, rows, cols) {
      const v = u16();
      for (let y = 0; y < rows; y++) for (let x = cols - 1; x >= 1; x--) v[(ptr >> 1) + y * cols + x]! -= v[(ptr >> 1) + y * cols + x - 1]!;
    },
  };
}
