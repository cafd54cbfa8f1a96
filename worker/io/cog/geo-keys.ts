/** The geokeys of a GeoTIFF (GeoTIFF 1.1, section 7.1.1) by the names of GeoTIFF 1.0, which most programs use. Unknown keys are left out. */
import type { Directory } from "./tiff-directory.ts";

const NAMES: ReadonlyMap<number, string> = new Map([
  [1024, "GTModelTypeGeoKey"],
  [1025, "GTRasterTypeGeoKey"],
  [1026, "GTCitationGeoKey"],
  [2048, "GeographicTypeGeoKey"],
  [2049, "GeogCitationGeoKey"],
  [2050, "GeogGeodeticDatumGeoKey"],
  [2051, "GeogPrimeMeridianGeoKey"],
  [2052, "GeogLinearUnitsGeoKey"],
  [2053, "GeogLinearUnitSizeGeoKey"],
  [2054, "GeogAngularUnitsGeoKey"],
  [2055, "GeogAngularUnitSizeGeoKey"],
  [2056, "GeogEllipsoidGeoKey"],
  [2057, "GeogSemiMajorAxisGeoKey"],
  [2058, "GeogSemiMinorAxisGeoKey"],
  [2059, "GeogInvFlatteningGeoKey"],
  [2060, "GeogAzimuthUnitsGeoKey"],
  [2061, "GeogPrimeMeridianLongGeoKey"],
  [2062, "GeogTOWGS84GeoKey"],
  [3072, "ProjectedCSTypeGeoKey"],
  [3073, "PCSCitationGeoKey"],
  [3074, "ProjectionGeoKey"],
  [3075, "ProjCoordTransGeoKey"],
  [3076, "ProjLinearUnitsGeoKey"],
  [3077, "ProjLinearUnitSizeGeoKey"],
  [3078, "ProjStdParallel1GeoKey"],
  [3079, "ProjStdParallel2GeoKey"],
  [3080, "ProjNatOriginLongGeoKey"],
  [3081, "ProjNatOriginLatGeoKey"],
  [3082, "ProjFalseEastingGeoKey"],
  [3083, "ProjFalseNorthingGeoKey"],
  [3084, "ProjFalseOriginLongGeoKey"],
  [3085, "ProjFalseOriginLatGeoKey"],
  [3086, "ProjFalseOriginEastingGeoKey"],
  [3087, "ProjFalseOriginNorthingGeoKey"],
  [3088, "ProjCenterLongGeoKey"],
  [3089, "ProjCenterLatGeoKey"],
  [3090, "ProjCenterEastingGeoKey"],
  [3091, "ProjCenterNorthingGeoKey"],
  [3092, "ProjScaleAtNatOriginGeoKey"],
  [3093, "ProjScaleAtCenterGeoKey"],
  [3094, "ProjAzimuthAngleGeoKey"],
  [3095, "ProjStraightVertPoleLongGeoKey"],
  [3096, "ProjRectifiedGridAngleGeoKey"],
  [4096, "VerticalCSTypeGeoKey"],
  [4097, "VerticalCitationGeoKey"],
  [4098, "VerticalDatumGeoKey"],
  [4099, "VerticalUnitsGeoKey"],
]);

/** Numbers, texts without their closing bar, or lists of numbers. */
export type GeoKeys = Readonly<Record<string, number | string | readonly number[]>>;

/** Which tag a key's value lies in: 0 is the key itself. */
const IN_KEY = 0;
const IN_DOUBLES = 34736;
const IN_TEXT = 34737;
const IN_DIRECTORY = 34735;

type Value = GeoKeys[string];

/** A file's geokeys; none where it has no directory of them. Throws RangeError where they lie. */
export async function readGeoKeys(directory: Directory): Promise<GeoKeys> {
  if (directory.count("GeoKeyDirectory") < 4) return {};
  const words = await directory.numbers("GeoKeyDirectory");
  const doubles = directory.count("GeoDoubleParams") > 0 ? await directory.numbers("GeoDoubleParams") : new Float64Array(0);
  const text = (await directory.text("GeoAsciiParams")) ?? "";
  const keys: Record<string, Value> = {};
  const count = Math.min(words[3] ?? 0, Math.floor((words.length - 4) / 4));
  for (let i = 1; i <= count; i++) {
    const entry = words.subarray(4 * i, 4 * i + 4);
    const name = NAMES.get(entry[0] ?? 0);
    const value = name === undefined ? undefined : valueOf(entry, { words, doubles, text }, name);
    if (name !== undefined && value !== undefined) keys[name] = value;
  }
  return keys;
}

type Params = { readonly words: Float64Array; readonly doubles: Float64Array; readonly text: string };

/** Undefined where the value lies in a tag that is none of the three. */
function valueOf(entry: Float64Array, { words, doubles, text }: Params, name: string): Value | undefined {
  const [, place = 0, length = 0, value = 0] = entry;
  switch (place) {
    case IN_KEY:
      return value;
    case IN_TEXT:
      return text.slice(value, value + length).replace(/\|$/, "");
    case IN_DOUBLES:
      return listOf(doubles, value, length, name);
    case IN_DIRECTORY:
      return listOf(words, value, length, name);
    default:
      return undefined;
  }
}

function listOf(numbers: Float64Array, at: number, length: number, name: string): Value {
  const values = [...numbers.subarray(at, at + length)];
  const [first] = values;
  if (values.length !== length || first === undefined) throw new RangeError(`its geokey ${name} lies past the end of its values`);
  return values.length === 1 ? first : values;
}
