/**
 * What one kernel thread does with one unit: for each strip of rows, every band of every scene of the day is sampled to a plane, fused, masked, made
 * into indices and added to the accumulators. All pixels are independent, so how units and strips are cut cannot change a result.
 */
import type { Window } from "../grid/affine.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { AxisMap } from "../grid/sampling.ts";
import { AccumulatorClearer } from "./clear-accumulators.ts";
import type { FilterShape } from "../grid/source-step.ts";
import { CoordinateGrid } from "./coordinate-grid.ts";
import { STRIP_ROWS, type StripCoordinates } from "./strip.ts";
import type { BlockTable, ComputeTask, ThreadBand, ThreadJob, ThreadRaster } from "./thread-job.ts";
import { absentBits, WindowReader } from "./window-reader.ts";

/** Largest source window that is put together at a time; a strip that needs more is halved until it does not. */
const MAX_WINDOW_PIXELS = 1024 * 1024;

/** Weights of one output pixel along both axes: the plan refuses filters whose pixels do not fit a window (plan/coarse-grid.ts). */
const MAX_FILTER_WEIGHTS = 16 * 1024;

/** Elements after a window, and two further rows of it, that the kernels may load. */
const WINDOW_TAIL = 8;

const STRIP_PIXELS = STRIP_ROWS * COG_BLOCK;

/** One pixel as the engine sees it on one day. */
export type PixelLook = {
  /** For each band, what it was sampled and fused to: a stored number (NaN: absent), or the code of a flag band (ABSENT_FLAGS: absent). */
  readonly bands: readonly number[];
  /** For each index: its value where nothing is masked or dropped, and the value that is reduced; NaN where there is none. */
  readonly indices: readonly { readonly value: number; readonly reduced: number }[];
};

export class UnitComputer {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #job: ThreadJob;
  readonly #windows: WindowReader;
  readonly #coordinates: CoordinateGrid;
  readonly #planes: readonly number[];
  /** A later scene is sampled here before it is fused; two, since bands are averaged in pairs. */
  readonly #fresh: readonly [number, number];
  readonly #valid: number;
  readonly #index: number;
  readonly #window: readonly [number, number];
  readonly #clearer: AccumulatorClearer;
  readonly #weights: number;

  /** `allocate` gives addresses in the shared memory, for this thread alone and for good. */
  constructor(kernels: Kernels, memory: WebAssembly.Memory, job: ThreadJob, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#job = job;
    this.#windows = new WindowReader(kernels, job);
    this.#coordinates = new CoordinateGrid(kernels, memory, allocate);
    this.#planes = job.bands.map(() => allocate(STRIP_PIXELS * 4));
    this.#fresh = [allocate(STRIP_PIXELS * 4), allocate(STRIP_PIXELS * 4)];
    this.#valid = allocate(STRIP_PIXELS);
    this.#index = allocate(STRIP_PIXELS * 4);
    // A window may be one row high, and has two more after it.
    const window = () => allocate((3 * MAX_WINDOW_PIXELS + WINDOW_TAIL) * 4);
    this.#window = [window(), window()];
    this.#clearer = new AccumulatorClearer(kernels, job.statistic);
    this.#weights = allocate(MAX_FILTER_WEIGHTS * 8);
  }

