/** What is known of one band of one scene before a pixel is read: geometry, sample type and where its blocks lie in the file. */
import type { Window } from "../grid/affine.ts";
import type { Geobox } from "../grid/geobox.ts";

/** What a decoded sample is: stored types that are none of these (12 bits, float16, int64) are widened to one (read-encoding.ts). */
export type SampleType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64";

/** Bytes of one sample. */
export function sampleBytes(type: SampleType): 1 | 2 | 4 | 8 {
  switch (type) {
    case "uint8":
    case "int8":
      return 1;
    case "uint16":
    case "int16":
      return 2;
    case "uint32":
    case "int32":
    case "float32":
      return 4;
    case "float64":
      return 8;
  }
}

/** Compressions that can be read, by the names that GDAL gives them. */
export type Compression = "none" | "deflate" | "lzw" | "packbits" | "zstd" | "lerc" | "lerc-deflate" | "lerc-zstd" | "jpeg";

/** How the samples of a block lie in its decompressed bytes, where they are not just one little-endian sample of the decoded type a pixel. */
export type Packing = {
  readonly format: "uint" | "int" | "float";
  /** Bits of one sample; a row begins with a whole byte. */
  readonly bits: number;
  readonly bigEndian: boolean;
  /** TIFF's FillOrder 2: the bits of every stored byte are reversed. */
  readonly lowBitFirst: boolean;
  /** Samples of one pixel beside each other, and which of them is the band. */
  readonly samples: number;
  readonly sample: number;
};

/** What a JPEG block cannot say by itself. */
export type JpegOptions = {
  /** TIFF's JPEGTables: an abbreviated stream of quantization and Huffman tables; empty where there is none. */
  readonly tables: Uint8Array;
  /** The components are Y, Cb, Cr and are to become R, G, B, as GDAL gives them. */
  readonly ycbcr: boolean;
};

/** How a block is stored. */
export type BlockEncoding = {
  readonly compression: Compression;
  readonly predictor: 1 | 2 | 3;
  readonly sampleType: SampleType;
  readonly packing: "plain" | Packing;
  /** For compression jpeg only. */
  readonly jpeg: JpegOptions | undefined;
};

/** One band of one scene: one sample of a GeoTIFF's pixels, cut into blocks (tiles, or strips of full width). */
export type SourceRaster = {
  readonly href: string;
  readonly box: Geobox;
  readonly encoding: BlockEncoding;
  /** The file's own nodata tag, if it has one. */
  readonly nodata: number | undefined;
  /** Samples of the same size of which 0 means that the pixel is none: the file's internal mask, or its alpha. */
  readonly mask: SourceRaster | undefined;
  readonly blocks: BlockLayout;
  readonly file: FileIdentity;
  /** Its overviews in the same file, where they were asked for. */
  readonly overviews?: readonly SourceRaster[];
};

/** The file as it was when planned; it is part of the job hash. */
export type FileIdentity = { readonly sizeBytes: number; readonly version: string };

/** Blocks in row-major order; those at the lower and right edge of a tiled image are padded, the last strip is short. */
export type BlockLayout = {
  readonly height: number;
  readonly width: number;
  readonly padded: boolean;
  readonly across: number;
  readonly down: number;
  /** float64[down * across]: byte offset of each block in the file. */
  readonly offsets: Float64Array;
  /** float64[down * across]: stored bytes; 0 = sparse, all nodata. */
  readonly byteCounts: Float64Array;
};

/** Rows stored in a block: fewer than the block's height only in the last strip. */
export function storedRows(raster: SourceRaster, block: number): number {
  const { height, padded, across } = raster.blocks;
  return padded ? height : Math.min(height, raster.box.height - Math.floor(block / across) * height);
}

/** Bytes of a decoded block. */
export function decodedBytes(raster: SourceRaster, block: number): number {
  return storedRows(raster, block) * raster.blocks.width * sampleBytes(raster.encoding.sampleType);
}

/** The blocks that a window of the image (inside it) touches, as half-open ranges of block rows and columns. */
export function blocksOfWindow(raster: SourceRaster, window: Window): Window {
  const { height, width } = raster.blocks;
  return {
    row0: Math.floor(window.row0 / height),
    col0: Math.floor(window.col0 / width),
    row1: Math.ceil(window.row1 / height),
    col1: Math.ceil(window.col1 / width),
  };
}
