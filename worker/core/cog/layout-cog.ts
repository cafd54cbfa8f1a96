/**
 * The layout of a Cloud-Optimised GeoTIFF as GDAL's COG driver makes it (gdal.org, drivers/raster/cog, "File format
 * details"): header, ghost area, all directories (full resolution first), then the blocks, smallest overview first.
 *
 *     | header | ghost area | IFD 0 | IFD 1 | ... | IFD n | blocks of n | ... | blocks of 1 | blocks of 0 |
 *     block = length (uint32) | encoded bytes | the last 4 of these bytes again
 *
 * Bytes depend on the argument alone: no date, no software tag.
 */
import { blockCount, type CogImage } from "./cog-image.ts";
import { geoTags } from "./geo-tags.ts";
import {
  alignOffset,
  directoryBytes,
  tiffHeaderBytes,
  type TiffFlavour,
  type TiffTag,
  writeDirectory,
  writeTiffHeader,
} from "./tiff-directory.ts";

/** Where everything goes. A file is `header`, then the framed blocks in the order of {@link blockOrder}, `totalBytes` long. */
export type CogLayout = {
  /** From byte 0 to the first block's leader. */
  readonly header: Uint8Array;
  readonly flavour: TiffFlavour;
  /** [level][block]: file offset of a block's encoded bytes, behind the leader; 0 for a block that is left out. */
  readonly blockOffsets: readonly (readonly number[])[];
  readonly totalBytes: number;
};

/** Bytes before and behind each block (the ghost area's BLOCK_LEADER and BLOCK_TRAILER). */
export const blockLeaderBytes = 4;
export const blockTrailerBytes = 4;

/** Above this a file is a BigTIFF: 4 GiB less 64 MiB, so that GDAL can still append metadata to a classic one. */
const classicLimitBytes = 2 ** 32 - 64 * 2 ** 20;

/** Lays out an image. Throws only for a caller's bug (block counts that do not fit the sizes, a block too short for zlib). */
export function layoutCog(image: CogImage): CogLayout {
  checkImage(image);
  const classic = placeBlocks(image, "classic");
  return writeHeader(image, classic.totalBytes <= classicLimitBytes ? classic : placeBlocks(image, "big"));
}

/** The order of blocks in the file: smallest overview first, full resolution last, row-major in each. Left-out blocks are skipped. */
export function* blockOrder(image: CogImage): Generator<{ readonly level: number; readonly index: number; readonly bytes: number }> {
  for (let level = image.levels.length - 1; level >= 0; level--) {
    const counts = image.levels[level]?.blockByteCounts ?? [];
    for (const [index, bytes] of counts.entries()) if (bytes > 0) yield { level, index, bytes };
  }
}

type Placement = Omit<CogLayout, "header"> & { readonly directoryOffsets: readonly number[]; readonly headerBytes: number };

function placeBlocks(image: CogImage, flavour: TiffFlavour): Placement {
  const directoryOffsets: number[] = [];
  let position = alignOffset(tiffHeaderBytes(flavour) + ghostArea().byteLength);
  for (const level of image.levels.keys()) {
    directoryOffsets.push(position);
    position += directoryBytes(levelTags(image, level, flavour, []), flavour);
  }
  const headerBytes = position;
  const blockOffsets = image.levels.map((level) => new Array<number>(level.blockByteCounts.length).fill(0));
  for (const { level, index, bytes } of blockOrder(image)) {
    const offsets = blockOffsets[level];
    if (offsets !== undefined) offsets[index] = position + blockLeaderBytes;
    position += blockLeaderBytes + bytes + blockTrailerBytes;
  }
  return { flavour, directoryOffsets, headerBytes, blockOffsets, totalBytes: position };
}

function writeHeader(image: CogImage, placement: Placement): CogLayout {
  const { flavour, directoryOffsets, blockOffsets, totalBytes } = placement;
  const header = new Uint8Array(placement.headerBytes);
  const view = new DataView(header.buffer);
  writeTiffHeader(view, directoryOffsets[0] ?? 0, flavour);
  header.set(ghostArea(), tiffHeaderBytes(flavour));
  for (const [level, at] of directoryOffsets.entries()) {
    const tags = levelTags(image, level, flavour, blockOffsets[level] ?? []);
    writeDirectory(view, at, { tags, next: directoryOffsets[level + 1] ?? 0 }, flavour);
  }
  return { header, flavour, blockOffsets, totalBytes };
}

