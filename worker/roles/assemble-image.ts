/**
 * One image (an index of a group) from its finished blocks: overviews are built bottom up, each block once, and the COGs of values and counts
 * written without holding the image.
 */
import type { CogImage } from "../core/cog/cog-image.ts";
import { cogLevelSizes, type LevelSize } from "../core/cog/cog-image.ts";
import type { EncodedBlock, FinishedBlock } from "../core/execution/thread-job.ts";
import { COG_BLOCK } from "../core/plan/chunks.ts";
import type { Geobox } from "../core/grid/geobox.ts";
import type { Raster } from "../core/quicklook/picture.ts";
import { writeCog, type WrittenFile } from "../io/output/cog-file.ts";
import type { Spool, Stored } from "../io/output/tile-store.ts";
import type { ThreadPool } from "../io/threads/thread-pool.ts";

type StoredBlock = { readonly values: Stored; readonly counts: Stored | undefined };
type Half = { readonly values: Stored; readonly counts: Stored | undefined };

/** A picture wants some 1,000 pixels; the smallest level that has them is kept as it is built. */
const PICTURE_PIXELS = 1000;

/** The level that the quicklook is made from. */
export function pictureLevel(grid: { readonly width: number; readonly height: number }): number {
  const levels = cogLevelSizes(grid.width, grid.height, COG_BLOCK);
  return Math.max(0, levels.findLastIndex((level) => Math.max(level.width, level.height) >= PICTURE_PIXELS));
}

export class ImageAssembler {
  readonly #grid: Geobox;
  readonly #spool: Spool;
  readonly #sizes: readonly LevelSize[];
  readonly #pictureLevel: number;
  /** For each level, its blocks row-major. */
  readonly #blocks: StoredBlock[][];
  /** Halves of the full-resolution blocks, row-major. */
  readonly #halves: Half[] = [];
  readonly #picture: Float32Array;

  constructor(grid: Geobox, spool: Spool) {
    this.#grid = grid;
    this.#spool = spool;
    this.#sizes = cogLevelSizes(grid.width, grid.height, COG_BLOCK);
    this.#blocks = this.#sizes.map(() => []);
    this.#pictureLevel = pictureLevel(grid);
    const size = this.#sizes[this.#pictureLevel] ?? grid;
    this.#picture = new Float32Array(size.width * size.height);
  }

  /** Takes a finished full-resolution block; (row, col) of its upper-left pixel. */
  async add(block: FinishedBlock, row0: number, col0: number): Promise<void> {
    const [row, col] = [row0 / COG_BLOCK, col0 / COG_BLOCK];
    const at = row * this.#across(0) + col;
    await this.#store(0, at, block);
    if (this.#sizes.length > 1) this.#halves[at] = await this.#storeHalf(block);
  }

  /** Builds the overviews; afterwards the picture is whole. */
  async buildOverviews(pool: ThreadPool, signal: AbortSignal): Promise<void> {
    const top = this.#sizes.length - 1;
    if (top > 0) await this.#build(top, 0, 0, { pool, signal });
  }

  get picture(): Raster {
    const { width, height } = this.#sizes[this.#pictureLevel] ?? this.#grid;
    return { width, height, data: this.#picture };
  }

  /** Writes the COG of the values, or of the counts. */
  async write(path: string, kind: "values" | "counts", description: string, signal: AbortSignal): Promise<WrittenFile> {
    const { crs, affine } = this.#grid;
    const stored = (level: number, index: number): Stored => {
      const found = this.#blocks[level]?.[index]?.[kind];
      if (!found) throw new Error(`No block ${index} of level ${level} for ${path}`);
      return found;
    };
    const image: CogImage = {
      sampleType: kind === "values" ? "float32" : "uint16",
      blockSize: COG_BLOCK,
      levels: this.#sizes.map((size, level) => ({ ...size, blockByteCounts: Array.from({ length: this.#across(level) * this.#down(level) }, (_, i) => stored(level, i).length) })),
      crs: { type: crs.type, epsg: crs.epsg, citation: crs.name },
      affine,
      description,
    };
    return writeCog(path, image, (level, index) => this.#spool.read(stored(level, index)), signal);
  }

  #across(level: number): number {
    return Math.ceil((this.#sizes[level]?.width ?? 0) / COG_BLOCK);
  }

  #down(level: number): number {
    return Math.ceil((this.#sizes[level]?.height ?? 0) / COG_BLOCK);
  }

  async #store(level: number, index: number, block: EncodedBlock): Promise<void> {
    const values = await this.#spool.append(block.values);
    const counts = block.counts && (await this.#spool.append(block.counts));
    const blocks = this.#blocks[level];
    if (blocks) blocks[index] = { values, counts };
    if (level === this.#pictureLevel && block.raw) this.#paint(new Float32Array(block.raw), index);
  }

  async #storeHalf(block: EncodedBlock): Promise<Half> {
    const values = await this.#spool.append(new Uint8Array(block.halfValues));
    return { values, counts: block.halfCounts && (await this.#spool.append(new Uint8Array(block.halfCounts))) };
  }

  /** Builds block (row, col) of a level from its four children, children first; returns the block for its own parent. */
  async #build(level: number, row: number, col: number, by: { pool: ThreadPool; signal: AbortSignal }): Promise<{ values: ArrayBuffer; counts: ArrayBuffer | undefined }> {
    if (level === 0) return this.#readHalf(row * this.#across(0) + col);
    by.signal.throwIfAborted();
    const children = await Promise.all(
      [0, 1, 2, 3].map(async (quarter) => {
        const [r, c] = [2 * row + (quarter >> 1), 2 * col + (quarter & 1)];
        return r < this.#down(level - 1) && c < this.#across(level - 1) ? this.#build(level - 1, r, c, by) : undefined;
      }),
    );
    const [values, counts] = [children.map((child) => child?.values), children.map((child) => child?.counts)];
    const { block } = await by.pool.run({ type: "overview", values, counts, keepValues: level === this.#pictureLevel });
    await this.#store(level, row * this.#across(level) + col, block);
    return { values: block.halfValues, counts: block.halfCounts };
  }

  async #readHalf(index: number): Promise<{ values: ArrayBuffer; counts: ArrayBuffer | undefined }> {
    const half = this.#halves[index];
    if (!half) throw new Error(`No half of block ${index}`);
    const values = (await this.#spool.read(half.values)).buffer;
    return { values, counts: half.counts && (await this.#spool.read(half.counts)).buffer };
  }

  #paint(block: Float32Array, index: number): void {
    const { width, height } = this.#sizes[this.#pictureLevel] ?? this.#grid;
    const [row0, col0] = [Math.floor(index / this.#across(this.#pictureLevel)) * COG_BLOCK, (index % this.#across(this.#pictureLevel)) * COG_BLOCK];
    for (let row = 0; row < Math.min(COG_BLOCK, height - row0); row++) {
      const cols = Math.min(COG_BLOCK, width - col0);
      this.#picture.set(block.subarray(row * COG_BLOCK, row * COG_BLOCK + cols), (row0 + row) * width + col0);
    }
  }
}
