/**
 * LERC2 blobs, versions 3 to 5, which is what GDAL writes into TIFF (github.com/Esri/lerc, the layout of Lerc2.cpp, BitStuffer2.cpp and Huffman.cpp).
 * Every size is checked before it is used; the npm package `lerc` (3.0.0, Esri's own) believes them (decision 0015).
 */
import type { SampleType } from "../raster/source-raster.ts";

export type LercShape = { readonly rows: number; readonly cols: number; readonly samples: number };

/** By LERC's number of a data type. */
const TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"] as const;
const TYPE_BYTES = [1, 1, 2, 2, 4, 4, 4, 8] as const;

type Header = {
  readonly version: number;
  readonly rows: number;
  readonly cols: number;
  readonly dims: number;
  readonly validPixels: number;
  readonly microBlock: number;
  readonly type: number;
  readonly maxError: number;
  readonly zMin: number;
  readonly zMax: number;
};

type Values = Float64Array<ArrayBuffer>;

/**
 * Decodes a blob of `rows` x `cols` pixels with `samples` samples each, pixel by pixel. Pixels that its mask leaves out are NaN in floats, 0 in
 * integers; where the mask stands for a last sample (alpha), that one is 255 or 0. Throws RangeError where the blob is damaged or of another shape.
 */
export function decodeLerc(bytes: Uint8Array, shape: LercShape, type: SampleType): Values {
  const reader = new Reader(bytes);
  const header = readHeader(reader);
  const alpha = header.dims === shape.samples - 1 && shape.samples > 1;
  if (header.rows !== shape.rows || header.cols !== shape.cols || !(header.dims === shape.samples || alpha))
    throw new RangeError(
      `LERC of ${header.rows} x ${header.cols} x ${header.dims} where ${shape.rows} x ${shape.cols} x ${shape.samples} belong`,
    );
  if (TYPES[header.type] !== type) throw new RangeError(`LERC of ${TYPES[header.type] ?? "an unknown type"} where ${type} belongs`);
  const mask = readMask(reader, header);
  const planes = readPlanes(reader, header, mask);
  const missing = type.startsWith("float") ? Number.NaN : 0;
  const pixels = shape.rows * shape.cols;
  const out = new Float64Array(pixels * shape.samples);
  for (let k = 0; k < pixels; k++) {
    const valid = mask === undefined || mask[k] === 1;
    for (let d = 0; d < header.dims; d++) out[k * shape.samples + d] = valid ? planes[d * pixels + k]! : missing;
    if (alpha) out[k * shape.samples + header.dims] = valid ? 255 : 0;
  }
  return out;
}

class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The place of the next `count` bytes. */
  skip(count: number): number {
    const from = this.at;
    if (!(count >= 0 && from + count <= this.bytes.length)) throw new RangeError("LERC ends too early");
    this.at += count;
    return from;
  }

  /** A number of one of LERC's types. */
  number(type: number): number {
    const from = this.skip(TYPE_BYTES[type] ?? Infinity);
    switch (type) {
      case 0:
        return this.#view.getInt8(from);
      case 1:
        return this.#view.getUint8(from);
      case 2:
        return this.#view.getInt16(from, true);
      case 3:
        return this.#view.getUint16(from, true);
      case 4:
        return this.#view.getInt32(from, true);
      case 5:
        return this.#view.getUint32(from, true);
      case 6:
        return this.#view.getFloat32(from, true);
      default:
        return this.#view.getFloat64(from, true);
    }
  }
}

const UINT8 = 1;
const INT16 = 2;
const UINT16 = 3;
const INT32 = 4;
const UINT32 = 5;
const FLOAT64 = 7;

/** Blobs of GDAL and Esri have 8 or 16; Lerc2.h allows 1 to 32. */
const MAX_MICRO_BLOCK = 32;

