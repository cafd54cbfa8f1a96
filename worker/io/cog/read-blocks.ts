/** Where an image's blocks lie in the file, checked against its size, and how large they are. */
import { packedBytes } from "../../core/codec/unpack-block.ts";
import { type BlockEncoding, type BlockLayout, sampleBytes } from "../../core/raster/source-raster.ts";
import type { ImageSamples } from "./read-encoding.ts";
import type { Refuse } from "./refuse.ts";
import type { Directory } from "./tiff-directory.ts";

/**
 * A block is decoded whole: at most this much. GDAL writes 512 x 512, USGS strips of one row; a band of a
 * whole Landsat scene in one deflated strip has 122 MiB.
 */
const MAX_BLOCK_BYTES = 128 * 1024 * 1024;

/** The same where a copy of it is held beside the decoded band: samples beside each other, other byte orders and bits, zstd. */
const MAX_COPIED_BYTES = 32 * 1024 * 1024;

/** JPEG and LERC hold some 10 and 20 bytes a sample while they decode. */
const MAX_SAMPLES: Readonly<Partial<Record<BlockEncoding["compression"], number>>> = {
  jpeg: 8 * 1024 * 1024,
  lerc: 4 * 1024 * 1024,
  "lerc-deflate": 4 * 1024 * 1024,
  "lerc-zstd": 4 * 1024 * 1024,
};

/** No compression makes a block longer than this many times (LZW 1.5 times); what lies after it is not read. */
const MOST_GROWTH = 2;

/** Their offsets and lengths are held, 16 bytes a block and band. */
const MAX_BLOCKS = 4 * 1024 * 1024;

/** Uncompressed strips are cut to about as much, so that a file of one strip is read in parts. */
const PART_BYTES = 1024 * 1024;

/** Pixels across and down; GDAL's own limit. */
const MAX_SIDE = 2 ** 31 - 1;

export type ImageSize = { readonly height: number; readonly width: number };

/** Height and width of the image. */
export async function readSize(directory: Directory): Promise<ImageSize> {
  const [height, width] = [await directory.number("ImageLength"), await directory.number("ImageWidth")];
  if (height === undefined || width === undefined) throw new RangeError("it has no ImageWidth and ImageLength");
  if (![height, width].every((side) => Number.isInteger(side) && side > 0 && side <= MAX_SIDE))
    throw new RangeError(`it has ${height} x ${width} pixels`);
  return { height, width };
}

type Image = ImageSize & {
  readonly samples: ImageSamples;
  readonly sample: number;
  readonly encoding: BlockEncoding;
  readonly fileBytes: number;
};

/** The blocks of one sample of the image. */
export async function readBlocks(directory: Directory, image: Image, refuse: Refuse): Promise<BlockLayout> {
  const padded = directory.count("TileWidth") > 0;
  const size = padded ? await tileSize(directory) : await stripSize(directory, image);
  const packing = { bits: image.samples.bits, samples: image.samples.planar ? 1 : image.samples.count };
  const bytes = packedBytes(packing, size.height, size.width);
  const inParts = image.encoding.compression === "none" && !padded;
  if (!inParts) checkSize(image.encoding, size, { bytes, samples: size.height * size.width * packing.samples }, refuse);
  const [across, down] = [Math.ceil(image.width / size.width), Math.ceil(image.height / size.height)];
  if (across * down > MAX_BLOCKS) throw refuse(`${across * down} blocks are too many`);
  const listed = await places(directory, image, { count: across * down, bytes }, refuse);
  checkPlaces(listed, image.fileBytes);
  const byteCounts = inParts ? listed.byteCounts : listed.byteCounts.map((stored) => Math.min(stored, bytes * MOST_GROWTH + 65536));
  const whole = { ...size, padded, across, down, offsets: listed.offsets, byteCounts };
  return inParts ? cutStrips(whole, image, packedBytes(packing, 1, size.width), refuse) : whole;
}

/** A block must not be larger than what one thread can hold of it. */
function checkSize(
  { compression, packing, predictor, sampleType }: BlockEncoding,
  { height, width }: ImageSize,
  { bytes, samples }: { readonly bytes: number; readonly samples: number },
  refuse: Refuse,
): void {
  const copied = packing !== "plain" || predictor === 3 || compression === "zstd";
  const fits =
    bytes <= (copied ? MAX_COPIED_BYTES : MAX_BLOCK_BYTES) &&
    height * width * sampleBytes(sampleType) <= MAX_BLOCK_BYTES &&
    samples <= (MAX_SAMPLES[compression] ?? Infinity);
  if (!fits) throw refuse(`blocks of ${height} x ${width} pixels (${Math.round(bytes / 2 ** 20)} MiB) are too large`);
}

async function tileSize(directory: Directory): Promise<ImageSize> {
  const [height, width] = [(await directory.number("TileLength")) ?? 0, (await directory.number("TileWidth")) ?? 0];
  if (!(height > 0 && width > 0)) throw new RangeError(`its tiles have ${height} x ${width} pixels`);
  return { height, width };
}

