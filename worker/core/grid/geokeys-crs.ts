/**
 * The CRS of a GeoTIFF from its keys (OGC GeoTIFF 1.1; names as GeoTIFF 1.0 has them): by EPSG code, by a UTM projection code, or user-defined
 * by method, parameters, ellipsoid and unit. Values come from a file and are checked; what is not known is refused by name.
 */
import { type Crs, crsOfDefinition, crsOfEpsg, WGS84 } from "./crs.ts";
import { CRS_METHODS, type CrsMethod, type Parameter } from "./crs-methods.ts";
import { type Ellipsoid, ellipsoidOfKeys } from "./geokeys-ellipsoid.ts";
import { wkt2Of } from "./crs-wkt.ts";
import { type Found, found, type GeoKeyValues, refused, USER_DEFINED } from "./geokeys.ts";

/** The CRS, or what is wrong with it, to be said after the file's name. */
export function crsOfGeoKeys(keys: GeoKeyValues): Found<Crs> {
  const projected = codeOf(keys, "ProjectedCSTypeGeoKey");
  if (projected !== undefined && projected !== USER_DEFINED) return known(projected);
  if (projected === USER_DEFINED || codeOf(keys, "ProjCoordTransGeoKey") !== undefined) return userDefined(keys);
  const geographic = codeOf(keys, "GeographicTypeGeoKey");
  if (geographic === undefined) return refused("no georeferencing");
  if (geographic !== USER_DEFINED) return known(geographic);
  const ellipsoid = ellipsoidOfKeys(keys);
  if (!ellipsoid.ok) return ellipsoid;
  return ellipsoid.value.epsg === 4326 ? found(WGS84) : refused("a user-defined geographic CRS is not supported");
}

function known(epsg: number): Found<Crs> {
  const crs = crsOfEpsg(epsg);
  return crs ? found(crs) : refused(`EPSG:${epsg} is not a CRS that is known here`);
}

