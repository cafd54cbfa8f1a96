/** The ellipsoid (and datum) that a GeoTIFF's keys give. Only datums that are WGS 84 within two metres, or that say nothing, are taken. */
import { type Found, found, type GeoKeyValues, refused, USER_DEFINED } from "./geokeys.ts";

export type Ellipsoid = {
  /** PROJ's word for it. */
  readonly definition: string;
  /** EPSG code of the geographic CRS, where that is known. */
  readonly epsg: number | undefined;
  readonly name: string;
  readonly semiMajorMetres: number;
  /** 0 for a sphere. */
  readonly inverseFlattening: number;
};

const EARTH = { semiMajorMetres: 6378137 } as const;
const WGS84_ELLIPSOID = { ...EARTH, name: "WGS 84", inverseFlattening: 298.257223563 };
const GRS80_ELLIPSOID = { ...EARTH, name: "GRS 1980", inverseFlattening: 298.257222101 };

/** Geographic CRSs on GRS 80 that are taken as WGS 84: ETRS89, NAD83 and its realisations, GDA94, GDA2020, NZGD2000, SIRGAS, RGF93, JGD and kin. */
const ON_GRS80 = [4258, 4269, 4283, 7844, 4167, 4617, 4152, 4759, 6318, 4674, 6668, 4612, 4171, 4619, 4189, 4170, 4695, 4755];

/** EPSG codes of datums (GeogGeodeticDatumGeoKey) on WGS 84's and GRS 80's ellipsoid. */
const WGS84_DATUMS = [6326];
const GRS80_DATUMS = [6258, 6269, 6283, 1168, 6167, 6140, 6674, 6171, 6019];

/** EPSG codes of ellipsoids (GeogEllipsoidGeoKey). */
const ELLIPSOIDS: ReadonlyMap<number, { readonly name: string; readonly semiMajorMetres: number; readonly inverseFlattening: number }> =
  new Map([
    [7030, WGS84_ELLIPSOID],
    [7019, GRS80_ELLIPSOID],
    [7035, { name: "Sphere", semiMajorMetres: 6371000, inverseFlattening: 0 }],
    [7048, { name: "GRS 1980 Authalic Sphere", semiMajorMetres: 6371007, inverseFlattening: 0 }],
  ]);

/** The ellipsoid, or what is wrong with it. */
export function ellipsoidOfKeys(keys: GeoKeyValues): Found<Ellipsoid> {
  const units = keys["GeogAngularUnitsGeoKey"] ?? 9102;
  if (units !== 9102) return refused(`the angular unit ${String(units)} of its CRS is not supported`);
  const meridian = keys["GeogPrimeMeridianGeoKey"] ?? 8901;
  if (!isGreenwich(meridian, keys)) return refused(`the prime meridian ${String(meridian)} of its CRS is not supported`);
  const geographic = keys["GeographicTypeGeoKey"] ?? USER_DEFINED;
  if (geographic === 4326) return found({ ...WGS84_ELLIPSOID, definition: "+datum=WGS84", epsg: 4326 });
  if (ON_GRS80.includes(Number(geographic))) return found({ ...GRS80_ELLIPSOID, definition: "+ellps=GRS80", epsg: Number(geographic) });
  if (geographic !== USER_DEFINED)
    return refused(`the geographic CRS EPSG:${String(geographic)} of its CRS needs a datum shift that is not supported`);
  return ofDatum(keys);
}

function isGreenwich(meridian: unknown, keys: GeoKeyValues): boolean {
  return meridian === 8901 || (meridian === USER_DEFINED && keys["GeogPrimeMeridianLongGeoKey"] === 0);
}

function ofDatum(keys: GeoKeyValues): Found<Ellipsoid> {
  const datum = Number(keys["GeogGeodeticDatumGeoKey"] ?? USER_DEFINED);
  if (WGS84_DATUMS.includes(datum)) return found({ ...WGS84_ELLIPSOID, definition: "+datum=WGS84", epsg: 4326 });
  if (GRS80_DATUMS.includes(datum)) return found({ ...GRS80_ELLIPSOID, definition: "+ellps=GRS80", epsg: undefined });
  // 6001 to 6099: "unknown datum on this ellipsoid".
  if (datum !== USER_DEFINED && !(datum > 6000 && datum < 6100))
    return refused(`the datum ${datum} of its CRS needs a shift that is not supported`);
  return ofEllipsoid(keys);
}

function ofEllipsoid(keys: GeoKeyValues): Found<Ellipsoid> {
  const known = ELLIPSOIDS.get(Number(keys["GeogEllipsoidGeoKey"]));
  if (known) return found({ ...known, definition: definitionOf(known), epsg: undefined });
  const a = keys["GeogSemiMajorAxisGeoKey"];
  if (typeof a !== "number" || !(a > 6e6 && a < 7e6)) return refused("its CRS has no datum and no ellipsoid of the size of the Earth");
  const inverseFlattening = flatteningOf(keys, a);
  if (inverseFlattening !== 0 && !(inverseFlattening > 200 && inverseFlattening < 400))
    return refused("its CRS has an ellipsoid that is not the Earth's");
  const same = [...ELLIPSOIDS.values()].find((e) => e.semiMajorMetres === a && Math.abs(e.inverseFlattening - inverseFlattening) < 1e-9);
  const shape = same ?? { name: "user-defined", semiMajorMetres: a, inverseFlattening };
  return found({ ...shape, definition: definitionOf(shape), epsg: undefined });
}

function flatteningOf(keys: GeoKeyValues, a: number): number {
  const inverse = keys["GeogInvFlatteningGeoKey"];
  if (typeof inverse === "number") return inverse;
  const b = keys["GeogSemiMinorAxisGeoKey"];
  return typeof b === "number" && b !== a ? a / (a - b) : 0;
}

function definitionOf({ semiMajorMetres, inverseFlattening }: Pick<Ellipsoid, "semiMajorMetres" | "inverseFlattening">): string {
  if (semiMajorMetres === EARTH.semiMajorMetres && inverseFlattening === WGS84_ELLIPSOID.inverseFlattening) return "+ellps=WGS84";
  if (semiMajorMetres === EARTH.semiMajorMetres && inverseFlattening === GRS80_ELLIPSOID.inverseFlattening) return "+ellps=GRS80";
  return inverseFlattening === 0 ? `+a=${semiMajorMetres} +b=${semiMajorMetres}` : `+a=${semiMajorMetres} +rf=${inverseFlattening}`;
}
