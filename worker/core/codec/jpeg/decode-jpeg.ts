/**
 * JPEG blocks of TIFF (compression 7, TIFF Technical Note 2): baseline, extended and progressive Huffman-coded images of 8 bits, to the samples that
 * rasterio's GDAL gives. Why our own: docs/decisions/0015.
 */
import type { JpegOptions } from "../../raster/source-raster.ts";
import { huffmanTable, type HuffmanTable, ScanBits } from "./huffman.ts";
import { inverseDct } from "./idct.ts";
import { type Component, decodeScan, type ScanComponent, ZIGZAG } from "./scan.ts";

/** More scans than any encoder writes; libtiff stops at as many. Without a limit a few bytes each could cost a whole image's work. */
const MAX_SCANS = 100;

/** A strip that is the image's last may hold more rows than are left, as libtiff allows; not arbitrarily many. */
const MAX_FRAME_SAMPLES = 128 * 1024 * 1024;

type Frame = {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  readonly mcusAcross: number;
  readonly mcusDown: number;
  readonly hMost: number;
  readonly vMost: number;
};

type Shape = { readonly rows: number; readonly cols: number; readonly samples: number };

/** uint8[rows][cols][samples]. Throws RangeError where the data is damaged, of another shape, or of a kind that is not supported. */
export function decodeJpeg(bytes: Uint8Array, { tables, ycbcr }: JpegOptions, shape: Shape): Uint8Array {
  const decoder = new Decoder(shape);
  if (tables.length > 0) decoder.read(tables);
  decoder.read(bytes);
  return decoder.samples(ycbcr);
}

class Decoder {
  readonly #shape: Shape;
  readonly #quantizers: (Uint16Array | undefined)[] = [];
  readonly #dc: (HuffmanTable | undefined)[] = [];
  readonly #ac: (HuffmanTable | undefined)[] = [];
  #restartInterval = 0;
  #frame: Frame | undefined;
  #scans = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** Reads the segments of one stream. */
  read(bytes: Uint8Array): void {
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new RangeError("no JPEG data");
    for (let at = 2; at + 1 < bytes.length;) {
      const marker = bytes[at + 1]!;
      // Fill bytes, and whatever an encoder left before the next marker.
      if (bytes[at] !== 0xff || marker === 0xff || marker === 0) {
        at++;
        continue;
      }
      at += 2;
      if (marker === 0xd9) return;
      if (marker >= 0xd0 && marker <= 0xd8) continue;
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      if (length < 2 || at + length > bytes.length) throw new RangeError("JPEG segment ends too early");
      const body = bytes.subarray(at + 2, at + length);
      at += length;
      if (marker === 0xda) at = this.#scan(body, bytes, at);
      else this.#segment(marker, body);
    }
  }