function readHeader(reader: Reader): Header {
  const start = reader.skip(6);
  if (String.fromCharCode(...reader.bytes.subarray(start, start + 6)) !== "Lerc2 ") throw new RangeError("no LERC2 blob");
  const version = reader.number(INT32);
  if (version < 3 || version > 5) throw new RangeError(`LERC version 2.${version} is not supported (3 to 5 are)`);
  const checksum = reader.number(UINT32);
  const [rows, cols] = [reader.number(UINT32), reader.number(UINT32)];
  const dims = version >= 4 ? reader.number(UINT32) : 1;
  const [validPixels, microBlock, blobSize, type] = [
    reader.number(UINT32),
    reader.number(INT32),
    reader.number(INT32),
    reader.number(INT32),
  ];
  const [maxError, zMin, zMax] = [reader.number(FLOAT64), reader.number(FLOAT64), reader.number(FLOAT64)];
  if (blobSize < reader.at || blobSize > reader.bytes.length)
    throw new RangeError(`LERC of ${blobSize} bytes where there are ${reader.bytes.length}`);
  if (fletcher32(reader.bytes.subarray(14, blobSize)) !== checksum) throw new RangeError("LERC checksum does not match");
  if (validPixels > rows * cols || microBlock < 1 || microBlock > MAX_MICRO_BLOCK) throw new RangeError("LERC header is not possible");
  return { version, rows, cols, dims, validPixels, microBlock, type, maxError, zMin, zMax };
}

function fletcher32(bytes: Uint8Array): number {
  let [sum1, sum2] = [0xffff, 0xffff];
  let at = 0;
  for (let words = bytes.length >> 1; words > 0;) {
    const run = Math.min(359, words);
    words -= run;
    for (let i = 0; i < run; i++) {
      sum1 += bytes[at++]! << 8;
      sum1 += bytes[at++]!;
      sum2 += sum1;
    }
    sum1 = (sum1 & 0xffff) + (sum1 >>> 16);
    sum2 = (sum2 & 0xffff) + (sum2 >>> 16);
  }
  if (bytes.length & 1) {
    sum1 += bytes[at]! << 8;
    sum2 += sum1;
  }
  sum1 = (sum1 & 0xffff) + (sum1 >>> 16);
  sum2 = (sum2 & 0xffff) + (sum2 >>> 16);
  return ((sum2 << 16) | sum1) >>> 0;
}

/** uint8[rows * cols], 1 = valid; undefined where all are. */
function readMask(reader: Reader, { rows, cols, validPixels }: Header): Uint8Array | undefined {
  const length = reader.number(UINT32);
  const end = reader.skip(length) + length;
  const pixels = rows * cols;
  if (validPixels === pixels && length === 0) return undefined;
  const mask = new Uint8Array(pixels);
  if (validPixels === 0 && length === 0) return mask;
  if (length === 0) throw new RangeError("LERC has no mask");
  const bits = new Uint8Array(Math.ceil(pixels / 8));
  const rle = new Reader(reader.bytes.subarray(end - length, end));
  let written = 0;
  for (let count = rle.number(INT16); count !== -32768; count = rle.number(INT16)) {
    const run = Math.abs(count);
    if (count === 0 || written + run > bits.length) throw new RangeError("LERC mask is not possible");
    if (count > 0) {
      const from = rle.skip(run);
      bits.set(rle.bytes.subarray(from, from + run), written);
    } else bits.fill(rle.number(UINT8), written, written + run);
    written += run;
  }
  let valid = 0;
  for (let k = 0; k < pixels; k++) valid += mask[k] = (bits[k >> 3]! >> (7 - (k & 7))) & 1;
  if (written !== bits.length || valid !== validPixels) throw new RangeError("LERC mask does not have the pixels it should");
  return mask;
}

/** One plane after the other; what the mask leaves out is 0. */
function readPlanes(reader: Reader, header: Header, mask: Uint8Array | undefined): Values {
  const { rows, cols, dims, version, type, validPixels } = header;
  const pixels = rows * cols;
  const planes = new Float64Array(pixels * dims);
  if (validPixels === 0) return planes;
  let [low, high] = [[header.zMin], [header.zMax]];
  if (version >= 4 && header.zMin !== header.zMax) {
    low = Array.from({ length: dims }, () => reader.number(type));
    high = Array.from({ length: dims }, () => reader.number(type));
  }
  if (low.every((z, d) => z === high[d])) {
    for (let d = 0; d < dims; d++) planes.fill(low[d] ?? low[0]!, d * pixels, (d + 1) * pixels);
    return planes;
  }
  const context = { ...header, mask, high: Array.from({ length: dims }, (_, d) => (dims > 1 ? (high[d] ?? header.zMax) : header.zMax)) };
  if (reader.number(UINT8) !== 0) readOneSweep(reader, context, planes);
  else if (type <= UINT8 && Math.abs(header.maxError - 0.5) < 1e-5) {
    const mode = reader.number(UINT8);
    if (mode > 2 || (version < 4 && mode > 1)) throw new RangeError(`LERC encoding ${mode} is not known`);
    if (mode === 0) readTiles(reader, context, planes);
    else readHuffman(reader, context, planes, mode === 1);
  } else readTiles(reader, context, planes);
  return planes;
}

