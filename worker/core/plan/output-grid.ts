/** The output grid of a job: region, CRS and resolution to a {@link Geobox} (DESIGN section 4, "Grid"). */
import { geometryPolygons } from "../../../api/v1alpha1/geometry.ts";
import type { Grid } from "../../../api/v1alpha1/grid.ts";
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import { type Region, regionForm } from "../../../api/v1alpha1/region.ts";
import { isAxisAligned, pixelToCrs } from "../grid/affine.ts";
import { createPointTransform, type Crs, crsLabel, parseCrs, utmCrsOf, WGS84 } from "../grid/crs.ts";
import { geographicBounds, type Outline } from "../grid/geographic-bounds.ts";
import { cornersOf, type Geobox, type PixelLattice, snapOutward } from "../grid/geobox.ts";
import { boundsOf, densify, rectangle } from "../grid/outline.ts";
import type { Scene } from "./scene.ts";

/** The grid that the job asks for, over the scenes it has. */
export function outputGrid(grid: Grid, region: Region | undefined, scenes: readonly Scene[]): Result<Geobox> {
  const outlines = region ? regionOutlines(region) : ok(scenes.flatMap(imageOutlines));
  if (!outlines.ok) return outlines;
  const base = grid.crs === "native" ? nativeLattice(grid, scenes) : crsAndLattice(grid, outlines.value);
  if (!base.ok) return base;
  const { crs, lattice } = base.value;
  const projected = outlines.value.flatMap(({ crs: from, ring }) => {
    const transform = createPointTransform(from, crs);
    return densify(ring).map(([x, y]) => transform(x, y));
  });
  const finite = projected.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const bounds = boundsOf(finite);
  if (!bounds || finite.length < projected.length) {
    return problem(`the region cannot be projected to ${crs.name}`, "spec.region", "choose a CRS in spec.grid.crs that covers the region");
  }
  return snapOutward(bounds, crs, lattice, "spec.grid.resolution");
}

/** The rings around a region: its rectangle, or the outer rings of its polygons. */
export function regionOutlines(region: Region): Result<readonly Outline[]> {
  const form = regionForm(region);
  switch (form.type) {
    case "lonLat":
      return ok([{ crs: WGS84, ring: rectangle({ xmin: form.lon[0], xmax: form.lon[1], ymin: form.lat[0], ymax: form.lat[1] }) }]);
    case "bounds": {
      const crs = parseCrs(form.crs, "spec.region.crs");
      const [xmin, ymin, xmax, ymax] = form.bounds;
      return crs.ok ? ok([{ crs: crs.value, ring: rectangle({ xmin, ymin, xmax, ymax }) }]) : crs;
    }
    case "geometry":
      return ok(geometryPolygons(form.geometry).map(([outer = []]) => ({ crs: WGS84, ring: outer })));
  }
}

function imageOutlines(scene: Scene): readonly Outline[] {
  return scene.rasters
    .slice(0, 1)
    .map(({ box }) => ({ crs: box.crs, ring: cornersOf(box).map(([col, row]) => pixelToCrs(box.affine, col, row)) }));
}

type Base = { readonly crs: Crs; readonly lattice: PixelLattice };

function crsAndLattice(grid: Grid, outlines: readonly Outline[]): Result<Base> {
  const crs = grid.crs === "utm" ? ok(utmOfOutlines(outlines)) : parseCrs(grid.crs, "spec.grid.crs");
  if (!crs.ok) return crs;
  const [rx, ry] = grid.resolutionXY ?? [grid.resolution ?? Number.NaN, grid.resolution ?? Number.NaN];
  const anchor = grid.anchor === "center" ? 0.5 : 0;
  return ok({ crs: crs.value, lattice: { resolutionXY: [rx, ry], originXY: [anchor * rx, anchor * ry] } });
}

/** The zone of the middle of the region's bounds in longitude and latitude. */
function utmOfOutlines(outlines: readonly Outline[]): Crs {
  const b = geographicBounds(outlines) ?? { xmin: 0, xmax: 0, ymin: 0, ymax: 0 };
  const middle = (b.xmin + b.xmax) / 2;
  return utmCrsOf(middle >= 180 ? middle - 360 : middle, (b.ymin + b.ymax) / 2);
}

/** Offsets of two lattices closer than this are one lattice: a rounded tie point, not another grid. */
const SAME_LATTICE_PIXELS = 1e-3;

/** The one CRS and lattice that all scenes share, or a problem that lists them with counts. */
function nativeLattice(grid: Grid, scenes: readonly Scene[]): Result<Base> {
  if (grid.resolution !== undefined || grid.resolutionXY !== undefined || grid.anchor !== undefined) {
    return problem(
      "crs native with a resolution or anchor",
      "spec.grid",
      "native is the items' own lattice: leave resolution and anchor out",
    );
  }
  const kinds = new Map<string, { readonly base: Base; readonly name: string; count: number }>();
  for (const scene of scenes) {
    for (const { box } of scene.rasters) {
      const base = latticeOf(box);
      const key = `${box.crs.id} ${describe(base, box)}`;
      const kind = kinds.get(key) ?? { base, name: describe(base, box), count: 0 };
      kind.count++;
      kinds.set(key, kind);
    }
  }
  const [first, ...others] = kinds.values();
  if (!first) return problem("native without items", "spec.grid.crs", "name a CRS");
  if (others.length === 0) return ok(first.base);
  const list = [...kinds.values()].map(({ name, count }) => `${name} (${count})`).join("; ");
  return problem(
    `the items' bands have ${kinds.size} CRSs or lattices`,
    "spec.grid.crs native",
    `name a CRS and resolution. Found: ${list}`,
  );
}

function latticeOf({ crs, affine }: Geobox): Base {
  return { crs, lattice: { resolutionXY: [Math.abs(affine[0]), Math.abs(affine[4])], originXY: [affine[2], affine[5]] } };
}

function describe({ crs, lattice }: Base, box: Geobox): string {
  const offset = (origin: number, resolution: number) => {
    const share = origin / resolution - Math.floor(origin / resolution);
    const rounded = Math.round(share / SAME_LATTICE_PIXELS) * SAME_LATTICE_PIXELS;
    return Number((rounded >= 1 ? 0 : rounded * resolution).toFixed(6));
  };
  const [rx, ry] = lattice.resolutionXY;
  const [ox, oy] = [offset(lattice.originXY[0], rx), offset(lattice.originXY[1], ry)];
  return `${crsLabel(crs)} ${rx} x ${ry} offset ${ox}, ${oy}${isAxisAligned(box.affine) ? "" : " rotated"}`;
}
