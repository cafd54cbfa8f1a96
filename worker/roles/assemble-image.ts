/**
 * One image (an index of a group) from its finished blocks: overviews are built bottom up, each block once, and the COGs of values and counts
 * written without holding the image.
 */
import type { CogImage } from "../core/cog/cog-image.ts";
import { cogLevelSizes, type LevelSize } from "../core/cog/cog-image.ts";
import { mapConcurrently } from "../../runtime/concurrency.ts";
import { BLOCK_OUTPUT_BYTES, HALF_BYTES } from "../core/execution/block-finisher.ts";
import type { EncodedBlock, FinishedBlock, Span } from "../core/execution/thread-job.ts";
import { COG_BLOCK } from "../core/plan/chunks.ts";
import type { Geobox } from "../core/grid/geobox.ts";
import type { Raster } from "../core/quicklook/picture.ts";
import { writeCog, type WrittenFile } from "../io/output/cog-file.ts";
import type { Spool, Stored } from "../io/output/tile-store.ts";
import type { ThreadPool } from "../io/threads/thread-pool.ts";
import type { SharedBuffers } from "./engine.ts";

type StoredBlock = { readonly values: Stored; readonly counts: Stored | undefined };

/** A picture wants some 1,000 pixels; the smallest level that has them is kept as it is built. */
const PICTURE_PIXELS = 1000;

/** The level that the quicklook is made from. */
export function pictureLevel(grid: { readonly width: number; readonly height: number }): number {
  const levels = cogLevelSizes(grid.width, grid.height, COG_BLOCK);
  return Math.max(
    0,
    levels.findLastIndex((level) => Math.max(level.width, level.height) >= PICTURE_PIXELS),
  );
}

/** Overview levels whose four children are built at once: up to 16 tasks under way, some 30 MiB. */
const PARALLEL_LEVELS = 2;

type BlockPlace = { readonly row: number; readonly col: number };

export class ImageAssembler {
  readonly #grid: Geobox;
  readonly #spool: Spool;
  readonly #shared: SharedBuffers;
  readonly #sizes: readonly LevelSize[];
  readonly #pictureLevel: number;
  /** For each level, its blocks row-major. */
  readonly #blocks: StoredBlock[][];
  /** Halves of the full-resolution blocks, row-major. */
  readonly #halves: Stored[] = [];
  #picture: Float32Array;

  constructor(grid: Geobox, spool: Spool, shared: SharedBuffers) {
    this.#grid = grid;
    this.#shared = shared;
    this.#spool = spool;
    this.#sizes = cogLevelSizes(grid.width, grid.height, COG_BLOCK);
    this.#blocks = this.#sizes.map(() => []);
    this.#pictureLevel = pictureLevel(grid);
    this.#picture = new Float32Array(0);
  }