  #segment(marker: number, body: Uint8Array): void {
    if (marker === 0xdb) this.#quantization(body);
    else if (marker === 0xc4) this.#huffman(body);
    else if (marker === 0xdd) this.#restartInterval = byteOf(body, 0) * 256 + byteOf(body, 1);
    else if (marker >= 0xc0 && marker <= 0xc2) this.#startFrame(marker === 0xc2, body);
    else if (marker > 0xc2 && marker <= 0xcf && marker !== 0xcc)
      throw new RangeError("JPEG of a lossless, hierarchical or arithmetic kind");
  }

  #quantization(body: Uint8Array): void {
    for (let at = 0; at < body.length;) {
      const [wide, id] = [body[at]! >> 4, body[at]! & 15];
      at++;
      const table = new Uint16Array(64);
      for (let k = 0; k < 64; k++, at += wide ? 2 : 1)
        table[ZIGZAG[k]!] = wide ? byteOf(body, at) * 256 + byteOf(body, at + 1) : byteOf(body, at);
      this.#quantizers[id] = table;
    }
  }

  #huffman(body: Uint8Array): void {
    for (let at = 0; at < body.length;) {
      const [kind, id] = [byteOf(body, at) >> 4, byteOf(body, at) & 15];
      const counts = body.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (counts.length < 16 || total > 256 || at + 17 + total > body.length || kind > 1)
        throw new RangeError("JPEG code table is not possible");
      const table = huffmanTable(counts, body.subarray(at + 17, at + 17 + total));
      if (kind === 0) this.#dc[id] = table;
      else this.#ac[id] = table;
      at += 17 + total;
    }
  }

  #startFrame(progressive: boolean, body: Uint8Array): void {
    const { rows, cols, samples } = this.#shape;
    const [precision, count] = [byteOf(body, 0), byteOf(body, 5)];
    const [height, width] = [byteOf(body, 1) * 256 + byteOf(body, 2), byteOf(body, 3) * 256 + byteOf(body, 4)];
    if (this.#frame) throw new RangeError("JPEG has two frames");
    if (precision !== 8) throw new RangeError(`JPEG of ${precision} bits is not supported`);
    if (width !== cols || height < rows || count !== samples || width * height * count > MAX_FRAME_SAMPLES)
      throw new RangeError(`JPEG of ${height} x ${width} x ${count} where ${rows} x ${cols} x ${samples} belong`);
    const given = Array.from({ length: count }, (_, i) => {
      const [id, factors, quantizer] = [byteOf(body, 6 + 3 * i), byteOf(body, 7 + 3 * i), byteOf(body, 8 + 3 * i)];
      return { id, h: factors >> 4, v: factors & 15, quantizer };
    });
    if (given.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4)) throw new RangeError("JPEG sampling factors are not possible");
    const hMost = Math.max(...given.map(({ h }) => h));
    const vMost = Math.max(...given.map(({ v }) => v));
    if (given.some(({ h, v }) => hMost % h > 0 || vMost % v > 0)) throw new RangeError("JPEG of fractional sampling is not supported");
    const [mcusAcross, mcusDown] = [Math.ceil(width / (8 * hMost)), Math.ceil(height / (8 * vMost))];
    const components = given.map(({ id, h, v, quantizer }): Component => {
      const stride = mcusAcross * h;
      const [blocksAcross, blocksDown] = [Math.ceil((width * h) / hMost / 8), Math.ceil((height * v) / vMost / 8)];
      return { id, h, v, quantizer, stride, blocksAcross, blocksDown, coefficients: new Int16Array(stride * mcusDown * v * 64) };
    });
    this.#frame = { progressive, width, height, components, mcusAcross, mcusDown, hMost, vMost };
  }

  /** Returns where the scan's data ends. */
  #scan(body: Uint8Array, bytes: Uint8Array, at: number): number {
    const frame = this.#frame;
    if (!frame) throw new RangeError("JPEG scan without a frame");
    if (++this.#scans > MAX_SCANS) throw new RangeError(`JPEG has more than ${MAX_SCANS} scans`);
    const count = byteOf(body, 0);
    const components = Array.from({ length: count }, (_, i): ScanComponent => {
      const [id, tables] = [byteOf(body, 1 + 2 * i), byteOf(body, 2 + 2 * i)];
      const component = frame.components.find((component) => component.id === id);
      if (!component) throw new RangeError("JPEG scan of a component that is not there");
      return { component, dc: this.#dc[tables >> 4], ac: this.#ac[tables & 15] };
    });
    const [first, last, bitsOf] = [byteOf(body, 1 + 2 * count), byteOf(body, 2 + 2 * count), byteOf(body, 3 + 2 * count)];
    const banded = frame.progressive && first > 0;
    if (count < 1 || count > 4 || (frame.progressive && (last > 63 || first > last || (banded && count > 1) || (bitsOf & 15) > 13)))
      throw new RangeError("JPEG scan is not possible");
    const bits = new ScanBits(bytes, at);
    decodeScan(bits, {
      components,
      first,
      last,
      high: bitsOf >> 4,
      low: bitsOf & 15,
      progressive: frame.progressive,
      restartInterval: this.#restartInterval,
      mcusAcross: frame.mcusAcross,
      mcusDown: frame.mcusDown,
    });
    return bits.at;
  }

  samples(ycbcr: boolean): Uint8Array {
    const frame = this.#frame;
    if (!frame || this.#scans === 0) throw new RangeError("JPEG without an image");
    const { rows, cols, samples } = this.#shape;
    const planes = frame.components.map((component) => this.#plane(component, frame));
    const out = new Uint8Array(rows * cols * samples);
    for (let k = 0; k < rows * cols; k++) for (let s = 0; s < samples; s++) out[k * samples + s] = planes[s]![k]!;
    if (ycbcr && samples === 3) toRgb(out);
    return out;
  }

  /** A component at full size: its colours are scaled up by the DCT itself where they are half as many, and repeated beyond (jdmaster.c). */
  #plane({ h, v, quantizer, stride, coefficients }: Component, { width, height, hMost, vMost, mcusDown }: Frame): Uint8Array {
    const table = this.#quantizers[quantizer];
    if (!table) throw new RangeError("JPEG names a quantization table that is not there");
    const scale = { across: hMost % (2 * h) === 0 ? 2 : 1, down: vMost % (2 * v) === 0 ? 2 : 1 } as const;
    const [across, down] = [8 * scale.across, 8 * scale.down];
    const data = new Uint8Array(coefficients.length * scale.across * scale.down);
    const line = stride * across;
    for (let row = 0; row < mcusDown * v; row++)
      for (let col = 0; col < stride; col++)
        inverseDct(coefficients, (row * stride + col) * 64, table, scale, {
          out: data,
          at: row * down * line + col * across,
          stride: line,
        });
    const [repeatX, repeatY] = [hMost / h / scale.across, vMost / v / scale.down];
    const out = new Uint8Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) out[y * width + x] = data[Math.floor(y / repeatY) * line + Math.floor(x / repeatX)]!;
    return out;
  }
}

function byteOf(body: Uint8Array, at: number): number {
  const byte = body[at];
  if (byte === undefined) throw new RangeError("JPEG segment ends too early");
  return byte;
}

/** libjpeg's fixed-point YCbCr to RGB (jdcolor.c), in place. */
function toRgb(pixels: Uint8Array): void {
  const fix = (x: number): number => Math.floor(x * 65536 + 0.5);
  const [crToR, cbToB, crToG, cbToG] = [fix(1.402), fix(1.772), -fix(0.714136286), -fix(0.344136286)];
  const limit = (x: number): number => (x < 0 ? 0 : x > 255 ? 255 : x);
  for (let i = 0; i < pixels.length; i += 3) {
    const [y, cb, cr] = [pixels[i]!, pixels[i + 1]! - 128, pixels[i + 2]! - 128];
    pixels[i] = limit(y + ((crToR * cr + 32768) >> 16));
    pixels[i + 1] = limit(y + ((cbToG * cb + 32768 + crToG * cr) >> 16));
    pixels[i + 2] = limit(y + ((cbToB * cb + 32768) >> 16));
  }
}
