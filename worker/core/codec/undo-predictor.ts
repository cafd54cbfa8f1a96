/** Byte order, bit order and TIFF's predictors undone in place, for samples that the kernels do not know. */
import type { Packing } from "../raster/source-raster.ts";

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) reversed |= 0x80 >> bit;
  return reversed;
});

/** A copy with the bits of every byte reversed (FillOrder 2). */
export function reverseBits(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte) => REVERSED[byte]!);
}

/** Big-endian samples of whole bytes to little-endian ones; those of other bits are strings of bits and stay. */
export function swapBytes(bytes: Uint8Array, bits: number): void {
  if (bits === 8 || bits % 8 !== 0) return;
  const size = bits / 8;
  for (let at = 0; at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Predictor 2 (TIFF 6.0, section 14; the differences of floats are those of their bits) or 3 (TIFF Technical Note 3). Rows are whole. */
export function undoPredictor(bytes: Uint8Array<ArrayBuffer>, predictor: 2 | 3, packing: Packing, rows: number, cols: number): void {
  const rowBytes = bytes.length / rows;
  if (predictor === 3) {
    const copy = new Uint8Array(rowBytes);
    for (let y = 0; y < rows; y++) undoFloatRow(bytes.subarray(y * rowBytes, (y + 1) * rowBytes), copy, packing);
    return;
  }
  const numbers = integers(bytes, packing.bits);
  const perRow = cols * packing.samples;
  const { samples } = packing;
  if (numbers instanceof BigUint64Array) {
    for (let y = 0; y < rows; y++) for (let i = y * perRow + samples; i < (y + 1) * perRow; i++) numbers[i]! += numbers[i - samples]!;
    return;
  }
  for (let y = 0; y < rows; y++) for (let i = y * perRow + samples; i < (y + 1) * perRow; i++) numbers[i]! += numbers[i - samples]!;
}

function integers(bytes: Uint8Array<ArrayBuffer>, bits: number): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (bits) {
    case 8:
      return bytes;
    case 16:
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case 32:
      return new Uint32Array(buffer, byteOffset, byteLength / 4);
    case 64:
      return new BigUint64Array(buffer, byteOffset, byteLength / 8);
    default:
      throw new Error(`Predictor 2 of ${bits} bits`);
  }
}

/** The bytes of a row lie most significant ones of all samples first, in every byte order, and hold differences. */
function undoFloatRow(row: Uint8Array, copy: Uint8Array, { bits, samples }: Packing): void {
  const size = bits / 8;
  const count = row.length / size;
  for (let i = samples; i < row.length; i++) row[i]! += row[i - samples]!;
  copy.set(row);
  for (let byte = 0; byte < size; byte++) {
    const plane = (size - 1 - byte) * count;
    for (let i = 0; i < count; i++) row[i * size + byte] = copy[plane + i]!;
  }
}