/** GDAL's ghost area, between header and first directory. The blank at the end is room for "YES", which GDAL writes on an edit. */
function ghostArea(): Uint8Array {
  const body = [
    "LAYOUT=IFDS_BEFORE_DATA",
    "BLOCK_ORDER=ROW_MAJOR",
    "BLOCK_LEADER=SIZE_AS_UINT4",
    "BLOCK_TRAILER=LAST_4_BYTES_REPEATED",
    "KNOWN_INCOMPATIBLE_EDITION=NO",
    " ",
  ].join("\n");
  const size = body.length.toString().padStart(6, "0");
  return new TextEncoder().encode(`GDAL_STRUCTURAL_METADATA_SIZE=${size} bytes\n${body}`);
}

/** The tags of one level. Without `offsets` zeros stand for them: enough to measure the directory. */
function levelTags(image: CogImage, level: number, flavour: TiffFlavour, offsets: readonly number[]): readonly TiffTag[] {
  const size = image.levels[level] ?? { width: 0, height: 0, blockByteCounts: [] };
  const float = image.sampleType === "float32";
  const blockOffsets = offsets.length > 0 ? offsets : size.blockByteCounts.map(() => 0);
  const tags: TiffTag[] = [
    { tag: 256, type: "long", values: [size.width] },
    { tag: 257, type: "long", values: [size.height] },
    { tag: 258, type: "short", values: [float ? 32 : 16] }, // BitsPerSample
    { tag: 259, type: "short", values: [8] }, // Compression: Adobe deflate (zlib)
    { tag: 262, type: "short", values: [1] }, // PhotometricInterpretation: black is zero
    { tag: 277, type: "short", values: [1] }, // SamplesPerPixel
    { tag: 284, type: "short", values: [1] }, // PlanarConfiguration
    { tag: 317, type: "short", values: [float ? 3 : 2] }, // Predictor: floating point, or horizontal difference
    { tag: 322, type: "short", values: [image.blockSize] },
    { tag: 323, type: "short", values: [image.blockSize] },
    { tag: 324, type: flavour === "big" ? "long8" : "long", values: blockOffsets },
    { tag: 325, type: "long", values: size.blockByteCounts },
    { tag: 339, type: "short", values: [float ? 3 : 1] }, // SampleFormat: IEEE float, or unsigned
  ];
  if (float) tags.push({ tag: 42113, type: "ascii", text: "nan" }); // GDAL_NODATA
  if (level > 0)
    tags.push({ tag: 254, type: "long", values: [1] }); // NewSubfileType: reduced resolution
  else tags.push(...geoTags(image), { tag: 42112, type: "ascii", text: gdalMetadata(image.description) });
  return tags;
}

function gdalMetadata(description: string): string {
  const text = description.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<GDALMetadata>\n  <Item name="DESCRIPTION" sample="0" role="description">${text}</Item>\n</GDALMetadata>\n`;
}

/** A zlib stream of nothing has 8 bytes (RFC 1950), so that a trailer's 4 always exist. */
const shortestBlockBytes = 8;

function checkImage(image: CogImage): void {
  if (image.levels.length === 0 || image.blockSize % 16 !== 0)
    throw new Error("COG has no level, or a block size that is no multiple of 16");
  for (const [level, { width, height, blockByteCounts }] of image.levels.entries()) {
    const want = blockCount({ width, height }, image.blockSize);
    if (want !== blockByteCounts.length) {
      throw new Error(`COG level ${level} of ${width} x ${height} has ${blockByteCounts.length} block sizes instead of ${want}`);
    }
    const bad = blockByteCounts.findIndex((bytes) => bytes !== 0 && !(bytes >= shortestBlockBytes && bytes < 2 ** 32));
    if (bad >= 0) throw new Error(`COG level ${level} block ${bad} has ${blockByteCounts[bad]} bytes`);
  }
}
