/** ComputeJob spec + product -> {@link JobRequest}: every name is looked up here, and an unknown one is a problem that lists what there is. */
import type { ComputeJobSpec } from "../../../api/v1alpha1/compute-job.ts";
import type { ResamplingMethod } from "../../../api/v1alpha1/grid.ts";
import { suggestion } from "../../../api/v1alpha1/nearest-name.ts";
import type { Mask } from "../../../api/v1alpha1/mask.ts";
import { ok, problem, type Problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { BandTable, NumberRange, ProductTable } from "../../../api/v1alpha1/product-table.ts";
import { ABSENT_FLAGS } from "../kernels/kernels.ts";
import type { Band, FlagBand, IndexFormula, JobRequest, MeasurementBand } from "./request.ts";

/** What the plan needs to know of a product; the data files have it. */
export type ProductProfile = { readonly table: ProductTable; readonly indices: Readonly<Record<string, readonly [a: string, b: string]>> };

/** Compiles the request, or says all that is wrong with it. */
export function compileRequest(spec: ComputeJobSpec, product: ProductProfile): Result<JobRequest> {
  const problems: Problem[] = [...resamplingProblems(spec, product), ...measurementProblems(spec, product)];
  const take = <T>(result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    problems.push(...result.problems);
    return undefined;
  };
  const formulas = spec.indices.map((index, i) => take(namedFormula(index, `spec.indices[${i}]`, product)));
  const names = [...new Set(formulas.flatMap((formula) => formula?.bands ?? []))];
  const measurements = names.map((name) => take(measurementBand(name, spec, product)));
  const masks = (spec.mask ?? []).map((mask, i) => take(flagBand(mask, `spec.mask[${i}]`, product)));
  if (problems.length > 0) return { ok: false, problems };
  const bands: readonly Band[] = [...measurements, ...mergeMasks(masks.filter((m) => m !== undefined))].filter((b) => b !== undefined);
  const { by, statistic, each, calendar } = spec.reduce;
  return ok({
    bands,
    indices: spec.indices.map((index, i) => ({ name: index.name, ...formulaOf(formulas[i]?.bands ?? [], names) })),
    values: spec.values,
    reduce: { by, statistic, eachYear: each === "year", calendar: calendar ?? "utc" },
    count: spec.output?.count ?? true,
  });
}

/** The bands of an index, by the table's names: two of a normalized difference, or one alone. */
type NamedFormula = { readonly bands: readonly string[] };

function formulaOf(bands: readonly string[], names: readonly string[]): IndexFormula {
  const [a = -1, b] = bands.map((band) => names.indexOf(band));
  return b === undefined ? { type: "band", band: a } : { type: "normalizedDifference", a, b };
}

function resamplingProblems(spec: ComputeJobSpec, { table }: ProductProfile): readonly Problem[] {
  return Object.entries(spec.resampling ?? {}).flatMap(([band, method]): readonly Problem[] => {
    const where = `spec.resampling.${band}`;
    if (band === "*") return [];
    const name = tableName(band, table);
    if (name === undefined) return [unknownName("band", band, where, Object.keys(table.bands))];
    if (own(table.flags, name) && method !== "nearest") {
      return [{ what: `${method} of the flag band ${band}`, where, todo: "averaged bits are codes that nobody stored: use nearest" }];
    }
    return [];
  });
}

/** They only count in the bill, but a name that no band has is a mistake all the same. */
function measurementProblems(spec: ComputeJobSpec, { table }: ProductProfile): readonly Problem[] {
  const known = [...new Set([...Object.keys(table.bands), ...Object.keys(table.flags ?? {})])];
  return (spec.measurements ?? []).flatMap((band, i): readonly Problem[] =>
    tableName(band, table) === undefined ? [unknownName("band", band, `spec.measurements[${i}]`, known)] : [],
  );
}

function namedFormula(index: ComputeJobSpec["indices"][number], where: string, product: ProductProfile): Result<NamedFormula> {
  const given = index.normalizedDifference ?? (index.band === undefined ? own(product.indices, index.name) : [index.band]);
  if (!given) return { ok: false, problems: [unknownName("index", index.name, `${where}.name`, Object.keys(product.indices))] };
  const { table } = product;
  const known = Object.keys(table.bands).filter((b) => !own(table.flags, b));
  const bands = given.map((band) => ({ band, name: tableName(band, table) ?? "" }));
  const unknown = bands.filter(({ name }) => !known.includes(name));
  const at = index.normalizedDifference ? `${where}.normalizedDifference` : `${where}.band`;
  if (unknown.length > 0) return { ok: false, problems: unknown.map(({ band }) => unknownName("band", band, at, known)) };
  const names = bands.map(({ name }) => name);
  if (new Set(names).size === names.length) return ok({ bands: names });
  return problem(`${given.join(" and ")} are one band`, at, "name two different bands");
}

/** The table's own name of a band that is named so, or by an alias that no other band has. Flag bands need not be among the bands. */
function tableName(name: string, { bands, flags }: ProductTable): string | undefined {
  if (own(bands, name) || own(flags, name)) return name;
  const called = Object.keys(bands).filter((band) => bands[band]?.aliases?.includes(name));
  return called.length === 1 ? called[0] : undefined;
}

/** What a user's name stands for, and nothing that every object has: `constructor` is no flag. */
function own<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

function unknownName(kind: string, name: string, where: string, known: readonly string[]): Problem {
  return { what: `unknown ${kind} "${name}"`, where, todo: suggestion(name, known, "use one of") };
}

function measurementBand(name: string, spec: ComputeJobSpec, { table }: ProductProfile): Result<MeasurementBand> {
  const band = own(table.bands, name) ?? {};
  const range = keepRangeOf(name, band, spec.mask ?? []);
  if (!range.ok) return range;
  const reflectance = spec.values === "reflectance";
  return ok({
    type: "measurement",
    name,
    assetKeys: assetKeys(name, band),
    nodata: band.nodata,
    scale: reflectance ? (band.scale ?? 1) : 1,
    offset: reflectance ? (band.offset ?? 0) : 0,
    tableScale: band.scale,
    tableOffset: band.offset,
    validRange: band.validRange,
    keepRange: range.value,
    resampling: resamplingOf(name, spec, table) ?? "average",
  });
}

/** Every mask's `validRange` holds for every measured band: what lies in all of them is kept. */
function keepRangeOf(name: string, band: BandTable, masks: readonly Mask[]): Result<NumberRange | undefined> {
  let kept: NumberRange | undefined;
  for (const [i, { validRange }] of masks.entries()) {
    if (validRange === "none") continue;
    const where = `spec.mask[${i}].validRange`;
    const range = validRange === "product" ? band.validRange : validRange;
    if (!range) return problem(`the product knows no valid range of band ${name}`, where, "use none, or {min, max}");
    kept = { min: Math.max(kept?.min ?? -Infinity, range.min), max: Math.min(kept?.max ?? Infinity, range.max) };
    if (kept.min > kept.max) return problem(`no number of band ${name} is in the valid ranges of all masks`, where, "let them overlap");
  }
  return ok(kept);
}

/** What is said of the band itself, by whichever of its names, before what is said of all. */
function resamplingOf(name: string, { resampling = {} }: ComputeJobSpec, table: ProductTable): ResamplingMethod | undefined {
  const key = own(resampling, name) ? name : Object.keys(resampling).find((given) => tableName(given, table) === name);
  return own(resampling, key ?? "*");
}

function assetKeys(name: string, band: BandTable | undefined): readonly string[] {
  return [name, ...(band?.aliases ?? [])];
}

function flagBand(mask: Mask, where: string, { table }: ProductProfile): Result<FlagBand> {
  const name = tableName(mask.band, table) ?? mask.band;
  const fields = own(table.flags, name);
  if (!fields) return { ok: false, problems: [unknownName("flag band", mask.band, `${where}.band`, Object.keys(table.flags ?? {}))] };
  const problems: Problem[] = [];
  const keep = new Uint8Array(ABSENT_FLAGS + 1).fill(1);
  keep[ABSENT_FLAGS] = 0;
  for (const [flag, wanted] of Object.entries(mask.flags)) {
    const field = own(fields, flag);
    if (!field) problems.push(unknownName("flag", flag, `${where}.flags`, Object.keys(fields)));
    else problems.push(...keepOnly(keep, field, wanted, `${where}.flags.${flag}`));
  }
  const band = own(table.bands, name);
  return problems.length > 0
    ? { ok: false, problems }
    : ok({ type: "flags", name, assetKeys: assetKeys(name, band), nodata: band?.nodata, keep });
}

type FlagField = NonNullable<ProductTable["flags"]>[string][string];

/** Clears the codes of `keep` whose field has none of the wanted values. */
function keepOnly(keep: Uint8Array, field: FlagField, wanted: readonly string[], where: string): readonly Problem[] {
  const unknown = wanted.filter((name) => own(field.values, name) === undefined);
  if (unknown.length > 0) return unknown.map((name) => unknownName("flag value", name, where, Object.keys(field.values)));
  const values = new Set(wanted.map((name) => field.values[name]));
  for (let code = 0; code < ABSENT_FLAGS; code++) {
    // Division, not shifts: a field may be as wide as 32 bits.
    if (!values.has(Math.floor(code / 2 ** field.bit) % 2 ** field.width)) keep[code] = 0;
  }
  return [];
}

/** Two masks on one band are one table: a code is kept where both keep it. */
function mergeMasks(bands: readonly FlagBand[]): readonly FlagBand[] {
  const byName = new Map<string, FlagBand>();
  for (const band of bands) {
    const other = byName.get(band.name);
    byName.set(band.name, other ? { ...band, keep: band.keep.map((k, code) => k & (other.keep[code] ?? 0)) } : band);
  }
  return [...byName.values()];
}
