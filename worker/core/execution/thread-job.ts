/** What a kernel thread is told once, at its start, and task by task. Plain data: it is cloned between threads. */
import type { Statistic } from "../../../api/v1alpha1/compute.ts";
import type { NumberRange } from "../../../api/v1alpha1/product-table.ts";
import type { Window } from "../grid/affine.ts";
import type { ResamplingMethod } from "../../../api/v1alpha1/grid.ts";
import type { Sampling } from "../grid/sampling.ts";
import type { IndexFormula } from "../plan/request.ts";
import type { FilterShape } from "../grid/source-step.ts";
import type { BlockEncoding } from "../raster/source-raster.ts";

/** A raster as the threads see it; its place in {@link ThreadJob.rasters} is its id. */
export type ThreadRaster = {
  readonly height: number;
  readonly width: number;
  readonly encoding: BlockEncoding;
  readonly blockHeight: number;
  readonly blockWidth: number;
  readonly sampling: Sampling;
  /** Which lattice a curvilinear raster is sampled by; -1 for the others. */
  readonly lattice: number;
  /** Source pixel = (lattice coordinate - origin) * per, for curvilinear rasters. */
  readonly originXY: readonly [number, number];
  readonly perXY: readonly [number, number];
  /** For a band that is interpolated, how its filter is stretched over this image. */
  readonly filter: FilterShape | undefined;
  /** Nodata of its band, undefined where there is none. */
  readonly nodata: number | undefined;
  /** What a block without bytes holds: the file's own nodata, else 0 (GDAL's rule for sparse files). */
  readonly fill: number;
};

export type ThreadBand =
  | {
      readonly type: "measurement";
      readonly resampling: ResamplingMethod;
      readonly scale: number;
      readonly offset: number;
      /** Stored numbers outside count as outside the valid range; infinite where there is none. */
      readonly low: number;
      readonly high: number;
      /** Stored numbers outside are no observation; undefined where all are. */
      readonly keep: NumberRange | undefined;
    }
  /** `keep`: address of uint8[65537]. */
  | { readonly type: "flags"; readonly keep: number };

export type ThreadJob = {
  readonly gridHeight: number;
  readonly gridWidth: number;
  readonly bands: readonly ThreadBand[];
  readonly indices: readonly IndexFormula[];
  readonly statistic: Statistic;
  /** Days of the largest group. */
  readonly mostDays: number;
  readonly count: boolean;
  readonly rasters: readonly ThreadRaster[];
};

/** Where the accumulators of one COG block lie (accumulators.ts), one entry an index: its counts, and its planes. */
export type AccumulatorAddresses = { readonly counts: readonly number[]; readonly planes: readonly (readonly number[])[] };

/** Node coordinates of one lattice over the tile, in shared memory (grid/lattice.ts). */
export type LatticeAddress = {
  readonly patch: number;
  readonly row0: number;
  readonly col0: number;
  readonly nodeCols: number;
  /** Address of float64[..][nodeCols][x, y]. */
  readonly nodes: number;
};

/** The decoded blocks of one raster that a unit may need: a rectangle of the raster's blocks, row-major. */
export type BlockTable = {
  readonly raster: number;
  readonly blocks: Window;
  /** Address of each decoded block; {@link NOT_LOADED}, {@link SPARSE}. */
  readonly slots: readonly number[];
  /** The blocks of its mask (uint8, 0 = no pixel), where it has one. */
  readonly mask: BlockTable | undefined;
};

/** The block is not in memory: using it is a bug. */
export const NOT_LOADED = 0;

/** The block has no bytes in the file: all {@link ThreadRaster.fill}. */
export const SPARSE = -1;

export type StoredBlock = {
  readonly block: number;
  readonly address: number;
  readonly length: number;
  readonly rows: number;
  readonly slot: number;
};

export type DecodeTask = {
  readonly type: "decode";
  readonly raster: number;
  /** Stored blocks in shared memory: address and length, how many rows they have, and where the decoded block goes. */
  readonly blocks: readonly StoredBlock[];
};

/** One solar day added to the accumulators of one unit. */
export type ComputeTask = {
  readonly type: "compute";
  /** Output pixels, inside one COG block. */
  readonly unit: Window;
  /** Upper left of that COG block. */
  readonly blockRow0: number;
  readonly blockCol0: number;
  /** Whether the unit's accumulators have to be cleared first. */
  readonly first: boolean;
  /** Of a stack, the one layer that this day fills. */
  readonly accumulators: AccumulatorAddresses;
  /** For each scene in fusing order, a table for each band of the job; undefined where the scene does not reach. */
  readonly scenes: readonly (readonly (BlockTable | undefined)[])[];
  readonly lattices: readonly (LatticeAddress | undefined)[];
};

/** The accumulators of one COG block turned into encoded blocks. */
export type FinishTask = {
  readonly type: "finish";
  readonly accumulators: AccumulatorAddresses;
  /** The part of the block that lies on the grid. */
  readonly rows: number;
  readonly cols: number;
  /** The units of that part, relative to the block, and how many days touched each: so many layers of a stack hold something. */
  readonly units: readonly { readonly window: Window; readonly days: number }[];
  /** Parts of the block that a region clips, relative to it. */
  readonly clipped: readonly Window[];
  /** For each index, BLOCK_OUTPUT_BYTES (block-finisher.ts) of shared memory for the result. */
  readonly outputs: readonly number[];
};

/** One overview block from the halves of its four children: addresses of HALF_BYTES (block-finisher.ts), row-major, 0 where there is none. */
export type OverviewTask = { readonly type: "overview"; readonly halves: readonly number[]; readonly output: number };

export type ThreadTask = DecodeTask | ComputeTask | FinishTask | OverviewTask;

export type DecodeResult = { readonly type: "decode"; readonly seconds: number };
export type ComputeResult = {
  readonly type: "compute";
  readonly seconds: number;
  /** For each index, observations with a stored number outside the valid range. */
  readonly outsideValidRange: readonly number[];
};
/** For each index. */
export type FinishResult = { readonly type: "finish"; readonly seconds: number; readonly blocks: readonly FinishedBlock[] };
export type OverviewResult = { readonly type: "overview"; readonly seconds: number; readonly block: EncodedBlock };

/** Bytes in shared memory. */
export type Span = { readonly address: number; readonly length: number };

/** A deflated block, in the output given for it. */
export type EncodedBlock = {
  readonly values: Span;
  readonly counts: Span | undefined;
  /** The half-size copies: float32[256][256] values, then uint16[256][256] counts. */
  readonly half: Span;
  /** float32[512][512] as they were encoded. */
  readonly raw: Span;
};

export type FinishedBlock = EncodedBlock & { readonly statistics: BlockStatistics };

export type BlockStatistics = {
  readonly validPixels: number;
  readonly validObservations: number;
  /** Over valid pixels; undefined where there is none. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly sum: number;
};

export type ThreadResult = DecodeResult | ComputeResult | FinishResult | OverviewResult;