  /** Takes a finished full-resolution block; (row, col) of its upper-left pixel. */
  async add(block: FinishedBlock, row0: number, col0: number): Promise<void> {
    const at = (row0 / COG_BLOCK) * this.#across(0) + col0 / COG_BLOCK;
    await this.#store(0, at, block);
    if (this.#sizes.length > 1) this.#halves[at] = await this.#append(block.half);
  }

  /** Builds the overviews; afterwards the picture is whole. */
  async buildOverviews(pool: ThreadPool, signal: AbortSignal): Promise<void> {
    const top = this.#sizes.length - 1;
    if (top > 0) this.#free(await this.#build(top, { row: 0, col: 0 }, { pool, signal }));
  }

  /** The raster of the picture, which is not kept here any longer. */
  takePicture(): Raster {
    const { width, height } = this.#sizes[this.#pictureLevel] ?? this.#grid;
    const data = this.#picture;
    this.#picture = new Float32Array(0);
    return { width, height, data };
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
      levels: this.#sizes.map((size, level) => ({
        ...size,
        blockByteCounts: Array.from({ length: this.#across(level) * this.#down(level) }, (_, i) => stored(level, i).length),
      })),
      crs: { type: crs.type, epsg: crs.epsg, citation: crs.name },
      affine,
      description,
    };
    let buffer = new Uint8Array(0);
    const read = async (level: number, index: number): Promise<Uint8Array> => {
      const at = stored(level, index);
      if (buffer.length < at.length) buffer = new Uint8Array(at.length * 2);
      const target = buffer.subarray(0, at.length);
      await this.#spool.readInto(at, target);
      return target;
    };
    return writeCog(path, image, read, signal);
  }

  #across(level: number): number {
    return Math.ceil((this.#sizes[level]?.width ?? 0) / COG_BLOCK);
  }

  #down(level: number): number {
    return Math.ceil((this.#sizes[level]?.height ?? 0) / COG_BLOCK);
  }

  #append({ address, length }: Span): Promise<Stored> {
    return this.#spool.append(this.#shared.bytes(address, length));
  }

  async #store(level: number, index: number, block: EncodedBlock): Promise<void> {
    const values = await this.#append(block.values);
    const counts = block.counts && (await this.#append(block.counts));
    const blocks = this.#blocks[level];
    if (blocks) blocks[index] = { values, counts };
    if (level !== this.#pictureLevel) return;
    const raw = this.#shared.bytes(block.raw.address, block.raw.length);
    this.#paint(new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4), index);
  }

  /** Builds a block of a level from its four children, children first; returns the address of its half, to be freed; 0 off the image. */
  async #build(level: number, { row, col }: BlockPlace, by: { readonly pool: ThreadPool; readonly signal: AbortSignal }): Promise<number> {
    if (row >= this.#down(level) || col >= this.#across(level)) return 0;
    if (level === 0) return this.#readHalf(row * this.#across(0) + col);
    by.signal.throwIfAborted();
    const children = [0, 1, 2, 3].map((quarter) => ({ row: 2 * row + (quarter >> 1), col: 2 * col + (quarter & 1) }));
    // Side by side near the leaves only: enough for all threads, in bounded memory.
    const lanes = level <= PARALLEL_LEVELS ? children.length : 1;
    const halves = await mapConcurrently(children, lanes, (child) => this.#build(level - 1, child, by));
    const output = this.#shared.allocate(BLOCK_OUTPUT_BYTES);
    const { block } = await by.pool.run({ type: "overview", halves, output });
    await this.#store(level, row * this.#across(level) + col, block);
    const half = this.#shared.allocate(HALF_BYTES);
    this.#shared.bytes(half, HALF_BYTES).set(this.#shared.bytes(block.half.address, HALF_BYTES));
    for (const address of halves) this.#free(address);
    this.#shared.free(output, BLOCK_OUTPUT_BYTES);
    return half;
  }

  #free(half: number): void {
    if (half !== 0) this.#shared.free(half, HALF_BYTES);
  }

  async #readHalf(index: number): Promise<number> {
    const stored = this.#halves[index];
    if (!stored) throw new Error(`No half of block ${index}`);
    const half = this.#shared.allocate(HALF_BYTES);
    await this.#spool.readInto(stored, this.#shared.bytes(half, HALF_BYTES));
    return half;
  }

  #paint(block: Float32Array, index: number): void {
    const { width, height } = this.#sizes[this.#pictureLevel] ?? this.#grid;
    if (this.#picture.length === 0) this.#picture = new Float32Array(width * height);
    const [row0, col0] = [
      Math.floor(index / this.#across(this.#pictureLevel)) * COG_BLOCK,
      (index % this.#across(this.#pictureLevel)) * COG_BLOCK,
    ];
    for (let row = 0; row < Math.min(COG_BLOCK, height - row0); row++) {
      const cols = Math.min(COG_BLOCK, width - col0);
      this.#picture.set(block.subarray(row * COG_BLOCK, row * COG_BLOCK + cols), (row0 + row) * width + col0);
    }
  }
}
