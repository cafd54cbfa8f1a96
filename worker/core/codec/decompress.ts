/** The compressions that give back bytes, whatever they mean. None writes more than the target holds. */
import { zstdDecompressSync } from "node:zlib";
import type { Compression } from "../raster/source-raster.ts";
import { decodeLzw } from "./lzw.ts";
import { decodePackBits } from "./pack-bits.ts";
import { createInflater } from "./zlib-streams.ts";

/** One a thread. */
const inflate = createInflater();

/** Decompresses to `target`; returns how many bytes there were, at most the target's. Throws RangeError where the input is damaged. */
export function decompress(compression: Compression, stored: Uint8Array, target: Uint8Array): number {
  switch (compression) {
    case "none":
      target.set(stored.subarray(0, target.length));
      return Math.min(stored.length, target.length);
    case "deflate":
    case "lerc-deflate":
      return inflate(stored, target);
    case "lzw":
      return decodeLzw(stored, target);
    case "packbits":
      return decodePackBits(stored, target);
    case "zstd":
    case "lerc-zstd":
      return unzstd(stored, target);
    case "lerc":
    case "jpeg":
      throw new Error(`${compression} gives samples, not bytes`);
  }
}

function unzstd(stored: Uint8Array, target: Uint8Array): number {
  try {
    const bytes = zstdDecompressSync(stored, { chunkSize: target.length + 64, maxOutputLength: target.length });
    target.set(bytes);
    return bytes.length;
  } catch (cause) {
    throw new RangeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
