/**
 * Blocks of every layout but the plain one: other byte orders, bits, samples beside each other, predictor 3, LERC and JPEG. Plain TypeScript: such
 * files are rare among scenes, and some 100 MiB a second are enough for them.
 */
import { type BlockEncoding, type Packing, sampleBytes, type SampleType } from "../raster/source-raster.ts";
import { decompress } from "./decompress.ts";
import { decodeJpeg } from "./jpeg/decode-jpeg.ts";
import { decodeLerc } from "./lerc.ts";
import { reverseBits, swapBytes, undoPredictor } from "./undo-predictor.ts";

/** An array of decoded samples. */
export type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A view of `count` samples of a type. */
export function sampleView(buffer: ArrayBufferLike, offset: number, type: SampleType, count: number): Samples {
  switch (type) {
    case "uint8":
      return new Uint8Array(buffer, offset, count);
    case "int8":
      return new Int8Array(buffer, offset, count);
    case "uint16":
      return new Uint16Array(buffer, offset, count);
    case "int16":
      return new Int16Array(buffer, offset, count);
    case "uint32":
      return new Uint32Array(buffer, offset, count);
    case "int32":
      return new Int32Array(buffer, offset, count);
    case "float32":
      return new Float32Array(buffer, offset, count);
    case "float64":
      return new Float64Array(buffer, offset, count);
  }
}

/** What "plain" stands for. */
function packingOf({ packing, sampleType }: BlockEncoding): Packing {
  if (packing !== "plain") return packing;
  const format = sampleType.startsWith("float") ? "float" : sampleType.startsWith("int") ? "int" : "uint";
  return { format, bits: 8 * sampleBytes(sampleType), bigEndian: false, lowBitFirst: false, samples: 1, sample: 0 };
}

/** Bytes of a decompressed block, with all the samples that lie beside each other. */
export function packedBytes(packing: { readonly bits: number; readonly samples: number }, rows: number, cols: number): number {
  return rows * Math.ceil((cols * packing.samples * packing.bits) / 8);
}

/** Decodes a block of `rows` x `cols` pixels to `target`, one sample each. Throws RangeError where its bytes are damaged. */
export function unpackBlock(stored: Uint8Array, encoding: BlockEncoding, rows: number, cols: number, target: Samples): void {
  const packing = packingOf(encoding);
  const shape = { rows, cols, samples: packing.samples };
  const input = packing.lowBitFirst && encoding.compression !== "jpeg" ? reverseBits(stored) : stored;
  switch (encoding.compression) {
    case "jpeg":
      if (!encoding.jpeg) throw new Error("A JPEG block without its options");
      takeSample(decodeJpeg(input, encoding.jpeg, shape), packing, target);
      return;
    case "lerc":
    case "lerc-deflate":
    case "lerc-zstd":
      takeSample(lercSamples(decodeLerc(lercBlob(input, encoding, packing, shape), shape, storedType(packing)), packing), packing, target);
      return;
    default:
      unpackBytes(input, encoding, packing, shape, target);
  }
}

type Shape = { readonly rows: number; readonly cols: number; readonly samples: number };

/** LERC inside deflate or zstd: a blob is never much longer than the samples. */
function lercBlob(input: Uint8Array, encoding: BlockEncoding, { bits }: Packing, { rows, cols, samples }: Shape): Uint8Array {
  if (encoding.compression === "lerc") return input;
  const most = new Uint8Array(rows * cols * ((samples * bits) / 8 + 1) + 4096);
  return most.subarray(0, decompress(encoding.compression, input, most));
}

/** The stored type of whole samples. */
function storedType({ format, bits }: Packing): SampleType {
  return `${format}${bits}` as SampleType; // read-encoding.ts lets LERC have no other bits
}

/** libtiff has LERC compress the samples in the file's byte order, as if they were numbers in the machine's. */
function lercSamples(values: Float64Array, packing: Packing): Samples {
  if (!packing.bigEndian) return values;
  const type = storedType(packing);
  const bytes = new Uint8Array(values.length * (packing.bits / 8));
  sampleView(bytes.buffer, 0, type, values.length).set(values);
  swapBytes(bytes, packing.bits);
  return sampleView(bytes.buffer, 0, type, values.length);
}

/** Larger ones are left to the garbage collector. */
const KEPT_SCRATCH_BYTES = 32 * 1024 * 1024;

/** Decompressed bytes on their way; one a thread. */
let scratch = new Uint8Array(0);

