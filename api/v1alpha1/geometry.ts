/**
 * The GeoJSON geometries that a region may be: Polygon and MultiPolygon in longitude and latitude (RFC 7946, section 3.1).
 * Features and collections are not geometries. Nothing here simplifies, closes or reorders a ring.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { refuse } from "./rules.ts";

/** Longitude and latitude in degrees. */
export type Position = readonly [longitude: number, latitude: number];

/** A closed ring: at least four positions, the last equal to the first. */
export type Ring = readonly Position[];

/** One polygon: its outer ring, then its holes. */
export type PolygonRings = readonly Ring[];

const TODO = "give a GeoJSON Polygon or MultiPolygon with closed rings of [longitude, latitude]";

/** The polygons of a geometry, or what is wrong with its coordinates, in words. */
function polygonsOf(geometry: { readonly type: "Polygon" | "MultiPolygon"; readonly coordinates: unknown }): PolygonRings[] | string {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  if (!Array.isArray(polygons) || polygons.length === 0) {
    return "the geometry has no polygon";
  }
  const read = polygons.map(ringsOf);
  return read.find((rings) => typeof rings === "string") ?? read.filter((rings) => typeof rings !== "string");
}

function ringsOf(polygon: unknown): PolygonRings | string {
  if (!Array.isArray(polygon) || polygon.length === 0) {
    return "a polygon has no ring";
  }
  const read = polygon.map(ringOf);
  return read.find((ring) => typeof ring === "string") ?? read.filter((ring) => typeof ring !== "string");
}

function ringOf(ring: unknown): Ring | string {
  if (!Array.isArray(ring) || ring.length < 4) {
    return "a ring has fewer than four positions";
  }
  const positions = ring.map(positionOf).filter((position) => position !== undefined);
  if (positions.length !== ring.length) {
    return "a position is not [longitude, latitude] in degrees";
  }
  const [first, last] = [positions[0], positions.at(-1)];
  const closed = first?.[0] === last?.[0] && first?.[1] === last?.[1];
  return closed ? positions : "a ring is not closed";
}

function positionOf(position: unknown): Position | undefined {
  if (!Array.isArray(position)) {
    return undefined;
  }
  const [longitude, latitude]: unknown[] = position;
  const inRange = isWithin(longitude, 180) && isWithin(latitude, 90);
  return inRange ? [longitude, latitude] : undefined;
}

function isWithin(value: unknown, limit: number): value is number {
  return typeof value === "number" && Math.abs(value) <= limit;
}

/** `spec.region.geometry`. The coordinates' depth depends on the type, so that the CRD leaves their inside to us. */
export const geometrySchema = z
  .strictObject({
    type: z.enum(["Polygon", "MultiPolygon"]).describe("Kind of the geometry."),
    coordinates: z.array(z.unknown()).describe("Rings of [longitude, latitude] in degrees, closed; for a MultiPolygon a list of them."),
  })
  .superRefine((geometry, ctx) => {
    const polygons = polygonsOf(geometry);
    if (typeof polygons === "string") {
      refuse(ctx, ["coordinates"], { what: polygons, todo: TODO });
    }
  });

/** A job's `region.geometry`. Read its coordinates with {@link geometryPolygons}. */
export type Geometry = DeepReadonly<z.output<typeof geometrySchema>>;

/** The polygons of a parsed geometry, heights dropped. Throws a TypeError on one that did not pass {@link geometrySchema}. */
export function geometryPolygons(geometry: Geometry): readonly PolygonRings[] {
  const polygons = polygonsOf(geometry);
  if (typeof polygons === "string") {
    throw new TypeError(`unparsed geometry: ${polygons}`);
  }
  return polygons;
}