  /** Adds the day; returns, for each index, the observations outside the valid range. */
  compute(task: ComputeTask): readonly number[] {
    const outside = this.#job.indices.map(() => 0);
    for (let row0 = task.unit.row0; row0 < task.unit.row1; row0 += STRIP_ROWS) {
      const strip = { ...task.unit, row0, row1: Math.min(row0 + STRIP_ROWS, task.unit.row1) };
      this.#coordinates.begin(strip);
      if (task.first) this.#clear(task, strip);
      const n = (strip.row1 - strip.row0) * (strip.col1 - strip.col0);
      // Flags first: what they mask need not be averaged.
      this.#samplePlanes(task, strip, "flags");
      this.#mask(n);
      if (this.#kernels.anyValid(this.#valid, n) === 0) {
        this.#skip(task, strip);
        continue;
      }
      this.#samplePlanes(task, strip, "measurement");
      this.#dropOutside(n);
      this.#job.indices.forEach((_, i) => {
        outside[i] = (outside[i] ?? 0) + this.#indexPlane(i, n);
        this.#accumulate(task, strip, i);
      });
    }
    return outside;
  }

  /** What {@link compute} would see of a unit of one pixel, sampled also where the flags drop it; adds nothing to the accumulators. */
  look(task: ComputeTask): PixelLook {
    this.#coordinates.begin(task.unit);
    this.#samplePlanes(task, task.unit, "flags");
    this.#kernels.fill32(this.#valid, 1, 0x01010101);
    this.#samplePlanes(task, task.unit, "measurement");
    const codes = new Uint32Array(this.#memory.buffer);
    const numbers = new Float32Array(this.#memory.buffer);
    const bands = this.#job.bands.map(({ type }, b) => (type === "flags" ? codes : numbers)[this.#planes[b]! >> 2]!);
    const values = this.#job.indices.map((_, i) => this.#indexValue(i));
    this.#mask(1);
    this.#dropOutside(1);
    const reduced = this.#job.indices.map((_, i) => this.#indexValue(i));
    return { bands, indices: values.map((value, i) => ({ value, reduced: reduced[i]! })) };
  }

  /** An index of the only pixel. */
  #indexValue(index: number): number {
    this.#indexPlane(index, 1);
    return new Float32Array(this.#memory.buffer)[this.#index >> 2]!;
  }

  /** The planes of all bands of a type: the day's scenes sampled and fused, the first not-nodata winning. */
  #samplePlanes(task: ComputeTask, strip: Window, type: ThreadBand["type"]): void {
    const n = (strip.row1 - strip.row0) * (strip.col1 - strip.col0);
    const begun = this.#job.bands.map(() => false);
    for (const scene of task.scenes) {
      for (const group of this.#groupBands(scene, type)) {
        const samples = group.map((b, i): Sample => ({
          band: this.#job.bands[b]!,
          table: scene[b]!,
          dst: begun[b] ? this.#fresh[i]! : this.#planes[b]!,
        }));
        this.#sample(task, strip, samples);
        group.forEach((b, i) => {
          if (begun[b]) this.#fuse(b, this.#fresh[i]!, n);
          begun[b] = true;
        });
      }
    }
    begun.forEach((done, b) => {
      if (!done && this.#job.bands[b]!.type === type) this.#kernels.fill32(this.#planes[b]!, n, absentBits(this.#job.bands[b]!));
    });
  }

  /** The scene's bands of a type, in pairs where two are averaged over the same boxes. */
  #groupBands(scene: readonly (BlockTable | undefined)[], type: ThreadBand["type"]): readonly (readonly number[])[] {
    const groups: number[][] = [];
    scene.forEach((table, b) => {
      if (!table || this.#job.bands[b]!.type !== type) return;
      const partner = groups.find((group) => group.length === 1 && this.#sameBoxes(scene, group[0]!, b));
      if (partner) partner.push(b);
      else groups.push([b]);
    });
    return groups;
  }

  #sameBoxes(scene: readonly (BlockTable | undefined)[], a: number, b: number): boolean {
    const [bandA, bandB] = [this.#job.bands[a]!, this.#job.bands[b]!];
    if (!isAveraged(bandA) || !isAveraged(bandB)) return false;
    return sameGeometry(this.#job.rasters[scene[a]!.raster]!, this.#job.rasters[scene[b]!.raster]!);
  }

  #fuse(b: number, fresh: number, n: number): void {
    if (this.#job.bands[b]!.type === "flags") this.#kernels.fuseFlags(this.#planes[b]!, fresh, n);
    else this.#kernels.fuseF32(this.#planes[b]!, fresh, n);
  }

  /** One scene's band (or two of one geometry) on the strip, to all elements of their `dst`. */
  #sample(task: ComputeTask, strip: Window, samples: readonly Sample[]): void {
    const { band, table } = samples[0]!;
    const raster = this.#job.rasters[table.raster]!;
    const { sampling } = raster;
    const averaged = isAveraged(band);
    const interpolated = raster.filter !== undefined;
    if (sampling.type === "copy") this.#copy(strip, samples, sampling.rowOffset, sampling.colOffset);
    else if (sampling.type === "shift" && !averaged && !interpolated) {
      // The centre of an output pixel lies in source pixel floor(pixel + offset + 1/2).
      this.#copy(strip, samples, nearestOffset(sampling.y.offset), nearestOffset(sampling.x.offset));
    } else if (sampling.type === "shift" && !interpolated) for (const sample of samples) this.#averageShift(strip, sample, sampling);
    else {
      const grid = this.#coordinates.of(raster, task.lattices, averaged ? "corners" : "centres");
      this.#warp({ strip, rect: strip, samples }, raster, grid);
    }
  }

  #copy(strip: Window, samples: readonly Sample[], rows: number, cols: number): void {
    for (const { band, table, dst } of samples)
      this.#windows.read(band, table, shifted(strip, rows, cols), { address: dst, stride: strip.col1 - strip.col0 });
  }

  #averageShift(strip: Window, { band, table, dst }: Sample, { x, y }: { readonly x: AxisMap; readonly y: AxisMap }): void {
    const [dx, dy] = [Math.floor(x.offset), Math.floor(y.offset)];
    const [fx, fy] = [x.offset - dx, y.offset - dy];
    const window = shifted(strip, dy, dx);
    const [cols, rows] = [strip.col1 - strip.col0, strip.row1 - strip.row0];
    this.#windows.read(
      band,
      table,
      { ...window, row1: window.row1 + 1, col1: window.col1 + 1 },
      { address: this.#window[0], stride: cols + 1 },
    );
    this.#kernels.averageShift(
      this.#window[0],
      cols + 1,
      dst,
      cols,
      cols,
      rows,
      (1 - fx) * (1 - fy),
      fx * (1 - fy),
      (1 - fx) * fy,
      fx * fy,
    );
  }

  /** A rectangle of the strip through coordinates, in halves where its source window is too large. */
  #warp(at: WarpTarget, raster: ThreadRaster, grid: StripCoordinates): void {
    const { rect, strip, samples } = at;
    const window = this.#coordinates.sourceWindow(raster, grid, rect);
    const [cols, rows] = [rect.col1 - rect.col0, rect.row1 - rect.row0];
    const stride = strip.col1 - strip.col0;
    const offset = ((rect.row0 - strip.row0) * stride + rect.col0 - strip.col0) * 4;
    if (!window) {
      for (const { band, dst } of samples)
        for (let r = 0; r < rows; r++) this.#kernels.fill32(dst + offset + r * stride * 4, cols, absentBits(band));
      return;
    }
    const pixels = (window.col1 - window.col0) * (window.row1 - window.row0);
    if (pixels > MAX_WINDOW_PIXELS && cols * rows > 1) {
      for (const half of halves(rect)) this.#warp({ ...at, rect: half }, raster, grid);
      return;
    }
    if (pixels > MAX_WINDOW_PIXELS) throw new Error(`One output pixel needs ${pixels} source pixels: choose a finer grid`);
    samples.forEach(({ band, table }, i) =>
      this.#windows.read(band, table, window, { address: this.#window[i]!, stride: window.col1 - window.col0 }),
    );
    if (grid.kind === "corners") this.#averageBoxes(at, window, grid, offset);
    else if (raster.filter) this.#interpolate({ ...at, filter: raster.filter }, window, grid, offset);
    else this.#nearest(at, window, grid, offset);
  }

  #averageBoxes({ strip, rect, samples }: WarpTarget, window: Window, grid: StripCoordinates, offset: number): void {
    const k = this.#kernels;
    const [windowCols, windowRows] = [window.col1 - window.col0, window.row1 - window.row0];
    const [a, b] = [samples[0]!, samples.at(-1)!];
    const [windowA, windowB] = [this.#window[0], this.#window[samples.length - 1]!];
    // The kernel loads three rows of four columns even for a box of one pixel, and multiplies the rest by 0, which is 0 only of finite numbers.
    for (const address of new Set([windowA, windowB])) k.fill32(address + windowCols * windowRows * 4, 2 * windowCols + WINDOW_TAIL, 0);
    const xys = this.#coordinates.addressOf(grid, rect);
    const [ox, oy] = grid.originXY;
    const [px, py] = grid.perXY;
    const [cols, rows, stride] = [rect.col1 - rect.col0, rect.row1 - rect.row0, strip.col1 - strip.col0];
    k.averageBoxes(
      ...([windowA, windowB, windowCols, windowCols, windowRows, window.col0, window.row0] as const),
      ...([xys, ox, px, oy, py, a.dst + offset, b.dst + offset, stride, cols, rows, grid.cols, this.#valid + offset / 4] as const),
    );
  }

  #interpolate(
    { strip, rect, samples, filter }: WarpTarget & { readonly filter: FilterShape },
    window: Window,
    grid: StripCoordinates,
    offset: number,
  ): void {
    const [windowCols, windowRows] = [window.col1 - window.col0, window.row1 - window.row0];
    const xys = this.#coordinates.addressOf(grid, rect);
    const [ox, oy] = grid.originXY;
    const [px, py] = grid.perXY;
    const [cols, rows, stride] = [rect.col1 - rect.col0, rect.row1 - rect.row0, strip.col1 - strip.col0];
    samples.forEach(({ band, dst }, i) => {
      const method = band.type === "measurement" && band.resampling === "cubic" ? 1 : 0;
      const source = [method, this.#window[i]!, windowCols, windowCols, windowRows, window.col0, window.row0] as const;
      const target = [xys, ox, px, oy, py, dst + offset, stride, cols, rows, grid.cols, this.#valid + offset / 4] as const;
      if (filter.wide) this.#kernels.interpolateWide(...source, ...target, ...filter.scaleXY, ...filter.radiusXY, this.#weights);
      else this.#kernels.interpolate(...source, ...target);
    });
  }

  #nearest({ strip, rect, samples }: WarpTarget, window: Window, grid: StripCoordinates, offset: number): void {
    const [windowCols, windowRows] = [window.col1 - window.col0, window.row1 - window.row0];
    const xys = this.#coordinates.addressOf(grid, rect);
    const [ox, oy] = grid.originXY;
    const [px, py] = grid.perXY;
    const [cols, rows, stride] = [rect.col1 - rect.col0, rect.row1 - rect.row0, strip.col1 - strip.col0];
    samples.forEach(({ band, dst }, i) => {
      this.#kernels.nearest32(
        ...([this.#window[i]!, windowCols, windowCols, windowRows, window.col0, window.row0] as const),
        ...([xys, ox, px, oy, py, dst + offset, stride, cols, rows, grid.cols, absentBits(band)] as const),
      );
    });
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

  /** After fusing: what one scene has hides another's, also where it lies outside the range. */
  #dropOutside(n: number): void {
    this.#job.bands.forEach((band, b) => {
      if (band.type === "measurement" && band.keep) this.#kernels.dropOutside(this.#planes[b]!, n, band.keep.min, band.keep.max);
    });
  }

  /** The index of the strip's observations, to `#index`; how many lie outside the valid range. */
  #indexPlane(index: number, n: number): number {
    const formula = this.#job.indices[index]!;
    switch (formula.type) {
      case "normalizedDifference":
        return this.#normalizedDifference(formula.a, formula.b, n);
      case "band": {
        const { scale, offset, low, high } = this.#measurement(formula.band);
        return this.#kernels.scaledBand(this.#planes[formula.band]!, this.#valid, n, scale, offset, low, high, this.#index);
      }
    }
  }

  #normalizedDifference(a: number, b: number, n: number): number {
    const [p, q] = [this.#measurement(a), this.#measurement(b)];
    return this.#kernels.normalizedDifference(
      ...([this.#planes[a]!, this.#planes[b]!, this.#valid, n, p.scale, p.offset, q.scale, q.offset] as const),
      ...([p.low, p.high, q.low, q.high, this.#index] as const),
    );
  }

  #measurement(b: number): Extract<ThreadBand, { type: "measurement" }> {
    const band = this.#job.bands[b];
    if (band?.type !== "measurement") throw new Error("An index of a flag band");
    return band;
  }

  #accumulate(task: ComputeTask, strip: Window, index: number): void {
    const planes = task.accumulators.planes[index]!;
    const counts = task.accumulators.counts[index]!;
    const cols = strip.col1 - strip.col0;
    for (let row = strip.row0; row < strip.row1; row++) {
      const element = elementOf(task, row, strip.col0);
      this.#accumulateRow(this.#index + (row - strip.row0) * cols * 4, { planes, counts: counts + element * 2, element, cols });
    }
  }

  #accumulateRow(values: number, { planes, counts, element, cols }: AccumulatorRow): void {
    const k = this.#kernels;
    const [first, second] = [planes[0] ?? 0, planes[1] ?? 0];
    switch (this.#job.statistic) {
      case "mean":
        k.accumulateSum(values, first + element * 8, counts, cols);
        break;
      case "std":
        k.accumulateMoments(values, first + element * 8, second + element * 8, counts, cols);
        break;
      case "min":
        k.accumulateMin(values, first + element * 4, counts, cols);
        break;
      case "max":
        k.accumulateMax(values, first + element * 4, counts, cols);
        break;
      case "median":
        k.accumulateLayer(values, first + element * 4, counts, cols);
        break;
      case "count":
        k.accumulateCount(values, counts, cols);
        break;
    }
  }

  /** The accumulators of a strip, set to nothing seen. */
  #clear(task: ComputeTask, strip: Window): void {
    this.#clearer.clear(task.accumulators, relativeTo(task, strip));
  }

  /** A strip without any observation: sums stay as they are, a layer has to say so. */
  #skip(task: ComputeTask, strip: Window): void {
    if (this.#job.statistic === "median") this.#clearer.clearPlanes(task.accumulators, relativeTo(task, strip));
  }
}

