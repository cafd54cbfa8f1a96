/**
 * What one kernel thread does with one unit: for each strip of rows, every band of every scene of the day is sampled to a plane, fused, masked, made
 * into indices and added to the accumulators. All pixels are independent, so how units and strips are cut cannot change a result.
 */
import type { Window } from "../grid/affine.ts";
import { ABSENT_FLAGS, type Kernels, NAN_BITS } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import { CoordinateGrid } from "./coordinate-grid.ts";
import { STRIP_ROWS, type StripCoordinates } from "./strip.ts";
import type { BlockTable, ComputeTask, ThreadBand, ThreadJob, ThreadRaster } from "./thread-job.ts";
import { WindowReader } from "./window-reader.ts";

/** Largest source window that is put together at a time; a strip that needs more is halved until it does not. */
const MAX_WINDOW_PIXELS = 1024 * 1024;

const STRIP_PIXELS = STRIP_ROWS * COG_BLOCK;

export class UnitComputer {
  readonly #kernels: Kernels;
  readonly #job: ThreadJob;
  readonly #windows: WindowReader;
  readonly #coordinates: CoordinateGrid;
  readonly #planes: readonly number[];
  readonly #fresh: number;
  readonly #valid: number;
  readonly #index: number;
  readonly #window: number;

  /** `allocate` gives addresses in the shared memory, for this thread alone and for good. */
  constructor(kernels: Kernels, memory: WebAssembly.Memory, job: ThreadJob, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#job = job;
    this.#windows = new WindowReader(kernels, job);
    this.#coordinates = new CoordinateGrid(kernels, memory, allocate);
    this.#planes = job.bands.map(() => allocate(STRIP_PIXELS * 4));
    this.#fresh = allocate(STRIP_PIXELS * 4);
    this.#valid = allocate(STRIP_PIXELS);
    this.#index = allocate(STRIP_PIXELS * 4);
    this.#window = allocate((MAX_WINDOW_PIXELS + 8) * 4);
  }

