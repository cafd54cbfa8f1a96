/** Source pixels of a window, put together from decoded blocks, with nodata and what lies outside the image made absent. */
import { intersectWindows, type Window } from "../grid/affine.ts";
import { ABSENT_FLAGS, type Gather, type Kernels, NAN_BITS } from "../kernels/kernels.ts";
import { type SampleType, sampleBytes } from "../raster/source-raster.ts";
import { type BlockTable, NOT_LOADED, SPARSE, type ThreadBand, type ThreadJob, type ThreadRaster } from "./thread-job.ts";

export class WindowReader {
  readonly #kernels: Kernels;
  readonly #job: ThreadJob;

  constructor(kernels: Kernels, job: ThreadJob) {
    this.#kernels = kernels;
    this.#job = job;
  }

  /** Fills the target for a window of the image of a table: float32 for measurements, uint32 for flags. */
  read(band: ThreadBand, table: BlockTable, window: Window, target: Target): void {
    const raster = this.#job.rasters[table.raster]!;
    const inside = intersectWindows(window, { row0: 0, col0: 0, row1: raster.height, col1: raster.width });
    if (!inside || !sameWindow(inside, window)) this.#fill(window, target, absentBits(band));
    if (!inside) return;
    const { blockHeight, blockWidth } = raster;
    for (let row = Math.floor(inside.row0 / blockHeight); row * blockHeight < inside.row1; row++)
      for (let col = Math.floor(inside.col0 / blockWidth); col * blockWidth < inside.col1; col++) {
        const block = { row0: row * blockHeight, col0: col * blockWidth, row1: (row + 1) * blockHeight, col1: (col + 1) * blockWidth };
        const part = intersectWindows(inside, block);
        if (part) this.#part(band, raster, { part, block, slot: slotOf(table, row, col) }, within(target, window, part));
      }
    if (table.mask) this.#clear(table.mask, inside, within(target, window, inside), absentBits(band));
  }

  /** Makes the elements of a window absent where its mask is 0. */
  #clear(table: BlockTable, window: Window, target: Target, bits: number): void {
    const { blockHeight, blockWidth, fill } = this.#job.rasters[table.raster]!;
    for (let row = Math.floor(window.row0 / blockHeight); row * blockHeight < window.row1; row++)
      for (let col = Math.floor(window.col0 / blockWidth); col * blockWidth < window.col1; col++) {
        const block = { row0: row * blockHeight, col0: col * blockWidth, row1: (row + 1) * blockHeight, col1: (col + 1) * blockWidth };
        const part = intersectWindows(window, block);
        if (!part) continue;
        const slot = slotOf(table, row, col);
        const to = within(target, window, part);
        if (slot === NOT_LOADED) throw new Error(`Mask block at row ${row}, column ${col} is needed and was not loaded`);
        if (slot === SPARSE && fill === 0) this.#fill(part, to, bits);
        if (slot === SPARSE) continue;
        const src = slot + (part.row0 - block.row0) * blockWidth + part.col0 - block.col0;
        this.#kernels.clearMasked(src, blockWidth, to.address, to.stride, part.col1 - part.col0, part.row1 - part.row0, bits);
      }
  }

  #fill(window: Window, { address, stride }: Target, bits: number): void {
    for (let r = 0; r < window.row1 - window.row0; r++) this.#kernels.fill32(address + r * stride * 4, window.col1 - window.col0, bits);
  }

  #part(band: ThreadBand, raster: ThreadRaster, from: { part: Window; block: Window; slot: number }, to: Target): void {
    const { part, block, slot } = from;
    if (slot === NOT_LOADED) throw new Error(`Block at row ${block.row0}, column ${block.col0} is needed and was not loaded`);
    if (slot === SPARSE) {
      this.#fill(part, to, bitsOf(raster, band));
      return;
    }
    const { sampleType } = raster.encoding;
    const src = slot + ((part.row0 - block.row0) * raster.blockWidth + part.col0 - block.col0) * sampleBytes(sampleType);
    const gather = band.type === "flags" ? gatherFlags(this.#kernels, sampleType) : gatherF32(this.#kernels, sampleType);
    const nodata = band.type === "flags" ? nodataCode(sampleType, raster.nodata) : (raster.nodata ?? Number.NaN);
    gather(src, raster.blockWidth, to.address, to.stride, part.col1 - part.col0, part.row1 - part.row0, nodata);
  }
}

/** Where a window goes: the address of its upper left and the elements from row to row, of 32 bits. */
export type Target = { readonly address: number; readonly stride: number };

/** Where a part of a window goes. */
function within({ address, stride }: Target, window: Window, part: Window): Target {
  return { address: address + ((part.row0 - window.row0) * stride + part.col0 - window.col0) * 4, stride };
}

function sameWindow(a: Window, b: Window): boolean {
  return a.row0 === b.row0 && a.col0 === b.col0 && a.row1 === b.row1 && a.col1 === b.col1;
}

/** What an element without observation holds. */
export function absentBits(band: ThreadBand): number {
  return band.type === "flags" ? ABSENT_FLAGS : NAN_BITS;
}

/** The element of a block without bytes. */
function bitsOf({ fill, nodata, encoding }: ThreadRaster, band: ThreadBand): number {
  if (fill === nodata || Number.isNaN(fill)) return absentBits(band);
  return band.type === "flags" ? nodataCode(encoding.sampleType, fill) : (new Uint32Array(Float32Array.of(fill).buffer)[0] ?? 0);
}

function slotOf(table: BlockTable, row: number, col: number): number {
  const { row0, col0, row1, col1 } = table.blocks;
  if (row < row0 || row >= row1 || col < col0 || col >= col1) return NOT_LOADED;
  return table.slots[(row - row0) * (col1 - col0) + col - col0] ?? NOT_LOADED;
}

function gatherF32(kernels: Kernels, type: SampleType): Gather {
  switch (type) {
    case "uint8":
      return kernels.gatherF32FromU8;
    case "int8":
      return kernels.gatherF32FromI8;
    case "uint16":
      return kernels.gatherF32FromU16;
    case "int16":
      return kernels.gatherF32FromI16;
    case "uint32":
      return kernels.gatherF32FromU32;
    case "int32":
      return kernels.gatherF32FromI32;
    case "float32":
      return kernels.gatherF32FromF32;
    case "float64":
      return kernels.gatherF32FromF64;
  }
}

/** Flags are bits: a signed band's are read as the unsigned ones they are. Flag bands of other types are refused before a thread sees them. */
function gatherFlags(kernels: Kernels, type: SampleType): Gather {
  return type === "uint8" || type === "int8" ? kernels.gatherFlagsFromU8 : kernels.gatherFlagsFromU16;
}

/** The code that a number of a flag band is stored as; -1 where there is none. */
function nodataCode(type: SampleType, nodata: number | undefined): number {
  if (nodata === undefined) return -1;
  return nodata < 0 && (type === "int8" || type === "int16") ? nodata + 2 ** (8 * sampleBytes(type)) : nodata;
}