/** A row of a strip in the accumulators of one index: `counts` is its address, `element` its place in the planes. */
type AccumulatorRow = { readonly planes: readonly number[]; readonly counts: number; readonly element: number; readonly cols: number };

/** A window of the grid as one of the task's block. */
function relativeTo({ blockRow0, blockCol0 }: ComputeTask, window: Window): Window {
  return shifted(window, -blockRow0, -blockCol0);
}

function isAveraged(band: ThreadBand): boolean {
  return band.type === "measurement" && band.resampling === "average";
}

/** The place of a pixel in the accumulators of its block. */
function elementOf(task: ComputeTask, row: number, col: number): number {
  return (row - task.blockRow0) * COG_BLOCK + col - task.blockCol0;
}

/** A band of a scene and the plane that it is sampled to. */
type Sample = { readonly band: ThreadBand; readonly table: BlockTable; readonly dst: number };

/** A rectangle of a strip, and what is sampled to it. */
type WarpTarget = { readonly strip: Window; readonly rect: Window; readonly samples: readonly Sample[] };

/** Whether the same output pixel has the same box in both images. */
function sameGeometry(a: ThreadRaster, b: ThreadRaster): boolean {
  const numbers = (r: ThreadRaster) => [r.height, r.width, r.lattice, ...r.originXY, ...r.perXY, ...axisNumbers(r)];
  const [p, q] = [numbers(a), numbers(b)];
  return a.sampling.type === b.sampling.type && p.every((value, i) => value === q[i]);
}

function axisNumbers({ sampling }: ThreadRaster): readonly number[] {
  return sampling.type === "shift" || sampling.type === "separable"
    ? [sampling.x.offset, sampling.x.step, sampling.y.offset, sampling.y.step]
    : [];
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
