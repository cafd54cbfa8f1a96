/** The part of a STAC item that a job uses, after parsing. */
export type StacItem = {
  readonly id: string;
  readonly collection: string | undefined;
  /** `datetime`, or `start_datetime` where that is null; milliseconds since 1970. */
  readonly timeMs: number;
  readonly assets: ReadonlyMap<string, StacAsset>;
  /** Link to the item itself, if it has one. */
  readonly self: string | undefined;
};

/** One asset, with the metadata of its only band. */
export type StacAsset = {
  /** Absolute: resolved against the item list's own place. */
  readonly href: string;
  readonly nodata: number | undefined;
  readonly scale: number | undefined;
  readonly offset: number | undefined;
};
