/**
 * The header of a GeoTIFF as a {@link SourceRaster}. Covers single-band images of integers, tiled or striped, none/deflate/LZW, predictor 1 and
 * 2, in a CRS with an EPSG code; anything else is refused by name. The library parses the directory; what it found is checked here.
 */
import { GeoTIFF, type GeoTIFFImage } from "geotiff";
import { SourceError } from "../../../runtime/errors.ts";
import type { Affine } from "../../core/grid/affine.ts";
import { type Crs, crsOfEpsg } from "../../core/grid/crs.ts";
import type { BlockEncoding, BlockLayout, FileIdentity, SampleType, SourceRaster } from "../../core/raster/source-raster.ts";
import type { ByteSource, OpenedObject } from "../source/byte-source.ts";

/** Enough for the directory and the block offsets of a Landsat COG (some 15 KiB), so that one request opens the file. */
const HEADER_BYTES = 32 * 1024;

/** A larger block would have to be held decoded, whole; GDAL writes 512 x 512, USGS strips are of one row. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

/** Reads the header; throws SourceError naming the file where it is missing, damaged or not supported. */
export async function readRaster(source: ByteSource, href: string, signal: AbortSignal): Promise<SourceRaster> {
  const opened = await source.open(href, HEADER_BYTES, signal);
  const { file } = opened;
  const image = await openImage(source, href, opened, signal);
  const refuse = (what: string): SourceError =>
    new SourceError({ href, what, todo: "convert it with gdal_translate, or leave the item out" });
  try {
    const encoding = await readEncoding(image, refuse);
    const box = { crs: readCrs(image, refuse), affine: readAffine(image, refuse), height: image.getHeight(), width: image.getWidth() };
    const blocks = await readBlocks(image, file, refuse);
    return { href, box, encoding, nodata: image.getGDALNoData() ?? undefined, blocks, file };
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw damaged(href, cause);
  }
}

function damaged(href: string, cause: unknown): SourceError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new SourceError(
    { href, what: `not a readable TIFF (${detail})`, todo: "the file is damaged or truncated, or no TIFF; fetch it again" },
    cause,
  );
}

async function openImage(source: ByteSource, href: string, { file, head }: OpenedObject, signal: AbortSignal): Promise<GeoTIFFImage> {
  const read = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = new Uint8Array(length);
    await source.read({ href, file }, offset, bytes, signal);
    return bytes;
  };
  const fetch = async ({ offset, length }: { offset: number; length: number }): Promise<ArrayBuffer> => {
    if (offset + length <= head.length) return head.slice(offset, offset + length).buffer;
    // The library reads in fixed steps, so past the end as well; what is there is given, and it checks.
    const end = Math.min(offset + length, file.sizeBytes);
    if (!(offset >= 0 && offset < end)) throw new RangeError(`offset ${offset} is past the end of the file`);
    return (await read(offset, end - offset)).buffer;
  };
  try {
    const tiff = await GeoTIFF.fromSource({
      fetch: (slices) => Promise.all(slices.map(fetch)),
      fetchSlice: async (slice) => ({ ...slice, data: await fetch(slice) }),
      fileSize: file.sizeBytes,
      close: async () => {},
    });
    return await tiff.getImage(0);
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw damaged(href, cause);
  }
}

type Refuse = (what: string) => SourceError;

const COMPRESSIONS: ReadonlyMap<number, BlockEncoding["compression"]> = new Map([
  [1, "none"],
  [5, "lzw"],
  [8, "deflate"],
  [32946, "deflate"],
]);

/** By TIFF's SampleFormat (1 unsigned, 2 signed) and bits. */
const SAMPLE_TYPES: ReadonlyMap<string, SampleType> = new Map([
  ["1/8", "uint8"],
  ["2/8", "int8"],
  ["1/16", "uint16"],
  ["2/16", "int16"],
  ["1/32", "uint32"],
  ["2/32", "int32"],
]);

async function readEncoding(image: GeoTIFFImage, refuse: Refuse): Promise<BlockEncoding> {
  const directory = image.fileDirectory;
  if (!image.littleEndian) throw refuse("big-endian samples are not supported yet");
  if (image.getSamplesPerPixel() !== 1) throw refuse(`${image.getSamplesPerPixel()} samples a pixel are not supported yet`);
  const code = directory.getValue("Compression") ?? 1;
  const compression = COMPRESSIONS.get(code);
  if (!compression) throw refuse(`compression ${code} is not supported yet`);
  const predictor = (await directory.loadValue("Predictor")) ?? 1;
  if (predictor !== 1 && predictor !== 2) throw refuse(`predictor ${predictor} is not supported yet`);
  const sample = `${image.getSampleFormat(0)}/${image.getBitsPerSample(0)}`;
  const sampleType = SAMPLE_TYPES.get(sample);
  if (!sampleType) throw refuse(`samples of format/bits ${sample} are not supported yet`);
  return { compression, predictor, sampleType };
}

