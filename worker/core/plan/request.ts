/** What a ComputeJob asks for, compiled: names looked up, defaults taken, nothing optional left. Everything that decides the pixels. */
import type { ResamplingMethod } from "../../../api/v1alpha1/grid.ts";
import type { NumberRange } from "../../../api/v1alpha1/product-table.ts";
import type { Reduce, Values } from "../../../api/v1alpha1/compute.ts";

/** A band whose numbers are averaged and put into indices. */
export type MeasurementBand = {
  readonly type: "measurement";
  readonly name: string;
  /** Asset keys that may hold it, its own name first. */
  readonly assetKeys: readonly string[];
  readonly nodata: number | undefined;
  /** What the arithmetic uses: 1 and 0 for `values: raw`. */
  readonly scale: number;
  readonly offset: number;
  /** What the product's table says, to be held against the items. */
  readonly tableScale: number | undefined;
  readonly tableOffset: number | undefined;
  /** The product's: observations used outside it are counted. */
  readonly validRange: NumberRange | undefined;
  /** What the masks ask for: an observation outside it is dropped. */
  readonly keepRange: NumberRange | undefined;
  readonly resampling: ResamplingMethod;
};

/** A band of bit fields or codes: only ever sampled by nearest. */
export type FlagBand = {
  readonly type: "flags";
  readonly name: string;
  readonly assetKeys: readonly string[];
  readonly nodata: number | undefined;
  /** uint8[65537]: 1 = keep a pixel with this code; the last stands for nodata or outside. */
  readonly keep: Uint8Array;
};

export type Band = MeasurementBand | FlagBand;

/** What is computed of an observation; bands by their place in {@link JobRequest.bands}. */
export type IndexFormula =
  /** (a - b) / (a + b). */
  | { readonly type: "normalizedDifference"; readonly a: number; readonly b: number }
  /** The band itself. */
  | { readonly type: "band"; readonly band: number };

export type Index = IndexFormula & { readonly name: string };

export type JobRequest = {
  /** The bands that are read, each once: measurements first, then flag bands. */
  readonly bands: readonly Band[];
  readonly indices: readonly Index[];
  /** Whether indices are of reflectance, or of the stored numbers. */
  readonly values: Values;
  readonly reduce: Required<Pick<Reduce, "by" | "statistic">> & { readonly eachYear: boolean; readonly calendar: "utc" | "solar" };
  readonly count: boolean;
};
