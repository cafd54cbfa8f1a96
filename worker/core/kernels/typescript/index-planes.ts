/** Planes fused, masked, made into indices. */
import { ABSENT_FLAGS, NAN_BITS } from "../kernel-constants.ts";

const f32 = Math.fround;

export type IndexPlaneKernels = {
  /** First not-nodata wins: NaN elements of `dst` are taken from `src`. */
  fuseF32(dst: number, src: number, n: number): void;
  /** First not-nodata wins: absent elements of `dst` are taken from `src`. */
  fuseFlags(dst: number, src: number, n: number): void;
  /** valid = table[flags] (first = 1), or valid &= table[flags]; `table`: uint8[65537], the last for ABSENT_FLAGS. */
  maskByTable(flags: number, table: number, valid: number, n: number, first: number): void;
  /** 1 where any of n `valid` bytes is not 0, else 0. */
  anyValid(valid: number, n: number): number;
  /** Elements outside [low, high] become NaN: no observation. */
  dropOutside(plane: number, n: number, low: number, high: number): void;
  /**
   * out = (p - q) / (p + q) in float32 with p = scale * a + offset (two roundings), NaN where not valid or 0/0. Returns how many
   * observations (valid, with an index) have a stored number outside [low, high].
   */
  normalizedDifference(
    a: number,
    b: number,
    valid: number,
    n: number,
    scaleA: number,
    offsetA: number,
    scaleB: number,
    offsetB: number,
    lowA: number,
    highA: number,
    lowB: number,
    highB: number,
    out: number,
  ): number;
  /** out = scale * a + offset in float32 (two roundings), NaN where not valid. Returns how many valid stored numbers lie outside [low, high]. */
  scaledBand(a: number, valid: number, n: number, scale: number, offset: number, low: number, high: number, out: number): number;
};

export function createIndexPlaneKernels(memory: WebAssembly.Memory): IndexPlaneKernels {
  const u8 = () => new Uint8Array(memory.buffer);
  const u32 = () => new Uint32Array(memory.buffer);
  const f32s = () => new Float32Array(memory.buffer);
  return {
    fuseF32(dst, src, n) {
      const values = f32s();
      const bits = u32();
      for (let i = 0; i < n; i++) if (Number.isNaN(values[(dst >> 2) + i]!)) bits[(dst >> 2) + i] = bits[(src >> 2) + i]!;
    },
    fuseFlags(dst, src, n) {
      const flags = u32();
      for (let i = 0; i < n; i++) if (flags[(dst >> 2) + i] === ABSENT_FLAGS) flags[(dst >> 2) + i] = flags[(src >> 2) + i]!;
    },
    maskByTable(flags, table, valid, n, first) {
      const codes = u32();
      const bytes = u8();
      for (let i = 0; i < n; i++) {
        const usable = bytes[table + codes[(flags >> 2) + i]!]!;
        bytes[valid + i] = first ? usable : bytes[valid + i]! & usable;
      }
    },
    anyValid(valid, n) {
      return u8()
        .subarray(valid, valid + n)
        .some((byte) => byte !== 0)
        ? 1
        : 0;
    },
    dropOutside(plane, n, low, high) {
      const values = f32s();
      const bits = u32();
      const [least, most] = [f32(low), f32(high)];
      for (let i = plane >> 2; i < (plane >> 2) + n; i++) if (values[i]! < least || values[i]! > most) bits[i] = NAN_BITS;
    },
    normalizedDifference(a, b, valid, n, scaleA, offsetA, scaleB, offsetB, lowA, highA, lowB, highB, out) {
      const values = f32s();
      const bits = u32();
      const bytes = u8();
      const [sa, oa, sb, ob] = [f32(scaleA), f32(offsetA), f32(scaleB), f32(offsetB)];
      const [la, ha, lb, hb] = [f32(lowA), f32(highA), f32(lowB), f32(highB)];
      let outside = 0;
      for (let i = 0; i < n; i++) {
        const x = values[(a >> 2) + i]!;
        const y = values[(b >> 2) + i]!;
        const p = f32(f32(x * sa) + oa);
        const q = f32(f32(y * sb) + ob);
        const index = f32(f32(p - q) / f32(p + q));
        const usable = bytes[valid + i] !== 0;
        const far = x < la || x > ha || y < lb || y > hb;
        if (far && usable && !Number.isNaN(index)) outside++;
        if (usable && !Number.isNaN(index)) values[(out >> 2) + i] = index;
        else bits[(out >> 2) + i] = NAN_BITS;
      }
      return outside;
    },
    scaledBand(a, valid, n, scale, offset, low, high, out) {
      const values = f32s();
      const bits = u32();
      const bytes = u8();
      const [s, o, l, h] = [f32(scale), f32(offset), f32(low), f32(high)];
      let outside = 0;
      for (let i = 0; i < n; i++) {
        const x = values[(a >> 2) + i]!;
        const usable = bytes[valid + i] !== 0;
        if (usable && (x < l || x > h)) outside++;
        if (usable && !Number.isNaN(x)) values[(out >> 2) + i] = f32(x * s) + o;
        else bits[(out >> 2) + i] = NAN_BITS;
      }
      return outside;
    },
  };
}