function scratchOf(bytes: number): Uint8Array<ArrayBuffer> {
  if (scratch.length >= bytes) return scratch.subarray(0, bytes);
  const made = new Uint8Array(bytes);
  if (bytes <= KEPT_SCRATCH_BYTES) scratch = made;
  return made;
}

function unpackBytes(input: Uint8Array, encoding: BlockEncoding, packing: Packing, { rows, cols }: Shape, target: Samples): void {
  const bytes = packedBytes(packing, rows, cols);
  const raw = scratchOf(bytes);
  const length = decompress(encoding.compression, input, raw);
  if (length !== bytes) throw new RangeError(`${length} bytes where ${bytes} belong`);
  if (packing.bigEndian && encoding.predictor !== 3) swapBytes(raw, packing.bits);
  if (encoding.predictor !== 1) undoPredictor(raw, encoding.predictor, packing, rows, cols);
  const whole = wholeSamples(raw, packing);
  if (whole) takeSample(whole, packing, target);
  else takeBits(raw, packing, { rows, cols }, target);
}

/** A view of the bytes as samples; undefined where no array has such samples. */
function wholeSamples(
  { buffer, byteOffset, byteLength }: Uint8Array,
  { format, bits }: Packing,
): Samples | BigInt64Array | BigUint64Array | undefined {
  switch (`${format}${bits}`) {
    case "uint8":
    case "int8":
    case "uint16":
    case "int16":
    case "uint32":
    case "int32":
    case "float32":
      return sampleView(buffer, byteOffset, `${format}${bits}` as SampleType, (byteLength * 8) / bits); // one of the cases above
    case "float64":
      return new Float64Array(buffer, byteOffset, byteLength / 8);
    case "uint64":
      return new BigUint64Array(buffer, byteOffset, byteLength / 8);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, byteLength / 8);
    default:
      return undefined;
  }
}

/** One of the samples of each pixel. Of samples with more bits than the target's (16-bit alpha as a mask) only whether they are 0 is taken. */
function takeSample(all: Samples | BigInt64Array | BigUint64Array, { samples, sample, bits }: Packing, target: Samples): void {
  if (bits > 8 * target.BYTES_PER_ELEMENT) {
    for (let i = 0, at = sample; i < target.length; i++, at += samples) target[i] = Number(all[at]!) === 0 ? 0 : 1;
    return;
  }
  if (samples === 1 && !(all instanceof BigInt64Array) && !(all instanceof BigUint64Array)) {
    target.set(all);
    return;
  }
  for (let i = 0, at = sample; i < target.length; i++, at += samples) target[i] = Number(all[at]!);
}

/** Samples of an odd number of bits, most significant first (24 too: GDAL reads the bytes of little-endian files so), and small floats. */
function takeBits(
  raw: Uint8Array,
  packing: Packing,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  target: Samples,
): void {
  const { bits, samples, sample, format } = packing;
  const rowBytes = packedBytes(packing, 1, cols);
  for (let y = 0; y < rows; y++) {
    const row = raw.subarray(y * rowBytes, (y + 1) * rowBytes);
    for (let x = 0; x < cols; x++) {
      const number = x * samples + sample;
      const value = format === "float" ? littleEndian(row, (number * bits) / 8, bits / 8) : bitsAt(row, number * bits, bits);
      target[y * cols + x] = format === "float" ? smallFloat(value, bits) : value;
    }
  }
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

function bitsAt(bytes: Uint8Array, first: number, count: number): number {
  let value = 0;
  for (let bit = first; bit < first + count;) {
    const room = 8 - (bit & 7);
    const taken = Math.min(room, first + count - bit);
    value = value * 2 ** taken + ((bytes[bit >> 3]! >> (room - taken)) & ((1 << taken) - 1));
    bit += taken;
  }
  return value;
}

/** IEEE 754 half (1, 5, 10 bits), or the 24-bit float of TIFF Technical Note 3 (1, 7, 16 bits). */
function smallFloat(value: number, bits: number): number {
  const fractionBits = bits === 16 ? 10 : 16;
  const exponentBits = bits - 1 - fractionBits;
  const fraction = value % 2 ** fractionBits;
  const exponent = Math.floor(value / 2 ** fractionBits) % 2 ** exponentBits;
  const sign = value >= 2 ** (bits - 1) ? -1 : 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits);
  return sign * (1 + fraction / 2 ** fractionBits) * 2 ** (exponent - bias);
}
