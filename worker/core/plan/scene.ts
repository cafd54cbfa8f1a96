/** A scene: one STAC item with the headers of the bands that the job reads. */
import type { SourceRaster } from "../raster/source-raster.ts";

export type Scene = {
  readonly id: string;
  readonly timeMs: number;
  /** In the order of the request's bands. */
  readonly rasters: readonly SourceRaster[];
  /** Link to the item, for derived_from. */
  readonly self: string | undefined;
};