/** GeoTIFF 1.1 section 7.1: the value of a geokey for a user-defined CRS. */
const USER_DEFINED = 32767;

function readCrs(image: GeoTIFFImage, refuse: Refuse): Crs {
  const keys = image.getGeoKeys() ?? {};
  const epsg = Number(keys.ProjectedCSTypeGeoKey ?? keys.GeographicTypeGeoKey ?? Number.NaN);
  if (Number.isNaN(epsg)) throw refuse("no georeferencing");
  const crs = epsg === USER_DEFINED ? undefined : crsOfEpsg(epsg);
  if (!crs) throw refuse(epsg === USER_DEFINED ? "a user-defined CRS is not supported yet" : `EPSG:${epsg} is not supported yet`);
  return crs;
}

function readAffine(image: GeoTIFFImage, refuse: Refuse): Affine {
  const directory = image.fileDirectory;
  const matrix = directory.getValue("ModelTransformation");
  const scale = directory.getValue("ModelPixelScale");
  const tie = directory.getValue("ModelTiepoint");
  let affine: Affine;
  if (matrix)
    affine = [matrix[0], matrix[1], matrix[3], matrix[4], matrix[5], matrix[7]].map(Number) as unknown as Affine; // six of them
  else if (scale && tie && tie.length === 6) {
    const [sx, sy] = [Number(scale[0]), Number(scale[1])];
    affine = [sx, 0, Number(tie[3]) - Number(tie[0]) * sx, 0, -sy, Number(tie[4]) + Number(tie[1]) * sy];
  } else throw refuse("no affine georeferencing (pixel scale and one tie point, or a matrix)");
  if (!affine.every(Number.isFinite) || affine[0] * affine[4] - affine[1] * affine[3] === 0)
    throw refuse("its georeferencing is not finite or has no area");
  // GTRasterTypeGeoKey 2: the tie point is the centre of pixel (0, 0) (GeoTIFF 1.1, section 7.1.2).
  if (image.pixelIsArea()) return affine;
  const [a, b, c, d, e, f] = affine;
  return [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2];
}

async function readBlocks(image: GeoTIFFImage, file: FileIdentity, refuse: Refuse): Promise<BlockLayout> {
  const directory = image.fileDirectory;
  const [height, width] = [image.getHeight(), image.getWidth()];
  const padded = image.isTiled;
  const size = { height: image.getTileHeight(), width: image.getTileWidth() };
  if (![height, width, size.height, size.width].every((n) => Number.isInteger(n) && n > 0)) throw refuse("its sizes are not positive");
  const [across, down] = [Math.ceil(width / size.width), Math.ceil(height / size.height)];
  if (size.height * size.width * 4 > MAX_BLOCK_BYTES) throw refuse(`blocks of ${size.height} x ${size.width} pixels are too large`);
  const offsets = await blockNumbers(directory, padded ? "TileOffsets" : "StripOffsets", across * down, refuse);
  const byteCounts = await blockNumbers(directory, padded ? "TileByteCounts" : "StripByteCounts", across * down, refuse);
  const outside = offsets.findIndex((offset, i) => offset + (byteCounts[i] ?? 0) > file.sizeBytes);
  if (outside >= 0) throw new RangeError(`block ${outside} lies past the end of the file`);
  return { ...size, padded, across, down, offsets, byteCounts };
}

type Tag = "TileOffsets" | "TileByteCounts" | "StripOffsets" | "StripByteCounts";

async function blockNumbers(directory: GeoTIFFImage["fileDirectory"], tag: Tag, count: number, refuse: Refuse): Promise<Float64Array> {
  const value: unknown = await directory.loadValue(tag);
  const list = typeof value === "number" ? [value] : value;
  if (!(Array.isArray(list) || ArrayBuffer.isView(list))) throw refuse(`it has no ${tag}`);
  const numbers = Float64Array.from(list as ArrayLike<number>, Number);
  if (numbers.length < count) throw refuse(`it has ${numbers.length} ${tag} for ${count} blocks`);
  if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) throw refuse(`its ${tag} are not byte numbers`);
  return numbers.subarray(0, count);
}
