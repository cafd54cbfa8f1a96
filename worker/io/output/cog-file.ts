/**
 * Writes a COG from encoded blocks, front to back, without holding the image: one pass, two buffers, and the checksum
 * taken on the way. Does not cover renaming into place nor the directory's fsync: the commit does both for all files.
 */
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, lstat, open, rm } from "node:fs/promises";
import type { CogImage } from "../../core/cog/cog-image.ts";
import { blockLeaderBytes, blockOrder, blockTrailerBytes, layoutCog } from "../../core/cog/layout-cog.ts";
import { writing } from "./output-errors.ts";

/** Bytes collected before a write: large enough that system calls cost nothing, small enough to have two of them. */
const writeBufferBytes = 2 ** 20;

/** What was written. `sha256` is lower-case hexadecimal. */
export type WrittenFile = { readonly sha256: string; readonly bytes: number };

/**
 * Writes exactly `path` (truncated if it is there) and fsyncs it. `readBlock` gives a block's encoded bytes, as many as
 * `image` says, in file order, one at a time, and may reuse its buffer; blocks of 0 bytes are not asked for. Memory: two write buffers and a block.
 * Throws OutputError where the file system refuses, what `readBlock` threw, or the signal's reason; then the file is gone.
 */
export async function writeCog(
  path: string,
  image: CogImage,
  readBlock: (level: number, index: number) => Promise<Uint8Array>,
  signal: AbortSignal,
): Promise<WrittenFile> {
  signal.throwIfAborted();
  const handle = await writing(path, () => open(path, "w"));
  const sink = new FileSink(path, handle);
  try {
    const layout = layoutCog(image);
    await sink.append(layout.header);
    for (const { level, index, bytes } of blockOrder(image)) {
      signal.throwIfAborted();
      const block = await readBlock(level, index);
      if (block.byteLength !== bytes)
        throw new Error(`block ${index} of level ${level} of ${path} has ${block.byteLength} bytes instead of ${bytes}`);
      await sink.append(leader(bytes));
      await sink.append(block);
      await sink.append(block.subarray(bytes - blockTrailerBytes));
    }
    const written = await sink.finish();
    if (written.bytes !== layout.totalBytes) throw new Error(`${path} has ${written.bytes} bytes instead of ${layout.totalBytes}`);
    return written;
  } catch (error) {
    await sink.abandon();
    await Promise.allSettled([removeUnfinished(path)]); // A broken disk may refuse this too; the first error is the one to tell.
    throw error;
  }
}

/** Only ever a regular file or a link: a device that somebody named as the output (/dev/full, /dev/null) stays. */
async function removeUnfinished(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isFile() || found.isSymbolicLink()) await rm(path, { force: true });
}

function leader(bytes: number): Uint8Array {
  const out = new Uint8Array(blockLeaderBytes);
  new DataView(out.buffer).setUint32(0, bytes, true);
  return out;
}

/** Appends to a file through two buffers: one is being written while the other fills. */
class FileSink {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  #filling = Buffer.allocUnsafeSlow(writeBufferBytes);
  #spare = Buffer.allocUnsafeSlow(writeBufferBytes);
  #filled = 0;
  #bytes = 0;
  /** The write that is under way; settles before its buffer is used again. Its failure is thrown where it is awaited. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let from = 0;
    while (from < bytes.byteLength) {
      const part = bytes.subarray(from, from + writeBufferBytes - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.byteLength;
      from += part.byteLength;
      if (this.#filled === writeBufferBytes) await this.#flush();
    }
  }

  async finish(): Promise<WrittenFile> {
    await this.#flush();
    await this.#pending;
    await writing(this.#path, () => this.#handle.sync());
    await writing(this.#path, () => this.#handle.close());
    return { sha256: this.#hash.digest("hex"), bytes: this.#bytes };
  }

  /** Closes after a failure. What the write under way or the closing says then is of no interest any more. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.#pending]);
    await Promise.allSettled([this.#handle.close()]);
  }

  async #flush(): Promise<void> {
    await this.#pending;
    const full = this.#filling.subarray(0, this.#filled);
    const position = this.#bytes;
    this.#pending = writing(this.#path, () => writeAll(this.#handle, full, position));
    // Awaited later: without a handler of its own Node would end the process before that.
    this.#pending.catch(() => undefined);
    this.#hash.update(full);
    this.#bytes += full.byteLength;
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
  }
}

/** A disk that fills up first writes a part and says so only in the count; the next write then gives ENOSPC. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, position + written);
    written += bytesWritten;
  }
}
