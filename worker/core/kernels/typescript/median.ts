/** The median over a stack of planes. */

const LANES = 16;

export type MedianKernels = {
  /**
   * out (float32) = the median of `count` observations: the middle one, or the mean of the middle two, added in float64; NaN where there is none.
   * `layers`: uint32[layerCount], the addresses of float32 planes, NaN where there is no observation; `offset`: bytes from a plane's address to
   * its first pixel. `count`: uint16[n], how many of a pixel's values are not NaN. `scratch`: float32[layerCount][16]. Up to 15 pixels after the
   * last are read, and not written.
   */
  finishMedian(layers: number, layerCount: number, offset: number, count: number, scratch: number, out: number, n: number): void;
};

export function createMedianKernels(memory: WebAssembly.Memory): MedianKernels {
  return {
    finishMedian(layers, layerCount, offset, count, scratch, out, n) {
      const [u16, u32, f32] = [new Uint16Array(memory.buffer), new Uint32Array(memory.buffer), new Float32Array(memory.buffer)];
      const at = scratch >> 2;
      for (let i = 0; i < n; i += LANES) {
        for (let layer = 0; layer < layerCount; layer++) {
          const from = (u32[(layers >> 2) + layer]! + offset) / 4 + i;
          for (let lane = 0; lane < LANES; lane++) {
            const value = f32[from + lane]!;
            f32[at + layer * LANES + lane] = Number.isNaN(value) ? Infinity : value;
          }
        }
        for (const [low, high] of exchanges(layerCount)) exchangeRows(f32, at + low * LANES, at + high * LANES);
        for (let lane = 0; lane < Math.min(LANES, n - i); lane++) {
          const c = u16[(count >> 1) + i + lane]!;
          const sorted = (rank: number) => f32[at + rank * LANES + lane]!;
          const median = c === 0 ? Number.NaN : (sorted((c - 1) >> 1) + sorted(c >> 1)) / 2;
          // The mean of both infinities is a NaN of whatever kind the processor makes.
          f32[(out >> 2) + i + lane] = Number.isNaN(median) ? Number.NaN : median;
        }
      }
    },
  };
}

function exchangeRows(f32: Float32Array, low: number, high: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const [a, b] = [f32[low + lane]!, f32[high + lane]!];
    // Of equals (0 and -0) each stays where it is.
    if (b < a) [f32[low + lane], f32[high + lane]] = [b, a];
  }
}

/** Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M): which pairs are put in order, one after the other. */
function* exchanges(n: number): Generator<readonly [low: number, high: number]> {
  let top = 1;
  while (top < n) top *= 2;
  for (let p = top >> 1; p > 0; p >>= 1) {
    for (let q = top >> 1, r = 0, d = p; ; d = q - p, q >>= 1, r = p) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) yield [i, i + d];
      if (q === p) break;
    }
  }
}
