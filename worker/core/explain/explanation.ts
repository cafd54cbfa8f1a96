/** One pixel of a job, explained: what `mayfly explain --json` prints. docs/explain.md describes it for its readers. */

/** A pixel of the output grid and its centre. */
export type PixelPlace = {
  readonly row: number;
  readonly col: number;
  /** In the grid's CRS. */
  readonly x: number;
  readonly y: number;
  readonly lon: number;
  readonly lat: number;
};

/** A float32 as JSON has it: null for NaN, which is no value; an infinity by its name. */
export type Value = number | "Infinity" | "-Infinity" | null;

/** used: it is the day's number; hidden: an earlier item of the day has one; nodata; outside: the image does not reach the pixel. */
export type SampleState = "used" | "hidden" | "nodata" | "outside";

/** One band of one item at the pixel. */
export type Sample = {
  readonly state: SampleState;
  /** The stored number, or the mean of those under the pixel (float32) where the band is resampled; null where it is nodata or outside. */
  readonly stored: Value;
  /** Of a flag band: the fields of its code by name, also where the code is nodata. */
  readonly flags?: Readonly<Record<string, string>>;
};

export type ItemRecord = { readonly id: string; readonly datetime: string; readonly bands: Readonly<Record<string, Sample>> };

export type IndexRecord = {
  readonly name: string;
  /** What the day's numbers give, whether it is kept or not. */
  readonly value: Value;
  /** Whether the group's statistic counts it. */
  readonly kept: boolean;
  /** Why it is not kept, in words; empty where it is. */
  readonly reasons: readonly string[];
  /** What is odd about a value that is kept. */
  readonly notes: readonly string[];
};

/** One day of the job (or one time, or one item: spec.groupBy). */
export type DayRecord = {
  readonly date: string;
  readonly group: string;
  /** In the order in which they are fused. */
  readonly items: readonly ItemRecord[];
  readonly indices: readonly IndexRecord[];
};

export type GroupRecord = {
  readonly name: string;
  readonly days: number;
  /** `value` is the pixel of `<index>_<group>.tif`, `count` that of `<index>_<group>_count.tif`. */
  readonly indices: readonly { readonly name: string; readonly value: Value; readonly count: number }[];
};

export type Explanation = {
  readonly grid: { readonly crs: string; readonly height: number; readonly width: number };
  readonly pixel: PixelPlace;
  /** For each masked band, the flags that the mask asks about. */
  readonly maskFlags: Readonly<Record<string, readonly string[]>>;
  /** The statistic of the groups: mean, … */
  readonly statistic: string;
  /** In order of time. */
  readonly days: readonly DayRecord[];
  readonly groups: readonly GroupRecord[];
};

/** A float32 as a {@link Value}. */
export function valueOf(number: number): Value {
  if (Number.isNaN(number)) return null;
  if (Number.isFinite(number)) return number;
  return number > 0 ? "Infinity" : "-Infinity";
}
