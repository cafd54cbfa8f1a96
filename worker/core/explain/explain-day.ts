/** From what the engine saw of a pixel on one day to a record in words. The engine says what is kept; here it is said why. */
import type { Mask } from "../../../api/v1alpha1/mask.ts";
import type { ProductTable } from "../../../api/v1alpha1/product-table.ts";
import type { PixelLook } from "../execution/unit-computer.ts";
import { ABSENT_FLAGS } from "../kernels/kernels.ts";
import type { Band, Index, JobRequest, MeasurementBand } from "../plan/request.ts";
import type { SolarDay } from "../plan/solar-days.ts";
import { type DayRecord, type IndexRecord, type ItemRecord, type Sample, type SampleState, valueOf } from "./explanation.ts";
import { fieldsOf, maskReasons, masksOf, nameFields } from "./flag-fields.ts";

/** What one item's bands were sampled to, and what they would be if no number meant nodata. */
export type ItemSight = { readonly bands: readonly number[]; readonly bare: readonly number[] };

/** What the engine saw of the pixel on one day. */
export type DaySight = {
  /** One a scene of the day, in fusing order; undefined where no block of the scene reaches the pixel. */
  readonly items: readonly (ItemSight | undefined)[];
  /** All of them fused; undefined where none reaches the pixel. */
  readonly fused: PixelLook | undefined;
};

/** What decides about a pixel: the compiled request, and what it was compiled from where that has the names. */
export type Rules = { readonly request: JobRequest; readonly table: ProductTable; readonly masks: readonly Mask[] };

/** The record of a day. `sight.items` are those of `day.scenes`. */
export function explainDay(day: SolarDay, group: string, sight: DaySight, rules: Rules): DayRecord {
  const states = statesOf(sight, rules.request.bands);
  const items = day.scenes.map((scene, i): ItemRecord => ({
    id: scene.id,
    datetime: new Date(scene.timeMs).toISOString(),
    bands: Object.fromEntries(
      rules.request.bands.map((band, b) => [band.name, sampleOf(band, sight.items[i], states[i]?.[b] ?? "outside", { b, rules })]),
    ),
  }));
  const shared = flagReasons(sight, states, rules);
  const indices = rules.request.indices.map((index, i) => indexRecord(index, i, sight, { states, shared, rules }));
  return { date: day.date, group, items, indices };
}

/** [item][band]. */
type States = readonly (readonly SampleState[])[];

/** First not-nodata wins, in the order of the items, for each band by itself. */
function statesOf({ items }: DaySight, bands: readonly Band[]): States {
  const taken = bands.map(() => false);
  return items.map((item) =>
    bands.map((band, b): SampleState => {
      if (isAbsent(band, item?.bands[b])) return isAbsent(band, item?.bare[b]) ? "outside" : "nodata";
      if (taken[b]) return "hidden";
      taken[b] = true;
      return "used";
    }),
  );
}

function isAbsent(band: Band, value: number | undefined): boolean {
  return value === undefined || (band.type === "flags" ? value === ABSENT_FLAGS : Number.isNaN(value));
}

function sampleOf(band: Band, item: ItemSight | undefined, state: SampleState, { b, rules }: { b: number; rules: Rules }): Sample {
  const present = state === "used" || state === "hidden";
  const stored = present ? valueOf(item?.bands[b] ?? Number.NaN) : null;
  const code = item?.bare[b] ?? ABSENT_FLAGS;
  if (band.type !== "flags" || code === ABSENT_FLAGS) return { state, stored };
  return { state, stored, flags: nameFields(fieldsOf(rules.table, band.name), code) };
}

/** Why the flags drop the whole day. */
function flagReasons({ fused }: DaySight, states: States, { request, table, masks }: Rules): readonly string[] {
  if (!fused || states.every((item) => item.every((state) => state === "outside"))) return [OUTSIDE];
  return request.bands.flatMap((band, b) => {
    if (band.type !== "flags") return [];
    const code = fused.bands[b] ?? ABSENT_FLAGS;
    if (code === ABSENT_FLAGS) return [absence(band.name, b, states)];
    if (band.keep[code] === 1) return [];
    const reasons = maskReasons(fieldsOf(table, band.name), masksOf(band, masks), code);
    return reasons.length > 0 ? reasons : [`${band.name} ${code} is masked`];
  });
}

const OUTSIDE = "outside the scene";

function absence(name: string, b: number, states: States): string {
  return states.some((item) => item[b] === "nodata") ? `${name} is nodata` : `${name} is outside the scene`;
}

function indexRecord(
  index: Index,
  i: number,
  { fused }: DaySight,
  { states, shared, rules }: { states: States; shared: readonly string[]; rules: Rules },
): IndexRecord {
  const { value, reduced } = fused?.indices[i] ?? { value: Number.NaN, reduced: Number.NaN };
  const kept = !Number.isNaN(reduced);
  const bands = bandsOf(index, rules.request.bands);
  const missing = bands.filter(([band, b]) => isAbsent(band, fused?.bands[b])).map(([{ name }, b]) => absence(name, b, states));
  const outside = (range: "validRange" | "keepRange"): readonly string[] =>
    bands.flatMap(([band, b]) => outsideRange(band, range, fused?.bands[b] ?? Number.NaN));
  if (kept) return { name: index.name, value: valueOf(value), kept, reasons: [], notes: outside("validRange") };
  const found = [
    ...shared,
    ...(shared.includes(OUTSIDE) ? [] : missing),
    ...outside("keepRange"),
    ...(missing.length === 0 && Number.isNaN(value) ? ["0/0"] : []),
  ];
  return { name: index.name, value: valueOf(value), kept, reasons: found.length > 0 ? found : ["left out"], notes: [] };
}

/** The bands of an index with their places, each once. */
function bandsOf(index: Index, bands: readonly Band[]): readonly (readonly [MeasurementBand, number])[] {
  const places = index.type === "band" ? [index.band] : [index.a, index.b];
  return [...new Set(places)].flatMap((place) => {
    const band = bands[place];
    return band?.type === "measurement" ? [[band, place] as const] : [];
  });
}

/** In float32, as the kernels compare. `keepRange`: what the masks ask for; `validRange`: the product's. */
function outsideRange(band: MeasurementBand, which: "validRange" | "keepRange", stored: number): readonly string[] {
  const range = band[which];
  if (!range) return [];
  const { min, max } = range;
  const outside = stored < Math.fround(min) || stored > Math.fround(max);
  return outside ? [`${band.name} ${stored} is outside validRange ${min}-${max}`] : [];
}
