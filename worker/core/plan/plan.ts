/** The plan of a job: everything that follows from the request and the scenes' headers, before a pixel is read. */
import type { ComputeJobSpec } from "../../../api/v1alpha1/compute-job.ts";
import { geometryPolygons } from "../../../api/v1alpha1/geometry.ts";
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { type Region, regionForm } from "../../../api/v1alpha1/region.ts";
import type { Window } from "../grid/affine.ts";
import { unwrapLongitude } from "../grid/crs.ts";
import { centroidLongitude, type Geobox, outlineIn } from "../grid/geobox.ts";
import { boundsOf, overlaps } from "../grid/outline.ts";
import { type RegionMask, regionMask } from "../grid/region-mask.ts";
import { pickOverview } from "../raster/overviews.ts";
import { checkCoarseness } from "./coarse-grid.ts";
import { type ChunkShape, chunkShape, cutTiles } from "./chunks.ts";
import { type Group, groupDays } from "./groups.ts";
import { outputGrid } from "./output-grid.ts";
import type { JobRequest } from "./request.ts";
import type { Scene } from "./scene.ts";
import { groupScenes, type SolarDay } from "./solar-days.ts";

export type Plan = {
  readonly request: JobRequest;
  readonly grid: Geobox;
  /** The pixels that may have a value, with `region.clip`; undefined where all may. */
  readonly clip: RegionMask | undefined;
  /** The scenes that touch the grid, in the order of (datetime, id). */
  readonly scenes: readonly Scene[];
  /** How many scenes in time lie wholly outside. */
  readonly scenesOutside: number;
  readonly days: readonly SolarDay[];
  readonly groups: readonly Group[];
  readonly chunks: ChunkShape;
  readonly reductions: readonly Reduction[];
};

/** One output tile of one group, over all the group's days in order of time. Computed whole on one worker. */
export type Reduction = { readonly group: Group; readonly tile: Window };

/** Plans the job; `scenes` in the order of (datetime, id). Problems: grid, region outside all scenes. */
export function planJob(spec: ComputeJobSpec, request: JobRequest, scenes: readonly Scene[]): Result<Plan> {
  const grid = outputGrid(spec.grid, spec.region, scenes);
  if (!grid.ok) return grid;
  const clip = clipOf(spec.region, grid.value);
  if (!clip.ok) return clip;
  const sources = spec.grid.overviews === "auto" ? withOverviews(scenes, grid.value, request) : scenes;
  const inside = new Set(sources.filter((scene) => touches(scene, grid.value)));
  if (inside.size === 0) {
    return problem(
      "the region lies outside all items",
      "spec.region",
      `none of the ${scenes.length} items touches it: check lon, lat and time`,
    );
  }
  const coarse = checkCoarseness(grid.value, [...inside], request.bands);
  if (!coarse.ok) return coarse;
  const days = daysInside(groupScenes(sources, spec.groupBy, centroidLongitude(grid.value)), inside);
  const groups = groupDays(days, request.reduce);
  const chunks = chunkShape(spec.chunks, grid.value);
  const tiles = cutTiles(chunks, grid.value);
  const reductions = groups.flatMap((group) => tiles.map((tile) => ({ group, tile })));
  const scenesOutside = scenes.length - inside.size;
  return ok({ request, grid: grid.value, clip: clip.value, scenes: [...inside], scenesOutside, days, groups, chunks, reductions });
}

/**
 * The days that have a scene inside, of these alone. A day's label is the time of its first scene wherever that lies, so that the season of a day is
 * that of the whole job's days and not of a region of it (odc-stac groups all items it is given, too).
 */
function daysInside(days: readonly SolarDay[], inside: ReadonlySet<Scene>): readonly SolarDay[] {
  return days.map((day) => ({ ...day, scenes: day.scenes.filter((scene) => inside.has(scene)) })).filter(({ scenes }) => scenes.length > 0);
}

function clipOf(region: Region | undefined, grid: Geobox): Result<RegionMask | undefined> {
  const form = region && regionForm(region);
  return form?.type === "geometry" && form.clip ? regionMask(geometryPolygons(form.geometry), grid) : ok(undefined);
}

/** The scenes with the overviews that serve the grid in their images' places; flag bands keep theirs, whose codes cannot be averaged. */
function withOverviews(scenes: readonly Scene[], grid: Geobox, { bands }: JobRequest): readonly Scene[] {
  return scenes.map((scene) => ({
    ...scene,
    rasters: scene.rasters.map((raster, b) => (bands[b]?.type === "measurement" ? pickOverview(grid, raster) : raster)),
  }));
}

/** By the bounds of the image's outline in the grid's CRS; a rotated image may be kept that only seems to touch, which costs nothing. */
function touches(scene: Scene, grid: Geobox): boolean {
  const [a, , c, , e, f] = grid.affine;
  const gridBounds = { xmin: c, ymin: f + e * grid.height, xmax: c + a * grid.width, ymax: f };
  const middle = (gridBounds.xmin + gridBounds.xmax) / 2;
  return scene.rasters.some((raster) => {
    const outline = outlineIn(raster.box, grid.crs);
    // A grid in degrees may lie across the antimeridian, or go on to the east of it.
    const bounds = boundsOf(grid.crs.type === "geographic" ? outline.map(([x, y]) => [unwrapLongitude(x, middle), y]) : outline);
    return bounds !== undefined && overlaps(bounds, gridBounds);
  });
}
