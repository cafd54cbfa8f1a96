/**
 * One image (an index of a group) from its finished blocks: an overview block is built as soon as its four children are there, and the COGs of
 * values and counts are written without holding the image.
 */
import type { CogImage } from "../core/cog/cog-image.ts";
import { cogLevelSizes, type LevelSize } from "../core/cog/cog-image.ts";
import { createSemaphore } from "../../runtime/concurrency.ts";
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

/** Overview blocks under way at once: one computed, one stored. */
const BUILDING_AT_ONCE = 2;

type BlockPlace = { readonly level: number; readonly row: number; readonly col: number };

/** The halves of the children that are there (addresses, by quarter), and how many are not. */
type Family = { readonly halves: number[]; missing: number };

export class ImageAssembler {
  readonly #grid: Geobox;
  readonly #spool: Spool;
  readonly #shared: SharedBuffers;
  readonly #pool: ThreadPool;
  readonly #sizes: readonly LevelSize[];
  readonly #pictureLevel: number;
  /** For each level, its blocks row-major. */
  readonly #blocks: StoredBlock[][];
  /** Overview blocks that wait for children. */
  readonly #families = new Map<string, Family>();
  readonly #building = new Set<Promise<void>>();
  readonly #outputs = createSemaphore(BUILDING_AT_ONCE);
  #picture: Float32Array;

  constructor(grid: Geobox, spool: Spool, engine: { readonly shared: SharedBuffers; readonly pool: ThreadPool }) {
    this.#grid = grid;
    this.#shared = engine.shared;
    this.#pool = engine.pool;
    this.#spool = spool;
    this.#sizes = cogLevelSizes(grid.width, grid.height, COG_BLOCK);
    this.#blocks = this.#sizes.map(() => []);
    this.#pictureLevel = pictureLevel(grid);
    this.#picture = new Float32Array(0);
  }

  /**
   * Takes a finished full-resolution block; (row, col) of its upper-left pixel. Its memory is free when the promise resolves; the overview blocks that
   * it completes are built meanwhile, and {@link complete} waits for them.
   */
  async add(block: FinishedBlock, row0: number, col0: number): Promise<void> {
    const place = { level: 0, row: row0 / COG_BLOCK, col: col0 / COG_BLOCK };
    await this.#store(place, block);
    this.#rise(place, block);
  }

  /** Resolves when every block of every level is stored, which takes all full-resolution blocks; afterwards the picture is whole. */
  async complete(): Promise<void> {
    while (this.#building.size > 0) await Promise.all(this.#building);
    const missing = this.#sizes.findIndex((_, level) => this.#blocks[level]?.length !== this.#across(level) * this.#down(level));
    if (missing >= 0 || this.#families.size > 0) throw new Error(`Level ${missing} of an image is not complete`);
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
      crs: { type: crs.type, epsg: crs.epsg, citation: crs.name, userDefined: crs.userDefined?.geoKeys },
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

  async #store({ level, row, col }: BlockPlace, block: EncodedBlock): Promise<void> {
    const index = row * this.#across(level) + col;
    const values = await this.#append(block.values);
    const counts = block.counts && (await this.#append(block.counts));
    const blocks = this.#blocks[level];
    if (blocks) blocks[index] = { values, counts };
    if (level !== this.#pictureLevel) return;
    const raw = this.#shared.bytes(block.raw.address, block.raw.length);
    this.#paint(new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4), index);
  }

  /** Hands the half of a block to its parent; the last of a family builds the parent. */
  #rise({ level, row, col }: BlockPlace, block: EncodedBlock): void {
    if (level + 1 === this.#sizes.length) return;
    const half = this.#shared.allocate(HALF_BYTES);
    this.#shared.bytes(half, HALF_BYTES).set(this.#shared.bytes(block.half.address, HALF_BYTES));
    const parent = { level: level + 1, row: row >> 1, col: col >> 1 };
    const key = `${parent.level}/${parent.row}/${parent.col}`;
    const family = this.#families.get(key) ?? { halves: [0, 0, 0, 0], missing: this.#childrenOf(parent) };
    family.halves[(row & 1) * 2 + (col & 1)] = half;
    family.missing--;
    this.#families.set(key, family);
    if (family.missing > 0) return;
    this.#families.delete(key);
    const building = this.#build(parent, family.halves);
    this.#building.add(building);
    building.then(
      () => this.#building.delete(building),
      // complete() throws it.
      () => undefined,
    );
  }

  /** Four, fewer at the right and lower edge. */
  #childrenOf({ level, row, col }: BlockPlace): number {
    return Math.min(2, this.#down(level - 1) - 2 * row) * Math.min(2, this.#across(level - 1) - 2 * col);
  }

  async #build(place: BlockPlace, halves: readonly number[]): Promise<void> {
    await this.#outputs.acquire();
    const output = this.#shared.allocate(BLOCK_OUTPUT_BYTES);
    try {
      const { block } = await this.#pool.run({ type: "overview", halves, output });
      await this.#store(place, block);
      this.#rise(place, block);
    } finally {
      for (const half of halves) if (half !== 0) this.#shared.free(half, HALF_BYTES);
      this.#shared.free(output, BLOCK_OUTPUT_BYTES);
      this.#outputs.release();
    }
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
