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

  /** Fills `dst` (rows x cols of the window, `stride` elements a row): float32 for measurements, uint32 for flags. */
  read(band: ThreadBand, table: BlockTable, window: Window, dst: number, stride: number): void {
    const raster = this.#job.rasters[table.raster]!;
    const absent = band.type === "flags" ? ABSENT_FLAGS : NAN_BITS;
    const image = { row0: 0, col0: 0, row1: raster.height, col1: raster.width };
    const inside = intersectWindows(window, image);
    const whole = inside && inside.row0 === window.row0 && inside.col0 === window.col0 && inside.row1 === window.row1 && inside.col1 === window.col1;
    if (!whole) for (let r = 0; r < window.row1 - window.row0; r++) this.#kernels.fill32(dst + r * stride * 4, window.col1 - window.col0, absent);
    if (!inside) return;
    const { blockHeight, blockWidth } = raster;
    for (let row = Math.floor(inside.row0 / blockHeight); row * blockHeight < inside.row1; row++)
      for (let col = Math.floor(inside.col0 / blockWidth); col * blockWidth < inside.col1; col++) {
        const block = { row0: row * blockHeight, col0: col * blockWidth, row1: (row + 1) * blockHeight, col1: (col + 1) * blockWidth };
        const part = intersectWindows(inside, block);
        if (!part) continue;
        const to = dst + ((part.row0 - window.row0) * stride + part.col0 - window.col0) * 4;
        this.#part(band, raster, { part, block, slot: slotOf(table, row, col) }, to, stride);
      }
  }

  #part(band: ThreadBand, raster: ThreadRaster, from: { part: Window; block: Window; slot: number }, to: number, stride: number): void {
    const { part, block, slot } = from;
    const [cols, rows] = [part.col1 - part.col0, part.row1 - part.row0];
    if (slot === NOT_LOADED) throw new Error(`Block at row ${block.row0}, column ${block.col0} is needed and was not loaded`);
    if (slot === SPARSE) {
      // Without bytes a block is all nodata, or all 0 where there is no nodata (GDAL's rule).
      const bits = raster.nodata === undefined ? 0 : band.type === "flags" ? ABSENT_FLAGS : NAN_BITS;
      for (let r = 0; r < rows; r++) this.#kernels.fill32(to + r * stride * 4, cols, bits);
      return;
    }
    const { sampleType } = raster.encoding;
    const src = slot + ((part.row0 - block.row0) * raster.blockWidth + part.col0 - block.col0) * sampleBytes(sampleType);
    if (band.type === "flags") gatherFlags(this.#kernels, sampleType)(src, raster.blockWidth, to, stride, cols, rows, raster.nodata ?? -1);
    else gatherF32(this.#kernels, sampleType)(src, raster.blockWidth, to, stride, cols, rows, raster.nodata ?? Number.NaN);
  }
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
  }
}

/** Flag bands of other types are refused before a thread sees them. */
function gatherFlags(kernels: Kernels, type: SampleType): Gather {
  return type === "uint8" ? kernels.gatherFlagsFromU8 : kernels.gatherFlagsFromU16;
}
