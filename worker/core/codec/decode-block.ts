/** A stored block to the samples it holds, in shared memory. Decompression never gives more than the block's own size. */
import type { Kernels } from "../kernels/kernels.ts";
import { type BlockEncoding, sampleBytes } from "../raster/source-raster.ts";
import { decompress } from "./decompress.ts";
import { sampleView, unpackBlock } from "./unpack-block.ts";

/** A block of `rows` x `cols` pixels, of which one sample each is decoded to `slot`. Throws RangeError where its bytes are damaged. */
export function decodeBlock(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  stored: Uint8Array,
  block: { readonly encoding: BlockEncoding; readonly rows: number; readonly cols: number; readonly slot: number },
): void {
  const { encoding, rows, cols, slot } = block;
  const { compression, predictor, sampleType, packing } = encoding;
  const size = sampleBytes(sampleType);
  if (packing !== "plain" || predictor === 3 || size === 8 || compression === "jpeg" || compression.startsWith("lerc")) {
    unpackBlock(stored, encoding, rows, cols, sampleView(memory.buffer, slot, sampleType, rows * cols));
    return;
  }
  // What Landsat is made of goes straight to its place.
  const bytes = rows * cols * size;
  const length = decompress(compression, stored, new Uint8Array(memory.buffer, slot, bytes));
  if (length !== bytes) throw new RangeError(`${length} bytes where ${bytes} belong`);
  if (predictor === 1) return;
  switch (size) {
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
