/**
 * The source blocks that slabs refer to: which are being fetched, which are in memory, and where.
 *
 *   absent -> fetching, stored as in the file -> decoding -> resident -> absent, as soon as no slab refers to it
 *
 * Invariant: a block is known exactly while a slab refers to it; it counts as decoded from the moment when a slab that needs it is admitted, and has its
 * slot from the moment when it is decoded.
 */
import type { Window } from "../grid/affine.ts";
import { blocksOfWindow, decodedBytes, type SourceRaster, storedRows } from "../raster/source-raster.ts";
import type { Arena } from "./arena.ts";
import { type BlockTable, NOT_LOADED, SPARSE, type StoredBlock } from "./thread-job.ts";

/** Read `length` bytes of the file from `offset` to `address`: these blocks are in them, as they are stored. */
export type Load = {
  readonly type: "load";
  readonly raster: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
  readonly blocks: readonly number[];
};

/** Decode the blocks of a load into their slots. */
export type Decode = { readonly type: "decode"; readonly load: Load; readonly blocks: readonly StoredBlock[] };

type BlockState = { slot: number | undefined; refs: number; admitted: boolean; resident: boolean };

/** When blocks are read together. */
export type JoinRule = {
  /** Neighbouring blocks this far apart in a file are read in one request. */
  readonly joinGapBytes: number;
  /** A request for more than one block is no longer than this, so that decoding can begin before all is there, on several threads. */
  readonly maxLoadBytes: number;
};

/**
 * Decoded blocks in memory at once. One row of units of a 2048-wide chunk needs some 12 MiB of three bands, and the next shares a third of it
 * (npm run bench).
 */
export const DECODED_BUDGET_BYTES = 24 * 1024 * 1024;

/** More blocks than a file can list. */
const MAX_BLOCKS = 2 ** 32;

/** A block of a raster in one number. */
function blockKey(raster: number, block: number): number {
  return raster * MAX_BLOCKS + block;
}

export class SourceBlocks {
  /** Masks of rasters among them. */
  readonly #rasters: readonly SourceRaster[];
  readonly #maskIds: ReadonlyMap<SourceRaster, number>;
  readonly #arena: Arena;
  readonly #joinRule: JoinRule;
  readonly #blocks = new Map<number, BlockState>();
  #decodedBytes = 0;
  #storedBytes = 0;

  constructor(rasters: readonly SourceRaster[], arena: Arena, joinRule: JoinRule) {
    this.#rasters = rasters;
    this.#maskIds = new Map(rasters.map((raster, id) => [raster, id]));
    this.#arena = arena;
    this.#joinRule = joinRule;
  }

  /** Decoded bytes of all blocks that admitted slabs refer to. */
  get decodedBytes(): number {
    return this.#decodedBytes;
  }

