/** From stored numbers to windows of 32-bit elements. */
import { ABSENT_FLAGS } from "../kernel-constants.ts";

/** A view of the memory as one element type, addressed by bytes. */
type Stored = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** (src, srcStride, dst, dstStride, cols, rows, nodata) */
export type Gather = (src: number, srcStride: number, dst: number, dstStride: number, cols: number, rows: number, nodata: number) => void;

export type GatherKernels = {
  /** `count` elements set to `bits`. */
  fill32(ptr: number, count: number, bits: number): void;
  fill16(ptr: number, count: number, bits: number): void;
  /** Copies a rectangle of stored numbers into a measurement window; `nodata` becomes NaN (NaN: there is none). */
  gatherF32FromU8: Gather;
  gatherF32FromI8: Gather;
  gatherF32FromU16: Gather;
  gatherF32FromI16: Gather;
  gatherF32FromU32: Gather;
  gatherF32FromI32: Gather;
  /**
   * The nodata of float32 is what float32 makes of it, as GDAL compares; NaN and infinities are always absent (an
   * average weighs what lies beside its box by 0, which is 0 only of finite numbers). float64 is rounded as numpy's astype does.
   */
  gatherF32FromF32: Gather;
  gatherF32FromF64: Gather;
  /** Makes those elements of a window `absent` (their bits) whose uint8 in the rectangle at `src` is 0. */
  clearMasked(src: number, srcStride: number, dst: number, dstStride: number, cols: number, rows: number, absent: number): void;
  /** Copies a rectangle of stored codes into a flag window; `nodata` becomes ABSENT_FLAGS (-1: there is none). */
  gatherFlagsFromU8: Gather;
  gatherFlagsFromU16: Gather;
};

export function createGatherKernels(memory: WebAssembly.Memory): GatherKernels {
  const gather =
    (view: () => Stored, shift: number): Gather =>
    (src, srcStride, dst, dstStride, cols, rows, nodata) => {
      const from = view();
      const to = new Float32Array(memory.buffer);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < cols; x++) {
          const value = from[(src >> shift) + y * srcStride + x]!;
          to[(dst >> 2) + y * dstStride + x] = value === nodata || !Number.isFinite(Math.fround(value)) ? Number.NaN : value;
        }
    };
  const gatherFlags =
    (view: () => Stored, shift: number): Gather =>
    (src, srcStride, dst, dstStride, cols, rows, nodata) => {
      const from = view();
      const to = new Uint32Array(memory.buffer);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < cols; x++) {
          const code = from[(src >> shift) + y * srcStride + x]!;
          to[(dst >> 2) + y * dstStride + x] = code === nodata ? ABSENT_FLAGS : code;
        }
    };
  const u8 = () => new Uint8Array(memory.buffer);
  const u16 = () => new Uint16Array(memory.buffer);
  const u32 = () => new Uint32Array(memory.buffer);
  return {
    fill32(ptr, count, bits) {
      u32().fill(bits, ptr >> 2, (ptr >> 2) + count);
    },
    fill16(ptr, count, bits) {
      u16().fill(bits, ptr >> 1, (ptr >> 1) + count);
    },
    gatherF32FromU8: gather(u8, 0),
    gatherF32FromI8: gather(() => new Int8Array(memory.buffer), 0),
    gatherF32FromU16: gather(u16, 1),
    gatherF32FromI16: gather(() => new Int16Array(memory.buffer), 1),
    gatherF32FromU32: gather(u32, 2),
    gatherF32FromI32: gather(() => new Int32Array(memory.buffer), 2),
    gatherF32FromF32: (src, srcStride, dst, dstStride, cols, rows, nodata) =>
      gather(() => new Float32Array(memory.buffer), 2)(src, srcStride, dst, dstStride, cols, rows, Math.fround(nodata)),
    gatherF32FromF64: gather(() => new Float64Array(memory.buffer), 3),
    clearMasked(src, srcStride, dst, dstStride, cols, rows, absent) {
      const [valid, to] = [u8(), u32()];
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < cols; x++) if (valid[src + y * srcStride + x] === 0) to[(dst >> 2) + y * dstStride + x] = absent;
    },
    gatherFlagsFromU8: gatherFlags(u8, 0),
    gatherFlagsFromU16: gatherFlags(u16, 1),
  };
}
