/** ComputeJob spec + product -> {@link JobRequest}: every name is looked up here, and an unknown one is a problem that lists what there is. */
import type { ComputeJobSpec } from "../../../api/v1alpha1/compute-job.ts";
import { suggestion } from "../../../api/v1alpha1/nearest-name.ts";
import type { Mask } from "../../../api/v1alpha1/mask.ts";
import { ok, problem, type Problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { BandTable, NumberRange, ProductTable } from "../../../api/v1alpha1/product-table.ts";
import { ABSENT_FLAGS } from "../kernels/kernels.ts";
import type { Band, FlagBand, Index, JobRequest, MeasurementBand } from "./request.ts";

/** What the plan needs to know of a product; the data files have it. */
export type ProductProfile = { readonly table: ProductTable; readonly indices: Readonly<Record<string, readonly [a: string, b: string]>> };

/** Compiles the request, or says all that is wrong with it. */
export function compileRequest(spec: ComputeJobSpec, product: ProductProfile): Result<JobRequest> {
  const problems: Problem[] = [...unsupported(spec, product), ...resamplingProblems(spec, product)];
  const take = <T>(result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    problems.push(...result.problems);
    return undefined;
  };
  const pairs = spec.indices.map((index, i) => take(bandPair(index, `spec.indices[${i}]`, product)));
  const range = take(validRangeOf(spec));
  const names = [...new Set(pairs.flatMap((pair) => pair ?? []))];
  const measurements = names.map((name) => take(measurementBand(name, spec, product, range ?? "none")));
  const masks = (spec.mask ?? []).map((mask, i) => take(flagBand(mask, `spec.mask[${i}]`, product)));
  if (problems.length > 0) return { ok: false, problems };
  const bands: readonly Band[] = [...measurements, ...mergeMasks(masks.filter((m) => m !== undefined))].filter((b) => b !== undefined);
  const indices = spec.indices.map((index, i): Index => {
    const [a, b] = pairs[i] ?? ["", ""];
    return { name: index.name, a: names.indexOf(a), b: names.indexOf(b) };
  });
  const { by, statistic, each, calendar } = spec.reduce;
  return ok({
    bands,
    indices,
    dropOutsideValidRange: range !== undefined && range !== "none",
    reduce: { by, statistic, eachYear: each === "year", calendar: calendar ?? "utc" },
    count: spec.output?.count ?? true,
  });
}

/** What the contract knows and this version does not compute yet. */
function unsupported(spec: ComputeJobSpec, { table }: ProductProfile): readonly Problem[] {
  const found: Problem[] = [];
  const refuse = (what: string, where: string, todo: string) => found.push({ what: `${what} is not supported yet`, where, todo });
  if (spec.reduce.statistic !== "mean") refuse(`statistic ${spec.reduce.statistic}`, "spec.reduce.statistic", "use mean");
  if (spec.groupBy !== "solar_day") refuse(`groupBy ${spec.groupBy}`, "spec.groupBy", "use solar_day");
  if (spec.grid.overviews === "auto") refuse("overviews: auto", "spec.grid.overviews", "use never");
  spec.indices.forEach((index, i) => {
    if (index.band !== undefined) refuse("a plain band as an index", `spec.indices[${i}].band`, "use a normalized difference");
  });
  for (const [band, method] of Object.entries(spec.resampling ?? {}))
    if ((method === "bilinear" || method === "cubic") && !own(table.flags, band))
      refuse(method, `spec.resampling.${band}`, "use average or nearest");
  return found;
}

function resamplingProblems(spec: ComputeJobSpec, { table }: ProductProfile): readonly Problem[] {
  return Object.entries(spec.resampling ?? {}).flatMap(([band, method]): readonly Problem[] => {
    const where = `spec.resampling.${band}`;
    if (band === "*") return [];
    if (own(table.flags, band) && method !== "nearest") {
      return [{ what: `${method} of the flag band ${band}`, where, todo: "averaged bits are codes that nobody stored: use nearest" }];
    }
    return own(table.bands, band) ? [] : [unknownName("band", band, where, Object.keys(table.bands))];
  });
}

function bandPair(index: ComputeJobSpec["indices"][number], where: string, product: ProductProfile): Result<readonly [string, string]> {
  if (index.normalizedDifference) return ok(index.normalizedDifference);
  if (index.band !== undefined) return ok([index.band, index.band]);
  const pair = own(product.indices, index.name);
  if (pair) return ok(pair);
  return { ok: false, problems: [unknownName("index", index.name, `${where}.name`, Object.keys(product.indices))] };
}

/** What a user's name stands for, and nothing that every object has: `constructor` is no flag. */
function own<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

function unknownName(kind: string, name: string, where: string, known: readonly string[]): Problem {
  return { what: `unknown ${kind} "${name}"`, where, todo: suggestion(name, known, "use one of") };
}

/** Masks may name one range of stored numbers; two different ones contradict each other. */
function validRangeOf(spec: ComputeJobSpec): Result<"none" | "product" | NumberRange> {
  const asked = [...new Set((spec.mask ?? []).map((m) => JSON.stringify(m.validRange)))].filter((r) => r !== '"none"');
  if (asked.length > 1) return problem("masks with different validRange", "spec.mask", "give one of them validRange, the others none");
  return ok(spec.mask?.find((m) => m.validRange !== "none")?.validRange ?? "none");
}

function measurementBand(
  name: string,
  spec: ComputeJobSpec,
  { table }: ProductProfile,
  range: "none" | "product" | NumberRange,
): Result<MeasurementBand> {
  const band = own(table.bands, name);
  if (!band || own(table.flags, name)) {
    const known = Object.keys(table.bands).filter((b) => !own(table.flags, b));
    return { ok: false, problems: [unknownName("band", name, "spec.indices", known)] };
  }
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
    validRange: typeof range === "object" ? range : band.validRange,
    resampling: own(spec.resampling, name) ?? own(spec.resampling, "*") ?? "average",
  });
}

function assetKeys(name: string, band: BandTable | undefined): readonly string[] {
  return [name, ...(band?.aliases ?? [])];
}

function flagBand(mask: Mask, where: string, { table }: ProductProfile): Result<FlagBand> {
  const fields = own(table.flags, mask.band);
  if (!fields) return { ok: false, problems: [unknownName("flag band", mask.band, `${where}.band`, Object.keys(table.flags ?? {}))] };
  const problems: Problem[] = [];
  const keep = new Uint8Array(ABSENT_FLAGS + 1).fill(1);
  keep[ABSENT_FLAGS] = 0;
  for (const [flag, wanted] of Object.entries(mask.flags)) {
    const field = own(fields, flag);
    if (!field) problems.push(unknownName("flag", flag, `${where}.flags`, Object.keys(fields)));
    else problems.push(...keepOnly(keep, field, wanted, `${where}.flags.${flag}`));
  }
  const band = own(table.bands, mask.band);
  return problems.length > 0
    ? { ok: false, problems }
    : ok({ type: "flags", name: mask.band, assetKeys: assetKeys(mask.band, band), nodata: band?.nodata, keep });
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