type Context = Header & { readonly mask: Uint8Array | undefined; readonly high: readonly number[] };

function readOneSweep(reader: Reader, { rows, cols, dims, type, mask }: Context, planes: Values): void {
  const pixels = rows * cols;
  for (let k = 0; k < pixels; k++) if (!mask || mask[k] === 1) for (let d = 0; d < dims; d++) planes[d * pixels + k] = reader.number(type);
}

function readTiles(reader: Reader, context: Context, planes: Values): void {
  const { rows, cols, dims, microBlock } = context;
  for (let row0 = 0; row0 < rows; row0 += microBlock)
    for (let col0 = 0; col0 < cols; col0 += microBlock)
      for (let d = 0; d < dims; d++) {
        const tile = { row0, col0, row1: Math.min(row0 + microBlock, rows), col1: Math.min(col0 + microBlock, cols) };
        readTile(reader, context, planes, tile, d);
      }
}

type Tile = { readonly row0: number; readonly col0: number; readonly row1: number; readonly col1: number };

function readTile(reader: Reader, context: Context, planes: Values, tile: Tile, dim: number): void {
  const { rows, cols, type, mask, version, maxError } = context;
  const head = reader.number(UINT8);
  const check = version >= 5 ? 14 : 15;
  const difference = version >= 5 && (head & 4) !== 0;
  if (((head >> 2) & check) !== ((tile.col0 >> 3) & check) || (difference && dim === 0))
    throw new RangeError("LERC block is not where it should be");
  const plane = dim * rows * cols;
  const before = plane - rows * cols;
  const high = context.high[dim]!;
  const each = (value: (i: number) => number): void => {
    let i = 0;
    for (let row = tile.row0; row < tile.row1; row++)
      for (let k = row * cols + tile.col0; k < row * cols + tile.col1; k++) {
        if (mask && mask[k] === 0) continue;
        const z = value(i++);
        planes[plane + k] = difference ? Math.min(z + planes[before + k]!, high) : z;
      }
  };
  const encoding = head & 3;
  if (encoding === 2) return each(() => 0);
  if (encoding === 0) {
    if (difference) throw new RangeError("LERC block of raw differences");
    return each(() => reader.number(type));
  }
  const offset = reader.number(usedType(difference && type < 6 ? INT32 : type, head >> 6));
  if (encoding === 3) return each(() => offset);
  const steps = unstuff(reader, (tile.row1 - tile.row0) * (tile.col1 - tile.col0));
  const integer = type < 6;
  each((i) => {
    if (i >= steps.length) throw new RangeError("LERC block has too few numbers");
    const z = offset + steps[i]! * 2 * maxError;
    const limited = difference ? z : Math.min(z, high);
    return integer ? Math.trunc(limited) : type === 6 ? Math.fround(limited) : limited;
  });
}

/** The type that a block's offset is stored as (Lerc2::GetDataTypeUsed). */
function usedType(type: number, code: number): number {
  switch (type) {
    case 2:
    case 4:
      return type - code;
    case 3:
    case 5:
      return type - 2 * code;
    case 6:
      return code === 0 ? 6 : code === 1 ? 2 : 1;
    case 7:
      return code === 0 ? 7 : 7 - 2 * code + 1;
    default:
      return type;
  }
}

/** BitStuffer2: up to `most` unsigned numbers of equal bits, directly or through a table. */
function unstuff(reader: Reader, most: number): Uint32Array {
  const head = reader.number(UINT8);
  const count = reader.number(head >> 6 === 0 ? UINT32 : head >> 6 === 1 ? UINT16 : UINT8);
  const bits = head & 31;
  if (count > most) throw new RangeError(`LERC block of ${count} numbers where at most ${most} belong`);
  if ((head & 32) === 0) return bits === 0 ? new Uint32Array(count) : readBits(reader, count, bits);
  const entries = reader.number(UINT8);
  if (entries < 1 || bits === 0) throw new RangeError("LERC table is empty");
  const table = new Uint32Array(entries);
  table.set(readBits(reader, entries - 1, bits), 1);
  const numbers = readBits(reader, count, 32 - Math.clz32(entries - 1));
  return numbers.map((i) => {
    if (i >= entries) throw new RangeError("LERC table has no such entry");
    return table[i]!;
  });
}

