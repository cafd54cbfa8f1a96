/**
 * Coordinate reference systems: by EPSG code (UTM zones by rule and a table, crs-table.ts), or user-defined by a GeoTIFF's keys (geokeys-crs.ts).
 * Datums are taken as WGS 84 (PROJ does the same for GDA94 and GDA2020 without grids; the true shift is under two metres).
 */
import proj4 from "proj4";
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { CRS_TABLE, UTM_RULES } from "./crs-table.ts";

/** A CRS. Axis order is always x (east, longitude), y (north, latitude); units are metres unless the definition says others, or degrees where geographic. */
export type Crs = {
  readonly type: "projected" | "geographic";
  /** What tells it from others: `EPSG:n`, or the PROJ string of a user-defined one. */
  readonly id: string;
  readonly epsg: number | undefined;
  readonly name: string;
  /** PROJ string. */
  readonly definition: string;
  /** How to write down a CRS without an EPSG code. */
  readonly userDefined?: UserDefined;
};

export type UserDefined = {
  /** The GeoTIFF keys that it came from, by GeoTIFF 1.0's names; numbers or strings. */
  readonly geoKeys: Readonly<Record<string, number | string>>;
  /** As WKT2:2019. */
  readonly wkt2: string;
};

/** Whether two CRSs are the same one. */
export function sameCrs(a: Crs, b: Crs): boolean {
  return a.id === b.id;
}

/** What a CRS is called before people: its code, or a user-defined one's name. */
export function crsLabel({ epsg, id, name }: Crs): string {
  return epsg === undefined ? name : id;
}

function knownCrs(epsg: number, name: string, definition: string): Crs {
  const type = definition.startsWith("+proj=longlat") ? "geographic" : "projected";
  return { type, id: `EPSG:${epsg}`, epsg, name, definition: `${definition} +no_defs` };
}

const TABLE: readonly Crs[] = CRS_TABLE.map((row) => knownCrs(...row));

/** EPSG:4326 with longitude first, in degrees. */
export const WGS84: Crs = knownCrs(4326, "WGS 84", "+proj=longlat +datum=WGS84");

/** The CRS of an EPSG code, or undefined where it is not one of those covered. */
export function crsOfEpsg(epsg: number): Crs | undefined {
  for (const { base, zones, south, ellipsoid, name } of UTM_RULES) {
    const zone = epsg - base;
    if (Number.isInteger(zone) && zone >= zones[0] && zone <= zones[1])
      return knownCrs(epsg, name(zone), `+proj=utm +zone=${zone}${south ? " +south" : ""} ${ellipsoid} +units=m`);
  }
  return TABLE.find((crs) => crs.epsg === epsg);
}

/** The CRS of the table with a definition, its parameters in any order. */
export function crsOfDefinition(definition: string): Crs | undefined {
  const key = parameterKey(definition);
  return TABLE.find((crs) => parameterKey(crs.definition) === key);
}

function parameterKey(definition: string): string {
  return definition
    .split(" ")
    .filter((word) => word !== "+no_defs" && word !== "+units=m")
    .toSorted()
    .join(" ");
}

/** All EPSG codes that are known, in words. */
export function knownCodes(): string {
  const zones = UTM_RULES.map(({ base, zones: [first, last] }) => `${base + first}-${base + last}`);
  return [...zones, ...TABLE.map((crs) => String(crs.epsg))].join(", ");
}

/** The CRS named `EPSG:n` in a manifest; `where` is its field path. */
export function parseCrs(text: string, where: string): Result<Crs> {
  const epsg = /^EPSG:(\d{1,6})$/i.exec(text.trim())?.[1];
  const crs = epsg === undefined ? undefined : crsOfEpsg(Number(epsg));
  if (crs) return ok(crs);
  return problem(`unknown CRS ${JSON.stringify(text)}`, where, `use native, utm, or EPSG:n with n one of ${knownCodes()}`);
}

/** The UTM zone of a place on WGS 84: six degrees wide, without the exceptions of Norway and Svalbard, as odc-geo takes it. */
export function utmCrsOf(longitude: number, latitude: number): Crs {
  const zone = Math.min(60, Math.max(1, Math.floor((longitude + 180) / 6) + 1));
  const crs = crsOfEpsg((latitude < 0 ? 32700 : 32600) + zone);
  if (!crs) throw new Error(`No UTM zone for longitude ${longitude}`);
  return crs;
}

/** A point mapped from one CRS to another; [NaN, NaN] where the projection has no answer. */
export type PointTransform = (x: number, y: number) => readonly [x: number, y: number];

const NOWHERE = [Number.NaN, Number.NaN] as const;

/** The transform between two CRSs; the identity, exactly, between equal ones. */
export function createPointTransform(from: Crs, to: Crs): PointTransform {
  if (sameCrs(from, to)) return (x, y) => [x, y];
  const converter = REFINED.test(from.definition) ? refined(from, to) : proj4(from.definition, to.definition).forward;
  return (x, y) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return NOWHERE;
    const [u, v] = converter([x, y]) as [number, number];
    return Number.isFinite(u) && Number.isFinite(v) ? [u, v] : NOWHERE;
  };
}

/**
 * Projections whose inverse in proj4 2.22 is a series cut short (2 mm off for laea), or takes places off the map, such as the corners around a
 * disc, for places on it, since it clamps arcsines.
 */
const REFINED = /\+proj=(laea|aea|lcc|stere|cea|sinu|eqearth) /;

/** In units of the CRS: what is on the map comes back a hundred times nearer than this. */
const ROUND_TRIP = 1;

type Converter = (xy: [number, number]) => readonly [number, number];

/** The inverse corrected by what the forward projection, good to a nanometre, says of it; [NaN, NaN] off the map. */
function refined(from: Crs, to: Crs): Converter {
  const source = proj4(from.definition);
  const target = proj4(to.definition);
  // East and west of the world is on it again.
  const cylindrical = from.definition.includes("+proj=cea ");
  return ([x, y]) => {
    const first = source.inverse([x, y]) as [number, number];
    // proj4 throws for what is not finite.
    if (!Number.isFinite(first[0]) || !Number.isFinite(first[1])) return NOWHERE;
    const [p, q] = source.forward(first) as [number, number];
    const [dx, dy] = [cylindrical ? 0 : x - p, y - q];
    if (!(Math.abs(dx) < ROUND_TRIP && Math.abs(dy) < ROUND_TRIP)) return NOWHERE;
    const [longitude, latitude] = source.inverse([x + dx, y + dy]) as [number, number];
    return Number.isFinite(longitude) && Number.isFinite(latitude) ? (target.forward([longitude, latitude]) as [number, number]) : NOWHERE;
  };
}

/** The longitude that differs from one by whole turns and lies within half a turn of `middle`. */
export function unwrapLongitude(longitude: number, middle: number): number {
  return longitude + 360 * Math.round((middle - longitude) / 360);
}
