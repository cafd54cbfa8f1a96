/** What is known of one band of one scene before a pixel is read: geometry, sample type and where its blocks lie in the file. */
import type { Window } from "../grid/affine.ts";
import type { Geobox } from "../grid/geobox.ts";

/** Stored sample types that can be read. */
export type SampleType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32";

/** Bytes of one sample. */
export function sampleBytes(type: SampleType): 1 | 2 | 4 {
  switch (type) {
    case "uint8":
    case "int8":
      return 1;
    case "uint16":
    case "int16":
      return 2;
    case "uint32":
    case "int32":
      return 4;
  }
}

/** How a block is stored. */
export type BlockEncoding = {
  readonly compression: "none" | "deflate" | "lzw";
  readonly predictor: 1 | 2;
  readonly sampleType: SampleType;
};

/** One band of one scene: one GeoTIFF with one sample a pixel, cut into blocks (tiles, or strips of full width). */
export type SourceRaster = {
  readonly href: string;
  readonly box: Geobox;
  readonly encoding: BlockEncoding;
  /** The file's own nodata tag, if it has one. */
  readonly nodata: number | undefined;
  readonly blocks: BlockLayout;
  readonly file: FileIdentity;
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