/** Least significant bit first. */
function readBits(reader: Reader, count: number, bits: number): Uint32Array {
  const from = reader.skip(Math.ceil((count * bits) / 8));
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let got = 0, bit = i * bits; got < bits;) {
      const taken = Math.min(8 - (bit & 7), bits - got);
      value += ((reader.bytes[from + (bit >> 3)]! >> (bit & 7)) & ((1 << taken) - 1)) * 2 ** got;
      got += taken;
      bit += taken;
    }
    out[i] = value;
  }
  return out;
}

/** Codes of up to 32 bits are looked for length by length: canonical or not, there are at most 256 of them. */
type Codes = { readonly shortest: number; readonly longest: number; readonly values: ReadonlyMap<number, number> };

function codeKey(length: number, code: number): number {
  return length * 2 ** 32 + code;
}

function readHuffman(reader: Reader, { rows, cols, dims, type, mask }: Context, planes: Values, delta: boolean): void {
  const [version, size, first, end] = [reader.number(INT32), reader.number(INT32), reader.number(INT32), reader.number(INT32)];
  if (version < 2 || size < 1 || size > 256 || first < 0 || end <= first || end - first > size || end > 2 * size)
    throw new RangeError("LERC code table is not possible");
  const lengths = unstuff(reader, end - first);
  if (lengths.length !== end - first) throw new RangeError("LERC code table is too short");
  const stream = new WordBits(reader);
  const values = new Map<number, number>();
  let [shortest, longest] = [33, 0];
  for (const [i, length] of lengths.entries()) {
    if (length === 0) continue;
    if (length > 32) throw new RangeError("LERC code is too long");
    values.set(codeKey(length, stream.take(length)), (first + i) % size);
    [shortest, longest] = [Math.min(shortest, length), Math.max(longest, length)];
  }
  stream.nextWord();
  const codes = { shortest, longest, values };
  const pixels = rows * cols;
  const offset = type === 0 ? 128 : 0;
  const wrap = type === 0 ? (z: number) => (z << 24) >> 24 : (z: number) => z & 255;
  const valid = (k: number): boolean => !mask || mask[k] === 1;
  if (!delta) {
    for (let k = 0; k < pixels; k++)
      if (valid(k)) for (let d = 0; d < dims; d++) planes[d * pixels + k] = wrap(stream.value(codes) - offset);
    return;
  }
  for (let d = 0; d < dims; d++) {
    let previous = 0;
    for (let k = 0; k < pixels; k++) {
      if (!valid(k)) continue;
      const besides = k % cols > 0 && valid(k - 1);
      const near = !besides && k >= cols && valid(k - cols) ? planes[d * pixels + k - cols]! : previous;
      previous = wrap(stream.value(codes) - offset + near);
      planes[d * pixels + k] = previous;
    }
  }
}

/** Bits of little-endian 32-bit words, most significant first. The last word may be short of bytes, which count as 0. */
class WordBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  #bit = 0;

  constructor(reader: Reader) {
    this.#bytes = reader.bytes;
    this.#start = reader.at;
  }

  nextWord(): void {
    this.#bit = Math.ceil(this.#bit / 32) * 32;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#next();
    return value;
  }

  value({ shortest, longest, values }: Codes): number {
    let code = 0;
    for (let length = 1; length <= longest; length++) {
      code = code * 2 + this.#next();
      const found = length < shortest ? undefined : values.get(codeKey(length, code));
      if (found !== undefined) return found;
    }
    throw new RangeError("LERC code is not in the table");
  }

  #next(): number {
    const bit = this.#bit++;
    const at = this.#start + (bit >> 5) * 4 + 3 - ((bit >> 3) & 3);
    if (this.#start + (bit >> 5) * 4 >= this.#bytes.length) throw new RangeError("LERC ends too early");
    return ((this.#bytes[at] ?? 0) >> (7 - (bit & 7))) & 1;
  }
}
