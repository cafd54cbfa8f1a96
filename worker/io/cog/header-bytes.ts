/** The bytes of a file's header: read in few, bounded requests and kept while the header is being parsed. */
import type { ByteSource, OpenedObject, SourceObject } from "../source/byte-source.ts";

/** Enough for the directory and the block offsets of a Landsat COG (some 15 KiB), so that one request opens the file. */
export const HEAD_BYTES = 32 * 1024;

/** Directories and their values that lie elsewhere lie close together. */
const NEXT_BYTES = 16 * 1024;

/** Two lists of 4 million 64-bit numbers, and all else; a header that asks for more is none. */
const MOST_BYTES = 96 * 1024 * 1024;

type Piece = { readonly offset: number; readonly bytes: Uint8Array };

export class HeaderBytes {
  readonly #source: ByteSource;
  readonly #object: SourceObject;
  readonly #signal: AbortSignal;
  readonly #pieces: Piece[] = [];
  #total = 0;
  readonly fileBytes: number;

  constructor(source: ByteSource, href: string, { file, head }: OpenedObject, signal: AbortSignal) {
    this.#source = source;
    this.#object = { href, file };
    this.#signal = signal;
    this.fileBytes = file.sizeBytes;
    this.#pieces.push({ offset: 0, bytes: head });
  }

  /** A view of `length` bytes from `offset` on; `what` names them. Throws RangeError where the file does not have them. */
  async view(offset: number, length: number, what: string): Promise<DataView> {
    if (!Number.isSafeInteger(offset) || offset < 0 || !(offset + length <= this.fileBytes))
      throw new RangeError(`${what} lies past the end of the file`);
    const { offset: start, bytes } = this.#held(offset, length) ?? (await this.#read(offset, length));
    return new DataView(bytes.buffer, bytes.byteOffset + offset - start, length);
  }

  #held(offset: number, length: number): Piece | undefined {
    return this.#pieces.find((piece) => piece.offset <= offset && offset + length <= piece.offset + piece.bytes.length);
  }

  async #read(offset: number, length: number): Promise<Piece> {
    const bytes = new Uint8Array(Math.min(Math.max(length, NEXT_BYTES), this.fileBytes - offset));
    this.#total += bytes.length;
    if (this.#total > MOST_BYTES) throw new RangeError(`its header has more than ${MOST_BYTES / 2 ** 20} MiB`);
    await this.#source.read(this.#object, offset, bytes, this.#signal);
    const piece = { offset, bytes };
    this.#pieces.push(piece);
    return piece;
  }
}
