/** `spec.grid`, `chunks`, `resampling` and `groupBy`: the words of dc.load for the output's lattice and how data come onto it. */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { bandName } from "./names.ts";
import { cel, refuse } from "./rules.ts";

const metresOrDegrees = z.number().positive();

/** `spec.grid`: the CRS and exactly one of `resolution` and `resolutionXY`, unless the CRS is `native`. */
export const gridSchema = z
  .strictObject({
    crs: z
      .string()
      .regex(/^(EPSG:[0-9]{1,6}|native|utm)$/, "write EPSG:<code> (EPSG:3577), native, or utm")
      .describe("CRS of the output: EPSG:<code>, native (the items' own CRS and lattice), or utm (the zone of the region's middle)."),
    resolution: metresOrDegrees.optional().describe("Pixel size along x and y in units of the CRS, positive. Instead of resolutionXY."),
    resolutionXY: z
      .tuple([metresOrDegrees, metresOrDegrees])
      .optional()
      .describe("Pixel size along x, then along y, in units of the CRS, both positive. Instead of resolution."),
    anchor: z
      .enum(["edge", "center"])
      .optional()
      .describe("What lies on multiples of the resolution: pixel edges, as in dc.load, or pixel centres. Left out: edge."),
    overviews: z
      .enum(["never", "auto"])
      .optional()
      .describe("Whether stored overviews may be read where the output is coarser; never for flag bands. Left out: never."),
  })
  .superRefine((grid, ctx) => {
    if (grid.resolution !== undefined && grid.resolutionXY !== undefined) {
      refuse(ctx, [], { what: "resolution and resolutionXY are both given", todo: "give one of them" });
    }
    if (grid.crs !== "native" && grid.resolution === undefined && grid.resolutionXY === undefined) {
      refuse(ctx, [], { what: "the grid has no resolution", todo: "add resolution, in units of the CRS, for example resolution: 30" });
    }
  })
  .meta(
    cel(
      ["!(has(self.resolution) && has(self.resolutionXY))", "resolution and resolutionXY are both given"],
      ["self.crs == 'native' || has(self.resolution) || has(self.resolutionXY)", "the grid has no resolution"],
    ),
  );

const pixels = z.int().positive().max(1_000_000);

/** What `chunks` is when it is not given (DESIGN section 3): one day by 2048 x 2048 pixels. */
export const DEFAULT_CHUNKS = { time: 1, height: 2048, width: 2048 } as const;

/** `spec.chunks`. Within it only `time` has a default: a height or width that is left out is the grid's whole extent. */
export const chunksSchema = z.strictObject({
  time: z.int().positive().max(100_000).default(DEFAULT_CHUNKS.time).describe("Solar days in a chunk."),
  height: pixels.optional().describe("Rows of output pixels in a chunk. Left out: the whole height."),
  width: pixels.optional().describe("Columns of output pixels in a chunk. Left out: the whole width."),
});

/** How a band comes onto the output's lattice. */
export const resamplingMethod = z.enum(["nearest", "average", "bilinear", "cubic"]);

/**
 * `spec.resampling`: a method by band, `*` for the bands not named. It has no default here, since that depends on the band:
 * nearest for flag bands, which `*` never reaches, and average for the others.
 */
export const resamplingSchema = z.record(bandName, resamplingMethod);

/** `spec.groupBy`: what makes items one observation. */
export const groupBySchema = z.enum(["solar_day", "time", "id"]);

/** A job's `grid`. */
export type Grid = DeepReadonly<z.output<typeof gridSchema>>;

/** A job's `chunks`, in days and output pixels. */
export type Chunks = DeepReadonly<z.output<typeof chunksSchema>>;

/** A job's `resampling` by band, with `*`. */
export type Resampling = DeepReadonly<z.output<typeof resamplingSchema>>;

/** One resampling method. */
export type ResamplingMethod = z.output<typeof resamplingMethod>;

/** A job's `groupBy`. */
export type GroupBy = z.output<typeof groupBySchema>;