/** A strip is as high as the image where RowsPerStrip is missing, or larger (2^32 - 1 is usual). */
async function stripSize(directory: Directory, { height, width }: ImageSize): Promise<ImageSize> {
  const rows = (await directory.number("RowsPerStrip")) ?? height;
  if (!(rows > 0)) throw new RangeError(`its strips have ${rows} rows`);
  return { height: Math.min(rows, height), width };
}

type Places = { readonly offsets: Float64Array; readonly byteCounts: Float64Array };

type Wanted = { readonly count: number; readonly bytes: number };

/** The numbers of the sample's own blocks: those of a planar image's samples follow each other. Tiles may be listed as strips (libtiff reads both). */
async function places(directory: Directory, image: Image, { count, bytes }: Wanted, refuse: Refuse): Promise<Places> {
  const tiled = directory.count("TileOffsets") > 0;
  const range = { first: image.samples.planar ? image.sample * count : 0, count };
  const offsets = await blockNumbers(directory, tiled ? "TileOffsets" : "StripOffsets", range, refuse);
  const lengths = tiled ? "TileByteCounts" : "StripByteCounts";
  if (directory.count(lengths) > 0) {
    const byteCounts = await blockNumbers(directory, lengths, range, refuse);
    if (!isForgotten(offsets, byteCounts, image.encoding)) return { offsets, byteCounts };
  }
  // Without lengths (they are younger than TIFF): blocks of known length, or one that goes to the end of the file.
  const plain = image.encoding.compression === "none";
  if (count > 1 && !plain) throw refuse(`it has no ${lengths}`);
  const most = plain ? bytes : Infinity;
  return { offsets, byteCounts: offsets.map((offset) => (offset > 0 ? Math.min(most, image.fileBytes - offset) : 0)) };
}

/** One uncompressed block that lies somewhere and has no bytes: libtiff takes it as one whose length nobody wrote. */
function isForgotten(offsets: Float64Array, byteCounts: Float64Array, { compression }: BlockEncoding): boolean {
  return compression === "none" && offsets.length === 1 && byteCounts[0] === 0 && (offsets[0] ?? 0) > 0;
}

type ListTag = "TileOffsets" | "TileByteCounts" | "StripOffsets" | "StripByteCounts";

async function blockNumbers(
  directory: Directory,
  tag: ListTag,
  { first, count }: { readonly first: number; readonly count: number },
  refuse: Refuse,
): Promise<Float64Array> {
  const there = directory.count(tag);
  if (there === 0) throw refuse(`it has no ${tag}`);
  if (there < first + count) throw refuse(`it has ${there} ${tag} for ${first + count} blocks`);
  const numbers = await directory.numbers(tag, first, count);
  if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) throw refuse(`its ${tag} are not byte numbers`);
  return numbers;
}

function checkPlaces({ offsets, byteCounts }: Places, fileBytes: number): void {
  const outside = offsets.findIndex((offset, i) => (byteCounts[i] ?? 0) > 0 && offset + (byteCounts[i] ?? 0) > fileBytes);
  if (outside >= 0) throw new RangeError(`block ${outside} lies past the end of the file`);
}

/** Uncompressed strips as blocks of fewer rows, all of the same number but the last. */
function cutStrips(whole: BlockLayout, image: Image, rowBytes: number, refuse: Refuse): BlockLayout {
  if (rowBytes > MAX_BLOCK_BYTES) throw refuse(`rows of ${image.width} pixels are too large`);
  const rows = partRows(whole, rowBytes);
  if (rows === whole.height) return whole;
  const parts = Math.ceil(whole.height / rows);
  const down = Math.ceil(image.height / rows);
  if (down > MAX_BLOCKS) throw refuse(`${down} blocks are too many`);
  const [offsets, byteCounts] = [new Float64Array(down), new Float64Array(down)];
  for (let part = 0; part < down; part++) {
    const strip = Math.floor(part / parts);
    const stored = whole.byteCounts[strip] ?? 0;
    if (stored === 0) continue;
    const before = (part % parts) * rows * rowBytes;
    const bytes = Math.min(rows, image.height - part * rows) * rowBytes;
    if (before + bytes > stored) throw new RangeError(`block ${strip} has ${stored} bytes where ${before + bytes} belong`);
    offsets[part] = (whole.offsets[strip] ?? 0) + before;
    byteCounts[part] = bytes;
  }
  return { ...whole, height: rows, down, offsets, byteCounts };
}

/** Rows of a part: as many as fit, and a whole number of parts in a strip where there are several strips. */
function partRows({ height, down }: BlockLayout, rowBytes: number): number {
  const most = Math.max(1, Math.floor(PART_BYTES / rowBytes));
  if (most >= height) return height;
  if (down === 1) return most;
  let rows = most;
  while (height % rows > 0) rows--;
  return rows;
}
