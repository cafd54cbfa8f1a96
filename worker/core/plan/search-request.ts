/** What is asked of a STAC API (item search, OGC API - Features): the job's region and time, and the words of `spec.source.stac`. */
import type { Geometry } from "../../../api/v1alpha1/geometry.ts";
import { geometryPolygons } from "../../../api/v1alpha1/geometry.ts";
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { type Region, regionForm } from "../../../api/v1alpha1/region.ts";
import type { StacSearch } from "../../../api/v1alpha1/source.ts";
import { type Time, timeBoundsMs } from "../../../api/v1alpha1/time.ts";
import { geographicBounds, splitAtAntimeridian } from "../grid/geographic-bounds.ts";
import { regionOutlines } from "./output-grid.ts";

/** The parameters of one search, as a POST takes them. */
export type SearchParameters = Readonly<Record<string, unknown>>;

/** West, south, east, north in EPSG:4326; west is below east. */
type Bbox = readonly [number, number, number, number];

/** Larger geometries are refused by some servers as too long: their bounds are asked for instead, and the grid decides. */
const MAX_INTERSECTS_POSITIONS = 1000;

/**
 * The searches that find a job's items: one; two where the region goes over the antimeridian, since bounds with west above east are
 * not understood everywhere. They find what is in time and place, and may find more: the plan decides.
 */
export function searchesOf(stac: StacSearch, region: Region | undefined, time: Time | undefined): Result<readonly SearchParameters[]> {
  const { collections, ids, query, filter, limit } = stac;
  const words = {
    ...{ collections, ids, datetime: datetimeOf(time), query, filter, limit },
    ...(filter === undefined ? {} : { "filter-lang": "cql2-json" }),
  };
  const common = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
  if (!region) return ok([common]);
  const form = regionForm(region);
  if (form.type === "geometry" && form.clip && positionsOf(form.geometry) <= MAX_INTERSECTS_POSITIONS) {
    return ok([{ ...common, intersects: form.geometry }]);
  }
  const boxes = bboxesOf(region);
  return boxes.ok ? ok(boxes.value.map((bbox) => ({ ...common, bbox }))) : boxes;
}

/** The same as the query of a GET: lists by commas, objects as JSON, a geometry by its bounds. */
export function searchQuery(parameters: SearchParameters): URLSearchParams {
  const { intersects, ...others } = parameters;
  const bounds = intersects === undefined ? {} : { bbox: geometryBbox(intersects as Geometry) }; // put there by searchesOf
  return new URLSearchParams(Object.entries({ ...others, ...bounds }).map(([name, value]) => [name, queryText(value)]));
}

function queryText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** An RFC 3339 interval, `..` for an open end. Its end is the first moment after the span, so that fractions of its last second are in it. */
function datetimeOf(time: Time | undefined): string | undefined {
  const { firstMs, lastMs } = timeBoundsMs(time);
  if (!Number.isFinite(firstMs) && !Number.isFinite(lastMs)) return undefined;
  const text = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString().replace(".000Z", "Z") : "..");
  return `${text(firstMs)}/${text(lastMs + 1)}`;
}

function bboxesOf(region: Region): Result<readonly Bbox[]> {
  const outlines = regionOutlines(region);
  if (!outlines.ok) return outlines;
  const bounds = geographicBounds(outlines.value);
  if (!bounds) {
    return problem("the region has no longitudes and latitudes", "spec.region", "give bounds that lie within the reach of their crs");
  }
  return ok(splitAtAntimeridian(bounds).map((b): Bbox => [b.xmin, b.ymin, b.xmax, b.ymax]));
}

function positionsOf(geometry: Geometry): number {
  return geometryPolygons(geometry)
    .flat()
    .reduce((sum, ring) => sum + ring.length, 0);
}

function geometryBbox(geometry: Geometry): Bbox {
  const positions = geometryPolygons(geometry).flat(2);
  const [first = [0, 0]] = positions;
  return positions.reduce<Bbox>(
    ([west, south, east, north], [x, y]) => [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)],
    [first[0], first[1], first[0], first[1]],
  );
}
