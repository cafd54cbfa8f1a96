/**
 * What a COG writer must know of an image before it writes a byte: its levels, how long each encoded block is, and where
 * it lies on the ground. Pixels are not here: blocks come encoded (predictor, then zlib) from whoever made them.
 */

/** A single-band tiled image. `float32`: predictor 3, nodata "nan". `uint16`: predictor 2, no nodata. */
export type CogImage = {
  readonly sampleType: "float32" | "uint16";
  /** Width and height of a block in pixels; a multiple of 16 (TIFF 6.0 section 15). Here always 512. */
  readonly blockSize: number;
  /** [0] full resolution, then each half (rounded up) of the one before; sizes from {@link cogLevelSizes}. */
  readonly levels: readonly CogLevel[];
  readonly crs: GeoKeys;
  /** a, b, c, d, e, f of pixel corner (col, row) -> CRS: x = a*col + b*row + c, y = d*col + e*row + f. */
  readonly affine: readonly [number, number, number, number, number, number];
  /** The band's description, as GDAL shows it. */
  readonly description: string;
};

/** One resolution. `blockByteCounts`: encoded bytes of each block, row-major; 0 leaves the block out (all nodata, or all 0). */
export type CogLevel = {
  readonly width: number;
  readonly height: number;
  readonly blockByteCounts: readonly number[];
};

/** The CRS as GeoTIFF says it: by EPSG code, with its name as the citation; or user-defined, by the keys that describe it. */
export type GeoKeys = {
  readonly type: "projected" | "geographic";
  readonly epsg: number | undefined;
  readonly citation: string;
  /** By GeoTIFF 1.0's names (geokeys-crs.ts); without an EPSG code. */
  readonly userDefined?: Readonly<Record<string, number | string>> | undefined;
};

/** Width and height in pixels of one level. */
export type LevelSize = { readonly width: number; readonly height: number };

/**
 * The sizes of all levels of an image: halved, rounding up, until both sides fit into one block, which is where GDAL's
 * COG driver stops too (OVERVIEW_COUNT's default). An image of at most one block has no overview.
 */
export function cogLevelSizes(width: number, height: number, blockSize: number): readonly LevelSize[] {
  const sizes: LevelSize[] = [{ width, height }];
  let last: LevelSize = { width, height };
  while (last.width > blockSize || last.height > blockSize) {
    last = { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) };
    sizes.push(last);
  }
  return sizes;
}

/** How many blocks a level has; those of the last column and row are padded to the whole block. */
export function blockCount(size: LevelSize, blockSize: number): number {
  return Math.ceil(size.width / blockSize) * Math.ceil(size.height / blockSize);
}
