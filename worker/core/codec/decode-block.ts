/** A stored block to the samples it holds, in shared memory. Decompression never gives more than the block's own size. */
import type { Kernels } from "../kernels/kernels.ts";
import { type BlockEncoding, sampleBytes } from "../raster/source-raster.ts";
import { decodeLzw } from "./lzw.ts";
import { createInflater } from "./zlib-streams.ts";

/** One a thread. */
const inflate = createInflater();

/** A block of `rows` x `cols` samples, one a pixel, decoded to `slot`. Throws RangeError or zlib's error where its bytes are damaged. */
export function decodeBlock(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  stored: Uint8Array,
  block: { readonly encoding: BlockEncoding; readonly rows: number; readonly cols: number; readonly slot: number },
): void {
  const { encoding, rows, cols, slot } = block;
  const bytes = rows * cols * sampleBytes(encoding.sampleType);
  const target = new Uint8Array(memory.buffer, slot, bytes);
  const length = decompress(encoding.compression, stored, target);
  if (length !== bytes) throw new RangeError(`${length} bytes where ${bytes} belong`);
  if (encoding.predictor === 1) return;
  switch (sampleBytes(encoding.sampleType)) {
    case 1:
      kernels.undoPredictor8(slot, rows, cols, 1);
      break;
    case 2:
      kernels.undoPredictor16(slot, rows, cols, 1);
      break;
    case 4:
      kernels.undoPredictor32(slot, rows, cols, 1);
      break;
  }
}

/** Returns how many bytes there were, at most the target's. */
function decompress(compression: BlockEncoding["compression"], stored: Uint8Array, target: Uint8Array): number {
  switch (compression) {
    case "none":
      target.set(stored.subarray(0, target.length));
      return Math.min(stored.length, target.length);
    case "deflate":
      return inflate(stored, target);
    case "lzw":
      return decodeLzw(stored, target);
  }
}
