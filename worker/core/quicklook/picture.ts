/** What a quicklook shows: one index of one group, and the words around it. Pure data; the file writer takes it whole. */
export type Picture = {
  /** The index as the manifest names it: `ndvi`. */
  readonly index: string;
  /** How the observations were put together: `mean`, `median`. */
  readonly statistic: string;
  /** What the values are counted in: `reflectance`; empty where in nothing. */
  readonly unit: string;
  /** The group: `DJF`, `2021-03`. */
  readonly group: string;
  /** First and last day, `YYYY-MM-DD`. */
  readonly firstDate: string;
  readonly lastDate: string;
  readonly solarDays: number;
  /** Source scenes that fed the group. */
  readonly scenes: number;
  /** The grid's CRS as a person knows it: `EPSG:32618`. */
  readonly crsName: string;
  /** [x, y] pixel size in CRS units, positive: metres, or degrees if `unitIsDegrees`. */
  readonly resolution: readonly [x: number, y: number];
  readonly unitIsDegrees: boolean;
  readonly raster: Raster;
  /** Columns of the grid; the raster may be an overview of it, with fewer. */
  readonly gridWidth: number;
};

/** Row-major, row 0 north; `data.length === width * height`. Values that are not finite are pixels without observation. */
export type Raster = { readonly width: number; readonly height: number; readonly data: Float32Array };
