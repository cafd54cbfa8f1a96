/** Which pixel of the output grid a place lies in, and the plan of that pixel alone. */
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { pixelToCrs } from "../grid/affine.ts";
import { createPointTransform, crsLabel, WGS84 } from "../grid/crs.ts";
import { type Geobox, outlineIn } from "../grid/geobox.ts";
import { boundsOf } from "../grid/outline.ts";
import type { Plan } from "../plan/plan.ts";
import type { PixelPlace } from "./explanation.ts";

/** What a user asks for: a place in degrees, or a pixel by its numbers. */
export type Asked =
  | { readonly type: "lonLat"; readonly lon: number; readonly lat: number }
  | { readonly type: "pixel"; readonly row: number; readonly col: number };

/** A projection answers for places far outside its domain too; there, the way back leads elsewhere. */
const ROUND_TRIP_DEGREES = 1e-5;

/** The pixel asked for; a problem that says where the grid is if it does not lie on it. */
export function findPixel(grid: Geobox, asked: Asked): Result<PixelPlace> {
  const [row, col] = asked.type === "pixel" ? [asked.row, asked.col] : pixelOf(grid, asked.lon, asked.lat);
  const inside = row >= 0 && row < grid.height && col >= 0 && col < grid.width;
  // Adding 0 makes -0 0.
  return inside ? ok(placeOf(grid, row + 0, col + 0)) : outside(grid, asked);
}

/** NaN where the place has no image in the grid's CRS. */
function pixelOf(grid: Geobox, lon: number, lat: number): readonly [row: number, col: number] {
  const [x, y] = createPointTransform(WGS84, grid.crs)(lon, lat);
  const [lonBack, latBack] = createPointTransform(grid.crs, WGS84)(x, y);
  const turns = (lonBack - lon) / 360;
  const astray = Math.max(Math.abs(turns - Math.round(turns)) * 360, Math.abs(latBack - lat));
  if (!(astray < ROUND_TRIP_DEGREES)) return [Number.NaN, Number.NaN];
  const [a, , c, , e, f] = grid.affine;
  return [Math.floor((y - f) / e), Math.floor((x - c) / a)];
}

function placeOf(grid: Geobox, row: number, col: number): PixelPlace {
  const [x, y] = pixelToCrs(grid.affine, col + 0.5, row + 0.5);
  const [lon, lat] = createPointTransform(grid.crs, WGS84)(x, y);
  return { row, col, x, y, lon, lat };
}

function outside(grid: Geobox, asked: Asked): ReturnType<typeof problem> {
  if (asked.type === "pixel")
    return problem(
      `pixel ${asked.row},${asked.col} lies outside the grid`,
      "--pixel",
      `give a row from 0 to ${grid.height - 1} and a column from 0 to ${grid.width - 1}`,
    );
  const degrees = (value: number) => value.toFixed(4);
  const b = boundsOf(outlineIn(grid, WGS84));
  const where = b ? `longitude ${degrees(b.xmin)} to ${degrees(b.xmax)}, latitude ${degrees(b.ymin)} to ${degrees(b.ymax)}` : "the grid";
  return problem(
    `${asked.lon},${asked.lat} lies outside the grid`,
    "--at",
    `give LON,LAT within ${where} (${grid.height} x ${grid.width} pixels in ${crsLabel(grid.crs)})`,
  );
}

/**
 * The same plan with that pixel as the only tile of every group. Grid, scenes and days stay, and with them all that decides the pixel's numbers; only
 * the blocks that it needs are read.
 */
export function planOfPixel(plan: Plan, { row, col }: PixelPlace): Plan {
  const tile = { row0: row, col0: col, row1: row + 1, col1: col + 1 };
  return { ...plan, reductions: plan.groups.map((group) => ({ group, tile })) };
}
