/**
 * The STAC item of a result (`item.json`): STAC 1.0.0, the version that odc-stac and pystac read without migrating,
 * with the extensions projection 1.1.0, raster 1.1.0, processing 1.2.0 and file 2.1.0. It says nothing of when it was
 * made, so that the same result has the same item.
 */

/** Everything an item is made of. Nothing is looked up. */
export type StacItemInput = {
  /** Unique among a user's results: the job's name. */
  readonly id: string;
  /** Outline of the grid in EPSG:4326 (longitude, latitude), closed rings. */
  readonly geometry: Outline;
  /** First and last observation used, ISO 8601 in UTC. */
  readonly startTime: string;
  readonly endTime: string;
  readonly grid: ItemGrid;
  readonly rasters: readonly RasterFile[];
  readonly quicklooks: readonly WrittenFile[];
  readonly sources: readonly SourceItem[];
  readonly processing: Processing;
};

/** GeoJSON (RFC 7946); a MultiPolygon where the outline is cut at the antimeridian. */
export type Outline =
  | { readonly type: "Polygon"; readonly coordinates: readonly Ring[] }
  | { readonly type: "MultiPolygon"; readonly coordinates: readonly (readonly Ring[])[] };
export type Ring = readonly (readonly [longitude: number, latitude: number])[];

/** The grid that all rasters share. `affine`: a to f of pixel corner -> CRS. `pixelSizeMetres` only where the CRS is in metres. */
export type ItemGrid = {
  /** Undefined for a user-defined CRS, which has `wkt2` instead. */
  readonly epsg: number | undefined;
  readonly wkt2?: string;
  readonly shapeYX: readonly [height: number, width: number];
  readonly affine: readonly [number, number, number, number, number, number];
  readonly pixelSizeMetres?: number;
};

/** A file beside the item. `name` without folder: `ndvi_DJF.tif`; its asset is named by the part before the last dot. */
export type WrittenFile = {
  readonly name: string;
  readonly title: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
};

/** `float32` has nodata "nan"; `uint16` (a count) has none: 0 is a value. */
export type RasterFile = WrittenFile & { readonly sampleType: "float32" | "uint16"; readonly description: string };

/** An item that the result was computed from. `href`: its self link, without query; without one its id stands for it. */
export type SourceItem = { readonly id: string; readonly href?: string };

/** Processing extension: names and versions of programs, and a sentence on what was done. */
export type Processing = { readonly software: Readonly<Record<string, string>>; readonly lineage: string };

const extensions = [
  "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
  "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
  "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
  "https://stac-extensions.github.io/file/v2.1.0/schema.json",
];

const cogMediaType = "image/tiff; application=geotiff; profile=cloud-optimized";

/** The item as a JSON value; hrefs of assets are relative to it (`./ndvi_DJF.tif`). */
export function buildStacItem(input: StacItemInput): object {
  const { grid, processing } = input;
  return {
    type: "Feature",
    stac_version: "1.0.0",
    stac_extensions: extensions,
    id: input.id,
    geometry: input.geometry,
    bbox: boundingBox(input.geometry),
    properties: {
      datetime: null,
      start_datetime: input.startTime,
      end_datetime: input.endTime,
      "proj:epsg": grid.epsg ?? null,
      ...(grid.wkt2 === undefined ? {} : { "proj:wkt2": grid.wkt2 }),
      "proj:shape": grid.shapeYX,
      "proj:transform": grid.affine,
      "processing:software": processing.software,
      "processing:lineage": processing.lineage,
    },
    links: input.sources.map(sourceLink),
    assets: Object.fromEntries([
      ...input.rasters.map((file) => [assetKey(file), rasterAsset(file, grid)]),
      ...input.quicklooks.map((file) => [assetKey(file), quicklookAsset(file)]),
    ]),
  };
}

function assetKey(file: WrittenFile): string {
  return file.name.replace(/\.[^.]*$/, "");
}

function rasterAsset(file: RasterFile, grid: ItemGrid): object {
  const band = {
    data_type: file.sampleType,
    ...(file.sampleType === "float32" ? { nodata: "nan" } : {}),
    sampling: "area",
    ...(grid.pixelSizeMetres === undefined ? {} : { spatial_resolution: grid.pixelSizeMetres }),
  };
  return { ...asset(file, cogMediaType, "data"), description: file.description, "raster:bands": [band] };
}

/** Role "overview" (STAC best practices): a picture of the whole; odc-stac leaves it out of the bands. */
function quicklookAsset(file: WrittenFile): object {
  return asset(file, "image/png", "overview");
}

function asset(file: WrittenFile, type: string, role: string): object {
  return {
    href: `./${file.name}`,
    title: file.title,
    type,
    roles: [role],
    // Multihash (multiformats.io): 0x12 sha2-256, 0x20 bytes long.
    "file:checksum": `1220${file.sha256}`,
    "file:size": file.bytes,
  };
}

function sourceLink(source: SourceItem): object {
  return { rel: "derived_from", href: source.href ?? source.id, type: "application/geo+json", title: source.id };
}

/** [west, south, east, north]. An outline cut at the antimeridian (parts at both its sides) has west > east (RFC 7946, 5.2). */
function boundingBox(outline: Outline): readonly number[] {
  const parts = (outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates).map((rings) => extent(rings[0] ?? []));
  const south = Math.min(...parts.map((part) => part.south));
  const north = Math.max(...parts.map((part) => part.north));
  const cut = parts.some((part) => part.east === 180) && parts.some((part) => part.west === -180) && parts.length > 1;
  const west = Math.min(...parts.filter((part) => !cut || part.west > 0).map((part) => part.west));
  const east = Math.max(...parts.filter((part) => !cut || part.east < 0).map((part) => part.east));
  return [west, south, east, north];
}

function extent(ring: Ring): { readonly west: number; readonly south: number; readonly east: number; readonly north: number } {
  const longitudes = ring.map(([longitude]) => longitude);
  const latitudes = ring.map(([, latitude]) => latitude);
  return { west: Math.min(...longitudes), south: Math.min(...latitudes), east: Math.max(...longitudes), north: Math.max(...latitudes) };
}
