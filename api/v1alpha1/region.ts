/**
 * `spec.region`: the area to compute, in one of four forms. All forms share one flat object, so that the CRD is structural; the
 * tagged form for code is {@link regionForm}. Without a region the job covers the union of all items' footprints.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { geometrySchema, type Geometry } from "./geometry.ts";
import { epsgCode } from "./names.ts";
import { cel, given, refuse, type RefusalContext } from "./rules.ts";

const longitude = z.number().min(-180).max(180);
const latitude = z.number().min(-90).max(90);

/** The fields of each form: those that it needs, and those that only it may have. */
const FORMS = {
  lonLat: { needs: ["lon", "lat"], may: [] },
  centre: { needs: ["center", "buffer"], may: [] },
  bounds: { needs: ["bounds", "crs"], may: [] },
  geometry: { needs: ["geometry"], may: ["clip"] },
} as const;
const FORMS_TODO = "give one of {lon, lat}, {center, buffer}, {bounds, crs}, {geometry, clip}";

const fields = {
  lon: z.tuple([longitude, longitude]).optional().describe("Western and eastern edge in degrees, with lat."),
  lat: z.tuple([latitude, latitude]).optional().describe("Southern and northern edge in degrees, with lon."),
  center: z
    .strictObject({ lon: longitude.describe("Longitude in degrees."), lat: latitude.describe("Latitude in degrees.") })
    .optional()
    .describe("Middle of the area, with buffer."),
  buffer: z.number().positive().max(90).optional().describe("Degrees from the center to each edge, with center."),
  bounds: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .optional()
    .describe("[xmin, ymin, xmax, ymax] in the units of crs, with crs."),
  crs: epsgCode.optional().describe("The CRS of bounds, as EPSG:<code>."),
  geometry: geometrySchema.optional().describe("A GeoJSON Polygon or MultiPolygon in longitude and latitude."),
  clip: z
    .boolean()
    .optional()
    .describe("With geometry: leave the pixels outside it without a value. Left out: no, its bounding box is filled."),
};

type RegionFields = z.output<z.ZodObject<typeof fields>>;

function checkForm(region: RegionFields, ctx: RefusalContext): void {
  const names = given(region, Object.keys(fields) as (keyof RegionFields)[]); // `fields` is the object's own shape.
  const fits = Object.values(FORMS).some(({ needs, may }) => {
    const allowed: readonly string[] = [...needs, ...may];
    return needs.every((name) => names.includes(name)) && names.every((name) => allowed.includes(name));
  });
  if (!fits) {
    const what = names.length === 0 ? "the region is empty" : `not a form of region: {${names.join(", ")}}`;
    const withoutCrs = names.length === 1 && names[0] === "bounds";
    const todo = 'add the CRS that they are in, as crs: "EPSG:3577"';
    refuse(ctx, [], withoutCrs ? { what: "bounds, or x and y, have no crs", todo } : { what, todo: FORMS_TODO });
  }
}

function checkOrder(region: RegionFields, ctx: RefusalContext): void {
  for (const name of ["lon", "lat"] as const) {
    const [low, high] = region[name] ?? [0, 1];
    if (low >= high) {
      refuse(ctx, [name], { what: `${name} is not in order`, todo: `put the smaller first: [${high}, ${low}]; both must differ` });
    }
  }
  const [xmin, ymin, xmax, ymax] = region.bounds ?? [0, 0, 1, 1];
  if (xmin >= xmax || ymin >= ymax) {
    refuse(ctx, ["bounds"], { what: "bounds are not in order", todo: "give [xmin, ymin, xmax, ymax] with xmin < xmax and ymin < ymax" });
  }
}

/** `spec.region`: exactly one of `{lon, lat}`, `{center, buffer}`, `{bounds, crs}`, `{geometry, clip}`. */
export const regionSchema = z
  .strictObject(fields)
  .superRefine((region, ctx) => {
    checkForm(region, ctx);
    checkOrder(region, ctx);
  })
  .meta(
    cel(
      ["[has(self.lon), has(self.center), has(self.bounds), has(self.geometry)].exists_one(form, form)", FORMS_TODO],
      ["has(self.lon) == has(self.lat)", "lon and lat go together"],
      ["has(self.center) == has(self.buffer)", "center and buffer go together"],
      ["has(self.bounds) == has(self.crs)", "bounds and crs go together"],
      ["!has(self.clip) || has(self.geometry)", "clip goes with geometry"],
      ["!has(self.lon) || self.lon[0] < self.lon[1]", "lon is not in order"],
      ["!has(self.lat) || self.lat[0] < self.lat[1]", "lat is not in order"],
      ["!has(self.bounds) || (self.bounds[0] < self.bounds[2] && self.bounds[1] < self.bounds[3])", "bounds are not in order"],
    ),
  );

/** A job's `region`, flat. */
export type Region = DeepReadonly<z.output<typeof regionSchema>>;

/** A region as one tagged shape. Degrees for `lonLat`, the CRS's units for `bounds`. */
export type RegionForm =
  | { readonly type: "lonLat"; readonly lon: readonly [number, number]; readonly lat: readonly [number, number] }
  | { readonly type: "bounds"; readonly bounds: readonly [number, number, number, number]; readonly crs: string }
  | { readonly type: "geometry"; readonly geometry: Geometry; readonly clip: boolean };

/**
 * The one form that a parsed region has. A centre with its buffer comes as `lonLat`, cut at the poles and the antimeridian.
 * Throws a TypeError on a region that did not pass {@link regionSchema}.
 */
export function regionForm(region: Region): RegionForm {
  if (region.lon !== undefined && region.lat !== undefined) {
    return { type: "lonLat", lon: region.lon, lat: region.lat };
  }
  if (region.center !== undefined && region.buffer !== undefined) {
    const { lon, lat } = region.center;
    return { type: "lonLat", lon: around(lon, region.buffer, 180), lat: around(lat, region.buffer, 90) };
  }
  if (region.bounds !== undefined && region.crs !== undefined) {
    return { type: "bounds", bounds: region.bounds, crs: region.crs };
  }
  if (region.geometry !== undefined) {
    return { type: "geometry", geometry: region.geometry, clip: region.clip ?? false };
  }
  throw new TypeError("unparsed region");
}

function around(middle: number, buffer: number, limit: number): readonly [number, number] {
  return [Math.max(-limit, middle - buffer), Math.min(limit, middle + buffer)];
}
