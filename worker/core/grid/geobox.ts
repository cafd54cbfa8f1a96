/** The output grid: a CRS, an affine and a shape, as odc-geo's GeoBox. */
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { type Affine, pixelToCrs } from "./affine.ts";
import { createPointTransform, type Crs, WGS84 } from "./crs.ts";
import { unwrapLongitudes } from "./geographic-bounds.ts";
import { type Bounds, type Point, densify, rectangle } from "./outline.ts";

/** A north-up raster grid; pixel (0, 0) is north-west. */
export type Geobox = { readonly crs: Crs; readonly affine: Affine; readonly height: number; readonly width: number };

/** The lattice that pixel edges lie on: resolution (positive) and the CRS coordinates of any pixel corner, per axis. */
export type PixelLattice = { readonly resolutionXY: readonly [number, number]; readonly originXY: readonly [number, number] };

/**
 * Bounds closer than this many pixels to a pixel edge count as on it, so that a rounded coordinate adds no row of pixels:
 * odc-geo's default (GeoBox.from_bbox, tol=0.01), which odc-stac and dc.load use.
 */
const EDGE_TOLERANCE_PIXELS = 0.01;

/** More pixels than this on a side is a mistake in region or resolution: 262,144 is a hemisphere at 76 m. */
const MAX_SIDE_PIXELS = 262_144;

/** The grid that covers `bounds`, snapped outward to the lattice. `where` is the field to blame for an impossible size. */
export function snapOutward(bounds: Bounds, crs: Crs, lattice: PixelLattice, where: string): Result<Geobox> {
  const [rx, ry] = lattice.resolutionXY;
  const [ox, oy] = lattice.originXY;
  const [x0, width] = snapAxis(bounds.xmin - ox, bounds.xmax - ox, rx);
  const [y0, height] = snapAxis(bounds.ymin - oy, bounds.ymax - oy, ry);
  if (!(width <= MAX_SIDE_PIXELS && height <= MAX_SIDE_PIXELS)) {
    return problem(
      `a grid of ${width} x ${height} pixels is too large`,
      where,
      `use a coarser resolution or a smaller region (at most ${MAX_SIDE_PIXELS} a side)`,
    );
  }
  return ok({ crs, affine: [rx, 0, x0 + ox, 0, -ry, y0 + height * ry + oy], height, width });
}

function snapAxis(low: number, high: number, resolution: number): readonly [origin: number, count: number] {
  const first = Math.floor(nearInteger(low / resolution));
  const last = Math.ceil(nearInteger(high / resolution));
  return [first * resolution, Math.max(1, last - first)];
}

function nearInteger(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < EDGE_TOLERANCE_PIXELS ? whole : value;
}

/** The corners of a grid or image as columns and rows: a ring. */
export function cornersOf({ width, height }: Pick<Geobox, "width" | "height">): readonly Point[] {
  return rectangle({ xmin: 0, ymin: 0, xmax: width, ymax: height });
}

/** The outline of a grid or image as a densified ring in another CRS; points without an image there are left out. */
export function outlineIn(box: Geobox, crs: Crs): readonly Point[] {
  const transform = createPointTransform(box.crs, crs);
  return densify(cornersOf(box))
    .map(([col, row]) => transform(...pixelToCrs(box.affine, col, row)))
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
}

/**
 * Longitude of the centroid (by area) of the grid's outline in EPSG:4326, -180 to 180: the one longitude of a job's solar days. An outline around a
 * pole has no such centroid and is taken by the grid's middle.
 */
export function centroidLongitude(box: Geobox): number {
  const ring = unwrapLongitudes(outlineIn(box, WGS84));
  if (Math.abs((ring.at(-1)?.[0] ?? 0) - (ring[0]?.[0] ?? 0)) > 180) {
    const [middle] = createPointTransform(box.crs, WGS84)(...pixelToCrs(box.affine, box.width / 2, box.height / 2));
    return Number.isNaN(middle) ? 0 : middle;
  }
  const longitude = unwrappedCentroid(ring);
  return longitude > 180 || longitude < -180 ? longitude - Math.round(longitude / 360) * 360 : longitude;
}

function unwrappedCentroid(ring: readonly Point[]): number {
  const [x0, y0] = ring[0] ?? [Number.NaN, Number.NaN];
  let doubleArea = 0;
  let sum = 0;
  ring.forEach(([x, y], i) => {
    const [u, v] = ring[(i + 1) % ring.length] ?? [x, y];
    const cross = (x - x0) * (v - y0) - (u - x0) * (y - y0);
    doubleArea += cross;
    sum += (x - x0 + (u - x0)) * cross;
  });
  return doubleArea === 0 ? x0 : x0 + sum / (3 * doubleArea);
}
