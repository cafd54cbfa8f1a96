/**
 * PNG (W3C, third edition) of a canvas: 8 bits a pixel with a palette.
 */
import { constants, crc32, deflateSync } from "node:zlib";
import type { Canvas } from "./canvas.ts";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const bitDepth = 8;
const colourTypeIndexed = 3;
const filterUp = 2;

/** The bytes of a PNG, in pieces that follow each other. Uses the canvas up: its lines are filtered in place. */
export function encodePng(canvas: Canvas): readonly Uint8Array[] {
  const header = new DataView(new ArrayBuffer(13)); // the last three bytes: deflate, the five filters, not interlaced
  header.setUint32(0, canvas.width);
  header.setUint32(4, canvas.height);
  header.setUint8(8, bitDepth);
  header.setUint8(9, colourTypeIndexed);
  filterRepeatedLines(canvas);
  return [
    signature,
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...chunk("PLTE", canvas.palette.bytes),
    ...chunk("IDAT", compress(canvas.lines)),
    ...chunk("IEND", new Uint8Array(0)),
  ];
}

/** A line like the one above becomes zeros by the filter "up". Indices that differ have no neighbourhood that a filter could use. */
function filterRepeatedLines({ lines, stride, height }: Canvas): void {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  for (let row = height - 1; row > 0; row--) {
    const [above, at] = [(row - 1) * stride, row * stride];
    if (bytes.compare(bytes, above + 1, at, at + 1, at + stride) !== 0) continue;
    lines.fill(0, at, at + stride);
    lines[at] = filterUp;
  }
}

/**
 * Z_RLE looks for repeated bytes only. Measured on 1,200 x 1,260 pixels: 6 ms for 0.85 MB of a noisy map, 1 ms for 40 KB of
 * large pixels; the default strategy at level 4 takes 17 and 3 ms for 0.84 MB and 35 KB. One output chunk takes most pictures
 * whole, so that no pieces are put together.
 */
function compress(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 1, strategy: constants.Z_RLE, chunkSize: 1024 * 1024 });
}

function chunk(type: string, data: Uint8Array): readonly Uint8Array[] {
  const name = new TextEncoder().encode(type);
  return [bigEndian(data.length), name, data, bigEndian(crc32(data, crc32(name)))];
}

function bigEndian(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value);
  return new Uint8Array(bytes.buffer);
}
