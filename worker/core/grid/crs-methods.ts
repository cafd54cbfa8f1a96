/** The projection methods that user-defined CRSs may have: their GeoTIFF keys, their PROJ words and their names in WKT2 (EPSG's). */
import type { GeoKeyValues } from "./geokeys.ts";

/** PROJ's words. */
export type Parameter = "lat_0" | "lon_0" | "lat_1" | "lat_2" | "lat_ts" | "k" | "x_0" | "y_0";

export type MethodParameter = {
  readonly parameter: Parameter;
  /** Keys that may hold it, the one that GDAL writes first. */
  readonly names: readonly string[];
  /** Where no key does; without one it must be there. */
  readonly fallback?: number;
  /** Its name in WKT2. */
  readonly wkt: string;
};

export type CrsMethod = {
  /** ProjCoordTransGeoKey. */
  readonly code: number;
  readonly name: string;
  readonly proj: string;
  readonly type: "cone" | "polar" | "other";
  readonly parameters: readonly MethodParameter[];
  /** Which of two methods with one code this is. */
  readonly applies?: (keys: GeoKeyValues) => boolean;
  /** PROJ words that follow from the parameters. */
  readonly constants?: (values: ReadonlyMap<Parameter, number>) => readonly string[];
  /** Where the PROJ string calls a parameter by another name. */
  readonly written?: Partial<Record<Parameter, string>>;
};

function parameter(name: Parameter, wkt: string, names: readonly string[], fallback?: number): MethodParameter {
  return { parameter: name, wkt, names, ...(fallback === undefined ? {} : { fallback }) };
}

const LAT = ["ProjNatOriginLatGeoKey", "ProjCenterLatGeoKey", "ProjFalseOriginLatGeoKey"];
const LON = ["ProjNatOriginLongGeoKey", "ProjCenterLongGeoKey", "ProjFalseOriginLongGeoKey"];
const EASTING = ["ProjFalseEastingGeoKey", "ProjFalseOriginEastingGeoKey", "ProjCenterEastingGeoKey"];
const NORTHING = ["ProjFalseNorthingGeoKey", "ProjFalseOriginNorthingGeoKey", "ProjCenterNorthingGeoKey"];
const SCALE = ["ProjScaleAtNatOriginGeoKey", "ProjScaleAtCenterGeoKey"];

const natLat = parameter("lat_0", "Latitude of natural origin", LAT, 0);
const natLon = parameter("lon_0", "Longitude of natural origin", LON, 0);
const scale = parameter("k", "Scale factor at natural origin", SCALE, 1);
const falseEN = [parameter("x_0", "False easting", EASTING, 0), parameter("y_0", "False northing", NORTHING, 0)];
const falseOrigin = [
  parameter("lat_0", "Latitude of false origin", ["ProjFalseOriginLatGeoKey", ...LAT], 0),
  parameter("lon_0", "Longitude of false origin", ["ProjFalseOriginLongGeoKey", ...LON], 0),
  parameter("lat_1", "Latitude of 1st standard parallel", ["ProjStdParallel1GeoKey"]),
  parameter("lat_2", "Latitude of 2nd standard parallel", ["ProjStdParallel2GeoKey"]),
  parameter("x_0", "Easting at false origin", ["ProjFalseOriginEastingGeoKey", ...EASTING], 0),
  parameter("y_0", "Northing at false origin", ["ProjFalseOriginNorthingGeoKey", ...NORTHING], 0),
];
const poleLon = ["ProjStraightVertPoleLongGeoKey", ...LON];

/** GDAL's rule (OGRSpatialReference::SetPS): a scale of 1 and an origin off the pole mean a standard parallel there, variant B. */
function isVariantB(keys: GeoKeyValues): boolean {
  const [lat, k] = [
    LAT.map((name) => keys[name]).find((v) => v !== undefined),
    SCALE.map((name) => keys[name]).find((v) => v !== undefined) ?? 1,
  ];
  return k === 1 && typeof lat === "number" && Math.abs(Math.abs(lat) - 90) > 1e-8;
}

export const CRS_METHODS: readonly CrsMethod[] = [
  { code: 1, name: "Transverse Mercator", proj: "tmerc", type: "other", parameters: [natLat, natLon, scale, ...falseEN] },
  { code: 8, name: "Lambert Conic Conformal (2SP)", proj: "lcc", type: "cone", parameters: falseOrigin },
  {
    code: 9,
    name: "Lambert Conic Conformal (1SP)",
    proj: "lcc",
    type: "cone",
    parameters: [natLat, natLon, scale, ...falseEN],
    constants: (values) => [`+lat_1=${values.get("lat_0")}`],
    written: { k: "k_0" },
  },
  { code: 10, name: "Lambert Azimuthal Equal Area", proj: "laea", type: "other", parameters: [natLat, natLon, ...falseEN] },
  { code: 11, name: "Albers Equal Area", proj: "aea", type: "cone", parameters: falseOrigin },
  {
    code: 15,
    name: "Polar Stereographic (variant B)",
    proj: "stere",
    type: "other",
    applies: isVariantB,
    constants: (values) => [`+lat_0=${(values.get("lat_ts") ?? 0) < 0 ? -90 : 90}`],
    parameters: [
      parameter("lat_ts", "Latitude of standard parallel", LAT),
      parameter("lon_0", "Longitude of origin", poleLon, 0),
      ...falseEN,
    ],
  },
  {
    code: 15,
    name: "Polar Stereographic (variant A)",
    proj: "stere",
    type: "polar",
    parameters: [
      parameter("lat_0", "Latitude of natural origin", LAT),
      parameter("lon_0", "Longitude of natural origin", poleLon, 0),
      scale,
      ...falseEN,
    ],
  },
  { code: 24, name: "Sinusoidal", proj: "sinu", type: "other", parameters: [natLon, ...falseEN] },
  {
    code: 28,
    name: "Lambert Cylindrical Equal Area",
    proj: "cea",
    type: "other",
    parameters: [parameter("lat_ts", "Latitude of 1st standard parallel", ["ProjStdParallel1GeoKey"], 0), natLon, ...falseEN],
  },
];
