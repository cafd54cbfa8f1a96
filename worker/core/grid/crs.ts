/**
 * Coordinate reference systems by EPSG code. Covers WGS 84 / UTM by rule and a short table; user-defined ones are refused by name.
 * Datums are taken as WGS 84 (PROJ does the same for GDA94 and GDA2020 without grids; the true shift is under two metres).
 */
import proj4 from "proj4";
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";

/** A CRS. Axis order is always x (east, longitude), y (north, latitude); units are metres, or degrees where geographic. */
export type Crs = { readonly type: "projected" | "geographic"; readonly epsg: number; readonly name: string; readonly definition: string };

/** EPSG:4326 with longitude first, in degrees. */
export const WGS84: Crs = { type: "geographic", epsg: 4326, name: "WGS 84", definition: "+proj=longlat +datum=WGS84 +no_defs" };

const TABLE: readonly Crs[] = [
  WGS84,
  {
    type: "projected",
    epsg: 3577,
    name: "GDA94 / Australian Albers",
    definition: "+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs",
  },
  {
    type: "projected",
    epsg: 9473,
    name: "GDA2020 / Australian Albers",
    definition: "+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs",
  },
  {
    type: "projected",
    epsg: 3857,
    name: "WGS 84 / Pseudo-Mercator",
    definition: "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs",
  },
  {
    type: "projected",
    epsg: 6933,
    name: "WGS 84 / NSIDC EASE-Grid 2.0 Global",
    definition: "+proj=cea +lat_ts=30 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
  },
];

/** The CRS of an EPSG code, or undefined where it is not one of those covered. */
export function crsOfEpsg(epsg: number): Crs | undefined {
  const zone = epsg % 100;
  const north = Math.floor(epsg / 100) === 326;
  const south = Math.floor(epsg / 100) === 327;
  if ((north || south) && zone >= 1 && zone <= 60) {
    const definition = `+proj=utm +zone=${zone}${south ? " +south" : ""} +datum=WGS84 +units=m +no_defs`;
    return { type: "projected", epsg, name: `WGS 84 / UTM zone ${zone}${north ? "N" : "S"}`, definition };
  }
  return TABLE.find((crs) => crs.epsg === epsg);
}

/** The CRS named `EPSG:n` in a manifest; `where` is its field path. */
export function parseCrs(text: string, where: string): Result<Crs> {
  const epsg = /^EPSG:(\d{1,6})$/i.exec(text.trim())?.[1];
  const crs = epsg === undefined ? undefined : crsOfEpsg(Number(epsg));
  if (crs) return ok(crs);
  const known = TABLE.map((c) => c.epsg).join(", ");
  return problem(
    `unknown CRS ${JSON.stringify(text)}`,
    where,
    `use native, utm, or EPSG:n with n 32601-32660, 32701-32760 or one of ${known}`,
  );
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

/** The transform between two CRSs; the identity, exactly, between equal ones. */
export function createPointTransform(from: Crs, to: Crs): PointTransform {
  if (from.epsg === to.epsg) return (x, y) => [x, y];
  const converter = proj4(from.definition, to.definition);
  return (x, y) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return [Number.NaN, Number.NaN];
    const [u, v] = converter.forward([x, y]) as [number, number];
    return Number.isFinite(u) && Number.isFinite(v) ? [u, v] : [Number.NaN, Number.NaN];
  };
}
