/** The part of a STAC item that a job uses, after parsing. */
export type StacItem = {
  readonly id: string;
  readonly collection: string | undefined;
  /** `landsat-8`, `LANDSAT_7`, as the item has it. */
  readonly platform: string | undefined;
  /** `datetime`, or `start_datetime` where that is null; milliseconds since 1970, with the fraction that its digits gave. */
  readonly timeMs: number;
  /** Those that may be a band of the job. */
  readonly assets: ReadonlyMap<string, StacAsset>;
  /** Keys of the others. */
  readonly otherAssets: readonly string[];
  /** Link to the item itself, if it has one. */
  readonly self: string | undefined;
};

/** One asset, with the metadata of its only band: STAC 1.0's `raster:bands`, 1.1's `bands`, or what asset and item say for all bands. */
export type StacAsset = {
  /** Absolute: resolved against the item list's own place. */
  readonly href: string;
  /** The same file on S3, by the alternate-assets extension. */
  readonly s3: S3Alternate | undefined;
  /** Whether the storage extension says of the href itself that the reader pays. */
  readonly requesterPays: boolean;
  /** Whether the item says, or its host is known, to answer with a login page. */
  readonly needsLogin: boolean;
  /** `red`, `nir08`: of the asset's only band. */
  readonly commonName: string | undefined;
  readonly nodata: number | undefined;
  readonly scale: number | undefined;
  readonly offset: number | undefined;
};

/** An `s3://` href and whether its reader pays. */
export type S3Alternate = { readonly href: string; readonly requesterPays: boolean };