  /** Adds the day; returns, for each index, the observations outside the valid range. */
  compute(task: ComputeTask): readonly number[] {
    const outside = this.#job.indices.map(() => 0);
    for (let row0 = task.unit.row0; row0 < task.unit.row1; row0 += STRIP_ROWS) {
      const strip = { ...task.unit, row0, row1: Math.min(row0 + STRIP_ROWS, task.unit.row1) };
      this.#coordinates.begin(strip);
      this.#job.bands.forEach((band, b) => this.#sampleDay(task, strip, band, b));
      const n = (strip.row1 - strip.row0) * (strip.col1 - strip.col0);
      this.#mask(n);
      this.#job.indices.forEach((_, i) => {
        outside[i] = (outside[i] ?? 0) + this.#indexPlane(i, n);
        this.#accumulate(task, strip, i);
      });
    }
    return outside;
  }

  /** The plane of one band: its scenes sampled and fused, the first not-nodata winning. */
  #sampleDay(task: ComputeTask, strip: Window, band: ThreadBand, b: number): void {
    const plane = this.#planes[b]!;
    const n = (strip.row1 - strip.row0) * (strip.col1 - strip.col0);
    let first = true;
    for (const scene of task.scenes) {
      const table = scene[b];
      if (!table) continue;
      this.#sample(task, strip, band, table, first ? plane : this.#fresh);
      if (!first && band.type === "flags") this.#kernels.fuseFlags(plane, this.#fresh, n);
      if (!first && band.type === "measurement") this.#kernels.fuseF32(plane, this.#fresh, n);
      first = false;
    }
    if (first) this.#kernels.fill32(plane, n, absentBits(band));
  }

  /** One scene's band on the strip, to all elements of `dst`. */
  #sample(task: ComputeTask, strip: Window, band: ThreadBand, table: BlockTable, dst: number): void {
    const raster = this.#job.rasters[table.raster]!;
    const { sampling } = raster;
    const stride = strip.col1 - strip.col0;
    const averaged = band.type === "measurement" && band.average;
    if (sampling.type === "copy") this.#windows.read(band, table, shifted(strip, sampling.rowOffset, sampling.colOffset), dst, stride);
    else if (sampling.type === "shift" && !averaged) {
      // The centre of an output pixel lies in source pixel floor(pixel + offset + 1/2).
      this.#windows.read(band, table, shifted(strip, nearestOffset(sampling.y.offset), nearestOffset(sampling.x.offset)), dst, stride);
    } else if (sampling.type === "shift") this.#averageShift(strip, band, table, dst);
    else {
      const grid = this.#coordinates.of(raster, task.lattices, averaged ? "corners" : "centres");
      this.#warp({ strip, rect: strip, band, table, dst }, raster, grid);
    }
  }

  #averageShift(strip: Window, band: ThreadBand, table: BlockTable, dst: number): void {
    const { sampling } = this.#job.rasters[table.raster]!;
    if (sampling.type !== "shift") throw new Error("Not a shift");
    const [dx, dy] = [Math.floor(sampling.x.offset), Math.floor(sampling.y.offset)];
    const [fx, fy] = [sampling.x.offset - dx, sampling.y.offset - dy];
    const window = shifted(strip, dy, dx);
    const [cols, rows] = [strip.col1 - strip.col0, strip.row1 - strip.row0];
    this.#windows.read(band, table, { ...window, row1: window.row1 + 1, col1: window.col1 + 1 }, this.#window, cols + 1);
    this.#kernels.averageShift(this.#window, cols + 1, dst, cols, cols, rows, (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy);
  }

  /** A rectangle of the strip through coordinates, in halves where its source window is too large. */
  #warp(at: WarpTarget, raster: ThreadRaster, grid: StripCoordinates): void {
    const { strip, rect, band, table, dst } = at;
    const window = this.#coordinates.sourceWindow(raster, grid, rect);
    const stride = strip.col1 - strip.col0;
    const [cols, rows] = [rect.col1 - rect.col0, rect.row1 - rect.row0];
    const to = dst + ((rect.row0 - strip.row0) * stride + rect.col0 - strip.col0) * 4;
    if (!window) {
      for (let r = 0; r < rows; r++) this.#kernels.fill32(to + r * stride * 4, cols, absentBits(band));
      return;
    }
    const [windowCols, windowRows] = [window.col1 - window.col0, window.row1 - window.row0];
    if (windowCols * windowRows > MAX_WINDOW_PIXELS && cols * rows > 1) {
      for (const half of halves(rect)) this.#warp({ ...at, rect: half }, raster, grid);
      return;
    }
    if (windowCols * windowRows > MAX_WINDOW_PIXELS) throw new Error(`One output pixel needs ${windowCols} x ${windowRows} source pixels: choose overviews or a finer grid`);
    this.#windows.read(band, table, window, this.#window, windowCols);
    const [xs, ys] = this.#coordinates.addressOf(grid, rect);
    const [ox, oy] = grid.originXY;
    const [px, py] = grid.perXY;
    const k = this.#kernels;
    if (grid.kind === "corners") {
      k.averageBoxes(this.#window, windowCols, windowCols, windowRows, window.col0, window.row0, xs, ys, ox, px, oy, py, to, stride, cols, rows, grid.cols);
    } else {
      const absent = absentBits(band);
      k.nearest32(this.#window, windowCols, windowCols, windowRows, window.col0, window.row0, xs, ys, ox, px, oy, py, to, stride, cols, rows, grid.cols, absent);
    }
  }

  #mask(n: number): void {
    let first = 1;
    this.#job.bands.forEach((band, b) => {
      if (band.type !== "flags") return;
      this.#kernels.maskByTable(this.#planes[b]!, band.keep, this.#valid, n, first);
      first = 0;
    });
    if (first) this.#kernels.fill32(this.#valid, Math.ceil(n / 4), 0x01010101);
  }

  #indexPlane(index: number, n: number): number {
    const { a, b } = this.#job.indices[index]!;
    const [p, q] = [this.#job.bands[a]!, this.#job.bands[b]!];
    if (p.type !== "measurement" || q.type !== "measurement") throw new Error("An index of flag bands");
    const drop = this.#job.dropOutsideValidRange ? 1 : 0;
    const [planeA, planeB] = [this.#planes[a]!, this.#planes[b]!];
    return this.#kernels.normalizedDifference(planeA, planeB, this.#valid, n, p.scale, p.offset, q.scale, q.offset, p.low, p.high, q.low, q.high, drop, this.#index);
  }

  #accumulate(task: ComputeTask, strip: Window, index: number): void {
    const { sums, counts } = task.accumulators;
    const cols = strip.col1 - strip.col0;
    for (let row = strip.row0; row < strip.row1; row++) {
      const element = (row - task.blockRow0) * COG_BLOCK + strip.col0 - task.blockCol0;
      const [sum, count] = [sums[index]! + element * 8, counts[index]! + element * 2];
      if (task.first) {
        this.#kernels.fill32(sum, cols * 2, 0);
        this.#kernels.fill16(count, cols, 0);
      }
      this.#kernels.accumulateSum(this.#index + (row - strip.row0) * cols * 4, sum, count, cols);
    }
  }
}

type WarpTarget = { readonly strip: Window; readonly rect: Window; readonly band: ThreadBand; readonly table: BlockTable; readonly dst: number };

function absentBits(band: ThreadBand): number {
  return band.type === "flags" ? ABSENT_FLAGS : NAN_BITS;
}

function shifted(window: Window, rows: number, cols: number): Window {
  return { row0: window.row0 + rows, col0: window.col0 + cols, row1: window.row1 + rows, col1: window.col1 + cols };
}

/** An offset of exactly half a pixel puts centres on edges, which count as the pixel after; noise must not decide. */
function nearestOffset(offset: number): number {
  return Math.floor(offset + 0.5 + 1e-6);
}

function halves(rect: Window): readonly Window[] {
  const { row0, col0, row1, col1 } = rect;
  if (col1 - col0 >= row1 - row0) {
    const middle = (col0 + col1) >> 1;
    return [
      { row0, col0, row1, col1: middle },
      { row0, col0: middle, row1, col1 },
    ];
  }
  const middle = (row0 + row1) >> 1;
  return [
    { row0, col0, row1: middle, col1 },
    { row0: middle, col0, row1, col1 },
  ];
}
