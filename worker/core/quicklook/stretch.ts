/**
 * Which values the colours span: the 2nd to the 98th percentile, so that a few wild pixels do not flatten the picture.
 */

/** `low < high` but for `empty`. `validShare`: finite values of all, 0 to 1. */
export type Stretch = {
  /** `percentiles`: 2 to 98 %. `range`: minimum to maximum, where these percentiles are one value. `constant`: one value, in the middle. */
  readonly type: "percentiles" | "range" | "constant" | "empty";
  readonly low: number;
  readonly high: number;
  readonly validShare: number;
};

const lowShare = 0.02;
const highShare = 0.98;

/** The stretch of the finite values. */
export function stretchOf(data: Float32Array): Stretch {
  const counts = countByHighHalf(data);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return { type: "empty", low: 0, high: 1, validShare: 0 };
  const at = (share: number): number => valueOfRank(data, counts, Math.round(share * (total - 1)));
  const validShare = total / data.length;
  const [low, high] = [at(lowShare), at(highShare)];
  if (low < high) return { type: "percentiles", low, high, validShare };
  const [least, most] = [at(0), at(1)];
  if (least < most) return { type: "range", low: least, high: most, validShare };
  const margin = Math.abs(low) * 0.1 || 0.1;
  return { type: "constant", low: low - margin, high: low + margin, validShare };
}

/*
 * Percentiles are exact and need no sorting (0.4 s for 4.6 million values, against 0.03 s): a radix selection on the
 * float's bits, turned so that they order as unsigned integers, in two halves of 16 bits.
 */

function countByHighHalf(data: Float32Array): Uint32Array {
  const counts = new Uint32Array(65536);
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    if (isFinite32(word)) counts[orderedBits(word) >>> 16]!++;
  }
  return counts;
}

/** The value with `rank` (0: the least) among the finite ones. `counts` from {@link countByHighHalf}. */
function valueOfRank(data: Float32Array, counts: Uint32Array, rank: number): number {
  const high = bucketOf(counts, rank);
  const lowCounts = new Uint32Array(65536);
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < bits.length; i++) {
    const ordered = orderedBits(bits[i]!);
    if (ordered >>> 16 === high.bucket) lowCounts[ordered & 0xffff]!++;
  }
  const ordered = ((high.bucket << 16) | bucketOf(lowCounts, rank - high.before).bucket) >>> 0;
  return new Float32Array(Uint32Array.of(ordered & 0x80000000 ? ordered ^ 0x80000000 : ~ordered).buffer)[0]!;
}

function bucketOf(counts: Uint32Array, rank: number): { readonly bucket: number; readonly before: number } {
  let before = 0;
  let bucket = 0;
  while (bucket < counts.length - 1 && before + counts[bucket]! <= rank) before += counts[bucket++]!;
  return { bucket, before };
}

/** IEEE 754: an exponent of all ones is an infinity or NaN. */
function isFinite32(bits: number): boolean {
  return (bits & 0x7f800000) !== 0x7f800000;
}

/** Bits that order as unsigned integers the way the floats do: sign flipped for positive ones, all flipped for negative ones. */
function orderedBits(bits: number): number {
  return (bits & 0x80000000 ? ~bits : bits ^ 0x80000000) >>> 0;
}
