/** What a ComputeJob asks for, compiled: names looked up, defaults taken, nothing optional left. Everything that decides the pixels. */
import type { ResamplingMethod } from "../../../api/v1alpha1/grid.ts";
import type { NumberRange } from "../../../api/v1alpha1/product-table.ts";
import type { Reduce } from "../../../api/v1alpha1/compute.ts";

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
  readonly validRange: NumberRange | undefined;
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

/** A normalized difference (a - b) / (a + b) of two bands, by their place in {@link JobRequest.bands}. */
export type Index = { readonly name: string; readonly a: number; readonly b: number };

export type JobRequest = {
  /** The bands that are read, each once: measurements first, then flag bands. */
  readonly bands: readonly Band[];
  readonly indices: readonly Index[];
  /** Whether an observation outside the bands' valid range is dropped (else only counted). */
  readonly dropOutsideValidRange: boolean;
  readonly reduce: Required<Pick<Reduce, "by" | "statistic">> & { readonly eachYear: boolean; readonly calendar: "utc" | "solar" };
  readonly count: boolean;
};