function codeOf(keys: GeoKeyValues, name: string): number | undefined {
  const value = keys[name];
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

function userDefined(keys: GeoKeyValues): Found<Crs> {
  const ellipsoid = ellipsoidOfKeys(keys);
  if (!ellipsoid.ok) return ellipsoid;
  const utm = utmOf(keys);
  const conversion = utm ?? conversionOf(keys);
  if (!conversion.ok) return conversion;
  const unit = linearUnit(keys);
  if (!unit.ok) return unit;
  return found(assemble(keys, ellipsoid.value, { ...conversion.value, metres: unit.value }));
}

type Conversion = { readonly method: CrsMethod; readonly values: ReadonlyMap<Parameter, number> };

/** ProjectionGeoKey 16001 to 16060 and 16101 to 16160: UTM zones, north and south. */
function utmOf(keys: GeoKeyValues): Found<Conversion> | undefined {
  const code = codeOf(keys, "ProjectionGeoKey") ?? 0;
  const [south, zone] = [code > 16100, code % 100];
  if (code < 16001 || code > 16160 || zone < 1 || zone > 60) return undefined;
  const method = CRS_METHODS.find(({ code: c }) => c === 1);
  if (!method) throw new Error("No transverse Mercator");
  const values = new Map<Parameter, number>([
    ["lat_0", 0],
    ["lon_0", zone * 6 - 183],
    ["k", 0.9996],
    ["x_0", 500_000],
    ["y_0", south ? 10_000_000 : 0],
  ]);
  return found({ method, values });
}

function conversionOf(keys: GeoKeyValues): Found<Conversion> {
  const code = codeOf(keys, "ProjCoordTransGeoKey");
  if (code === undefined) return refused("its user-defined CRS names no projection (ProjCoordTransGeoKey)");
  const method = CRS_METHODS.find((m) => m.code === code && (m.applies?.(keys) ?? true));
  if (!method) return refused(`the projection method ${code} of its user-defined CRS is not supported`);
  const values = new Map<Parameter, number>();
  for (const { parameter, names, fallback } of method.parameters) {
    const name = names.find((n) => keys[n] !== undefined);
    const value = name === undefined ? fallback : keys[name];
    if (value === undefined) return refused(`its user-defined CRS (${method.name}) lacks ${names[0]}`);
    if (typeof value !== "number" || !Number.isFinite(value)) return refused(`its user-defined CRS has ${name} ${String(value)}`);
    values.set(parameter, value);
  }
  const wrong = wrongParameter(method, values);
  return wrong === undefined ? found({ method, values }) : refused(`its user-defined CRS (${method.name}) ${wrong}`);
}

/** Numbers that no projection has; they would make coordinates NaN or endless. */
function wrongParameter({ type }: CrsMethod, values: ReadonlyMap<Parameter, number>): string | undefined {
  const far = [...values].find(([parameter, value]) => Math.abs(value) > largest(parameter));
  if (far) return `has ${far[0]} ${far[1]}`;
  const k = values.get("k");
  if (k !== undefined && !(k > 0)) return `has a scale of ${k}`;
  if (type === "polar" && Math.abs(values.get("lat_0") ?? 0) !== 90)
    return `has its origin at latitude ${values.get("lat_0")}, which is no pole`;
  return type === "cone" && isFlatCone(values) ? "has opposite standard parallels" : undefined;
}

function isFlatCone(values: ReadonlyMap<Parameter, number>): boolean {
  const first = values.get("lat_1") ?? values.get("lat_0") ?? 0;
  return Math.abs(first + (values.get("lat_2") ?? first)) < 1e-9;
}

function largest(parameter: Parameter): number {
  if (parameter.startsWith("lat")) return 90;
  return parameter.startsWith("lon") ? 360 : 1e9;
}

/** Metres in the CRS's unit: GeoTIFF 1.1, table of ProjLinearUnits. */
function linearUnit(keys: GeoKeyValues): Found<number> {
  const code = codeOf(keys, "ProjLinearUnitsGeoKey") ?? 9001;
  const size = keys["ProjLinearUnitSizeGeoKey"];
  if (code === 9001) return found(1);
  if (code === 9002) return found(0.3048);
  if (code === 9003) return found(1200 / 3937);
  if (code === USER_DEFINED && typeof size === "number" && size > 1e-3 && size < 1e6) return found(size);
  return refused(`the linear unit ${code} of its user-defined CRS is not supported`);
}

function assemble(keys: GeoKeyValues, ellipsoid: Ellipsoid, conversion: Conversion & { readonly metres: number }): Crs {
  const { method, metres } = conversion;
  // False eastings are in the unit of the CRS, PROJ's in metres.
  const scaled = [...conversion.values].map(([p, value]) => [p, p === "x_0" || p === "y_0" ? value * metres : value] as const);
  const unit = metres === 1 ? "+units=m" : `+to_meter=${metres}`;
  const parameters = [
    ...(method.constants?.(new Map(scaled)) ?? []),
    ...scaled.map(([p, value]) => `+${method.written?.[p] ?? p}=${value}`),
  ];
  const definition = [`+proj=${method.proj}`, ...parameters, ellipsoid.definition, unit, "+no_defs"].join(" ");
  const known = ellipsoid.epsg === 4326 ? crsOfDefinition(definition) : undefined;
  if (known) return known;
  const name = nameOf(keys, method);
  const geoKeys = Object.fromEntries(
    Object.entries(keys).filter((entry): entry is [string, string | number] => WRITTEN_KEYS.test(entry[0]) && isPlain(entry[1])),
  );
  const wkt2 = wkt2Of({ name, ellipsoid, method, values: new Map(scaled), metres });
  return { type: "projected", id: definition, epsg: undefined, name, definition, userDefined: { geoKeys, wkt2 } };
}

/** Keys that say what the CRS is; those of the raster and of heights are not among them. */
const WRITTEN_KEYS = /^(GTCitation|GeographicType|Geog|ProjectedCSType|PCSCitation|Projection|Proj)/;

function isPlain(value: unknown): value is string | number {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

/** The file's own name for it, printable and short. */
function nameOf(keys: GeoKeyValues, method: CrsMethod): string {
  const citation = [keys["PCSCitationGeoKey"], keys["GTCitationGeoKey"]].find((value) => typeof value === "string");
  const text =
    typeof citation === "string"
      ? citation
          .replaceAll(/[^\x20-\x7e]/g, " ")
          .replaceAll('"', "'")
          .replaceAll(/\s+/g, " ")
          .trim()
      : "";
  return text === "" || text.length > 100 || text.includes(" = ") ? `user-defined ${method.name}` : text;
}