  /** Bytes of all loads that are not decoded yet. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** The keys of the blocks that a window of a raster touches and that have bytes in the file. */
  keysOf(raster: number, window: Window | undefined): readonly number[] {
    const source = this.#rasters[raster];
    if (!source || !window) return [];
    const keys = blockNumbers(source, blocksOfWindow(source, window))
      .filter((block) => (source.blocks.byteCounts[block] ?? 0) > 0)
      .map((block) => blockKey(raster, block));
    return source.mask ? [...keys, ...this.keysOf(this.#maskId(source.mask), window)] : keys;
  }

  #maskId(mask: SourceRaster): number {
    const id = this.#maskIds.get(mask);
    if (id === undefined) throw new Error(`No mask ${mask.href}`);
    return id;
  }

  /** The bytes in the file that referring to these blocks would add, without gaps between them. */
  storedBytesToAdd(keys: readonly number[]): number {
    return keys.reduce((sum, key) => sum + (this.#blocks.has(key) ? 0 : this.#storedBytesOf(key)), 0);
  }

  /** The decoded bytes that admitting a slab of these blocks would add. */
  decodedBytesToAdd(keys: readonly number[]): number {
    return keys.reduce((sum, key) => sum + (this.#blocks.get(key)?.admitted ? 0 : this.#decodedBytesOf(key)), 0);
  }

  /** Refers to the blocks once more; what has to be loaded for it, neighbours in a file together. */
  refer(keys: readonly number[]): readonly Load[] {
    const missing = new Map<number, number[]>();
    for (const key of keys) {
      const known = this.#blocks.get(key);
      if (known) known.refs++;
      else {
        const [, block, id] = this.#parse(key);
        this.#blocks.set(key, { slot: undefined, refs: 1, admitted: false, resident: false });
        missing.set(id, [...(missing.get(id) ?? []), block]);
      }
    }
    return [...missing].flatMap(([id, blocks]) => this.#loads(id, blocks));
  }

  /** A slab that refers to these blocks is admitted: they count as decoded. */
  admit(keys: readonly number[]): void {
    this.#decodedBytes += this.decodedBytesToAdd(keys);
    for (const key of keys) {
      const state = this.#blocks.get(key);
      if (!state) throw new Error(`Block ${key} is admitted, but was not referred to`);
      state.admitted = true;
    }
  }

  isResident(key: number): boolean {
    return this.#blocks.get(key)?.resident ?? false;
  }

  /** Gives the blocks of a load that has arrived their slots. */
  decode(load: Load): Decode {
    const [raster] = this.#parse(blockKey(load.raster, 0));
    const { offsets, byteCounts } = raster.blocks;
    const blocks = load.blocks.map((block): StoredBlock => {
      const state = this.#blocks.get(blockKey(load.raster, block));
      if (!state?.admitted) throw new Error(`Block ${block} of raster ${load.raster} is to be decoded, but is not admitted`);
      state.slot = this.#arena.allocate(decodedBytes(raster, block));
      const address = load.address + (offsets[block] ?? 0) - load.offset;
      return { block, address, length: byteCounts[block] ?? 0, rows: storedRows(raster, block), slot: state.slot };
    });
    return { type: "decode", load, blocks };
  }

  /** The blocks of a load are decoded; gives their keys. */
  decoded({ raster, address, length, blocks }: Load): readonly number[] {
    this.#arena.free(address, length);
    this.#storedBytes -= length;
    return blocks.map((block) => {
      const key = blockKey(raster, block);
      const state = this.#blocks.get(key);
      if (!state || state.resident)
        throw new Error(`Block ${block} of raster ${raster} was decoded, but is ${state ? "resident already" : "not wanted"}`);
      state.resident = true;
      return key;
    });
  }

  /** Refers to the blocks once less; those that nobody refers to are freed. */
  release(keys: readonly number[]): void {
    for (const key of keys) {
      const state = this.#blocks.get(key);
      if (!state) throw new Error(`Block ${key} is released, but was not referred to`);
      state.refs--;
      if (state.refs > 0) continue;
      if (state.slot === undefined) throw new Error(`Block ${key} is released, but was never decoded`);
      this.#blocks.delete(key);
      this.#decodedBytes -= this.#decodedBytesOf(key);
      this.#arena.free(state.slot, this.#decodedBytesOf(key));
    }
  }

  /** Where the blocks of a window are; undefined where there is no window. */
  table(raster: number, window: Window | undefined): BlockTable | undefined {
    const source = this.#rasters[raster];
    if (!source || !window) return undefined;
    const blocks = blocksOfWindow(source, window);
    const slots = blockNumbers(source, blocks).map((block) =>
      source.blocks.byteCounts[block] === 0 ? SPARSE : (this.#blocks.get(blockKey(raster, block))?.slot ?? NOT_LOADED),
    );
    return { raster, blocks, slots, mask: source.mask && this.table(this.#maskId(source.mask), window) };
  }

  /** Throws where the counts differ from those of the slabs' own lists of blocks; for tests. */
  assertInvariants(referred: readonly (readonly number[])[]): void {
    const refs = new Map<number, number>();
    for (const key of referred.flat()) refs.set(key, (refs.get(key) ?? 0) + 1);
    for (const [key, state] of this.#blocks) {
      if (state.refs !== refs.get(key)) throw new Error(`Block ${key} counts ${state.refs} slabs, but ${refs.get(key) ?? 0} refer to it`);
    }
    if (refs.size !== this.#blocks.size) throw new Error(`${refs.size} blocks are referred to, but ${this.#blocks.size} known`);
    const admitted = [...this.#blocks].filter(([, state]) => state.admitted);
    const bytes = admitted.reduce((sum, [key]) => sum + this.#decodedBytesOf(key), 0);
    if (bytes !== this.#decodedBytes) throw new Error(`${this.#decodedBytes} decoded bytes are counted, but ${bytes} admitted`);
  }

  #loads(id: number, blocks: readonly number[]): readonly Load[] {
    const [raster] = this.#parse(blockKey(id, 0));
    const { offsets, byteCounts } = raster.blocks;
    return joinNeighbours(blocks, raster, this.#joinRule).map((run): Load => {
      const offset = Math.min(...run.map((block) => offsets[block] ?? 0));
      const length = Math.max(...run.map((block) => (offsets[block] ?? 0) + (byteCounts[block] ?? 0))) - offset;
      this.#storedBytes += length;
      return { type: "load", raster: id, offset, address: this.#arena.allocate(length), length, blocks: run };
    });
  }

  #decodedBytesOf(key: number): number {
    const [raster, block] = this.#parse(key);
    return decodedBytes(raster, block);
  }

  #storedBytesOf(key: number): number {
    const [raster, block] = this.#parse(key);
    return raster.blocks.byteCounts[block] ?? 0;
  }

  #parse(key: number): readonly [raster: SourceRaster, block: number, id: number] {
    const [id, block] = [Math.floor(key / MAX_BLOCKS), key % MAX_BLOCKS];
    const raster = this.#rasters[id];
    if (!raster) throw new Error(`No raster ${id}`);
    return [raster, block, id];
  }
}

/** The numbers of a rectangle of blocks, row-major. */
function blockNumbers(raster: SourceRaster, range: Window): readonly number[] {
  const numbers: number[] = [];
  for (let row = range.row0; row < range.row1; row++)
    for (let col = range.col0; col < range.col1; col++) numbers.push(row * raster.blocks.across + col);
  return numbers;
}

/** Runs of blocks that lie close together in the file. */
function joinNeighbours(
  blocks: readonly number[],
  { blocks: { offsets, byteCounts } }: SourceRaster,
  { joinGapBytes, maxLoadBytes }: JoinRule,
): readonly (readonly number[])[] {
  const at = (block: number): number => offsets[block] ?? 0;
  const end = (block: number): number => at(block) + (byteCounts[block] ?? 0);
  const runs: number[][] = [];
  for (const block of blocks.toSorted((a, b) => at(a) - at(b))) {
    const run = runs.at(-1);
    const [first, last] = [run?.[0], run?.at(-1)];
    const joins =
      first !== undefined && last !== undefined && at(block) - end(last) <= joinGapBytes && end(block) - at(first) <= maxLoadBytes;
    if (run && joins) run.push(block);
    else runs.push([block]);
  }
  return runs;
}
