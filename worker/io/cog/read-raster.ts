/**
 * The header of a GeoTIFF as a {@link SourceRaster}: the image of its first directory, as GDAL opens it, and of a multi-sample image one sample. A
 * mask of the whole file (a directory of NewSubfileType 4 as large as the image, or else GDAL's kind of alpha) comes with it. Every number is checked
 * here before it is believed; what is not supported is refused by name.
 */
import { SourceError } from "../../../runtime/errors.ts";
import type { Geobox } from "../../core/grid/geobox.ts";
import type { FileIdentity, SourceRaster } from "../../core/raster/source-raster.ts";
import { isOverviewOf, MAX_OVERVIEWS, overviewBox } from "../../core/raster/overviews.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { HEAD_BYTES, HeaderBytes } from "./header-bytes.ts";
import { readBlocks, readSize } from "./read-blocks.ts";
import { type ImageSamples, readEncoding, readSamples } from "./read-encoding.ts";
import { readGeoreference } from "./read-georeference.ts";
import { type Refuse, refuser } from "./refuse.ts";
import { type Directory, readDirectories } from "./tiff-directory.ts";

export type ReadRasterOptions = {
  /** Whether its overviews are wanted as well. */
  readonly overviews?: boolean;
};

/** Reads the header; throws SourceError naming the file where it is missing, damaged or not supported. */
export async function readRaster(
  source: ByteSource,
  href: string,
  signal: AbortSignal,
  options: ReadRasterOptions = {},
): Promise<SourceRaster> {
  const image = await openTiff(source, href, signal);
  return image.guarded(async (refuse) => {
    const { crs, affine } = await readGeoreference(image.directories[0], refuse);
    const raster = await image.raster(0, (size) => ({ crs, affine, ...size }));
    return options.overviews ? { ...raster, overviews: await image.overviews(0, raster) } : raster;
  });
}

/** A TIFF of which a sample can be had without its georeferencing. */
export type OpenTiff = {
  readonly directories: readonly [Directory, ...Directory[]];
  /** How many samples a pixel has. */
  readonly samples: number;
  /** One of its samples as a raster. */
  raster(sample: number, box: (size: { readonly height: number; readonly width: number }) => Geobox): Promise<SourceRaster>;
  /** The overviews of one of its rasters, with masks where it has one. */
  overviews(sample: number, raster: SourceRaster): Promise<readonly SourceRaster[]>;
  /** Runs a step of reading; what it finds damaged ends as a SourceError that names the file. */
  guarded<T>(step: (refuse: Refuse) => Promise<T>): Promise<T>;
};

/** Reads the directories of a TIFF and the kind of its samples; throws SourceError. */
export async function openTiff(source: ByteSource, href: string, signal: AbortSignal): Promise<OpenTiff> {
  const opened = await source.open(href, HEAD_BYTES, signal);
  const { file } = opened;
  const refuse = refuser(href);
  const guarded = async <T>(step: (refuse: Refuse) => Promise<T>): Promise<T> => {
    try {
      return await step(refuse);
    } catch (cause) {
      // A RangeError is what the checks of the header throw; anything else is a bug, or the source's own.
      throw cause instanceof RangeError ? damaged(href, cause) : cause;
    }
  };
  const bytes = new HeaderBytes(source, href, opened, signal);
  const directories = await guarded(() => readDirectories(bytes));
  const samples = await guarded(() => readSamples(directories[0], refuse));
  const raster = (sample: number, box: (size: { readonly height: number; readonly width: number }) => Geobox): Promise<SourceRaster> =>
    guarded(async () => {
      const [main, ...others] = directories;
      const size = await readSize(main);
      const place = { href, file, box: box(size) };
      const nodata = await readNodata(main, refuse);
      const mask =
        (await maskOf(others, place, refuse)) ??
        (nodata === undefined && sample !== samples.alpha ? await alphaOf(main, samples, place, refuse) : undefined);
      return { ...(await rasterOf(main, { ...place, samples, sample }, refuse)), nodata, mask };
    });
  const overviews = (sample: number, image: SourceRaster): Promise<readonly SourceRaster[]> =>
    guarded(() => readOverviews(directories, { image, sample, alpha: samples.alpha }, refuse));
  return { directories, samples: samples.count, raster, overviews, guarded };
}

function damaged(href: string, cause: RangeError): SourceError {
  const todo = "the file is damaged or truncated, or no TIFF; fetch it again";
  return new SourceError({ href, what: `not a readable TIFF (${cause.message})`, todo }, cause);
}

type Place = { readonly href: string; readonly file: FileIdentity; readonly box: Geobox };

/** A sample's raster without nodata and mask. */
async function rasterOf(
  directory: Directory,
  at: Place & { readonly samples: ImageSamples; readonly sample: number },
  refuse: Refuse,
): Promise<SourceRaster> {
  const { href, file, box, samples, sample } = at;
  if (sample >= samples.count) throw refuse(`it has no sample ${sample + 1} (of ${samples.count})`);
  const encoding = await readEncoding(directory, samples, sample, refuse);
  const { height, width } = box;
  const blocks = await readBlocks(directory, { height, width, samples, sample, encoding, fileBytes: file.sizeBytes }, refuse);
  return { href, box, encoding, nodata: undefined, mask: undefined, blocks, file };
}

type OverviewsOf = { readonly image: SourceRaster; readonly sample: number; readonly alpha: number | undefined };

/** Overviews that are stored as the image is; without a mask for an image that has one, an overview is left out, as the pixels it lacks are not known. */
async function readOverviews(directories: readonly Directory[], of: OverviewsOf, refuse: Refuse): Promise<readonly SourceRaster[]> {
  const { image, sample, alpha } = of;
  const overviews: SourceRaster[] = [];
  for (const directory of directories.slice(1, MAX_OVERVIEWS)) {
    const kind = (await directory.number("NewSubfileType")) ?? 0;
    if ((kind & REDUCED) === 0 || (kind & MASK) !== 0) continue;
    const size = await readSize(directory);
    if (!isOverviewOf({ kind, ...size }, image.box)) continue;
    const samples = await readSamples(directory, refuse);
    const place = { href: image.href, file: image.file, box: overviewBox(image.box, size) };
    const mask =
      image.mask &&
      ((await maskOf(directories, place, refuse, REDUCED | MASK)) ?? (await alphaOf(directory, { ...samples, alpha }, place, refuse)));
    if (image.mask && !mask) continue;
    overviews.push({ ...(await rasterOf(directory, { ...place, samples, sample }, refuse)), nodata: image.nodata, mask });
  }
  return overviews;
}

const REDUCED = 1;
const MASK = 4;

/** The mask of the whole image among the other directories (TIFF 6.0, NewSubfileType), which GDAL takes for all bands. */
async function maskOf(
  directories: readonly Directory[],
  place: Place,
  refuse: Refuse,
  wanted: number = MASK,
): Promise<SourceRaster | undefined> {
  for (const directory of directories) {
    const kind = (await directory.number("NewSubfileType")) ?? 0;
    if ((kind & (MASK | REDUCED)) !== wanted) continue;
    const { height, width } = await readSize(directory);
    const samples = await readSamples(directory, refuse);
    if (height !== place.box.height || width !== place.box.width) continue;
    if (samples.type !== "uint8") throw refuse(`a mask of ${samples.type} is not supported`);
    return rasterOf(directory, { ...place, samples, sample: 0 }, refuse);
  }
  return undefined;
}

/** The alpha of the image as a mask: 0 is no pixel. */
async function alphaOf(directory: Directory, samples: ImageSamples, place: Place, refuse: Refuse): Promise<SourceRaster | undefined> {
  if (samples.alpha === undefined) return undefined;
  // Only whether it is 0 counts, so that 8 bits do for 16 (unpack-block.ts).
  return rasterOf(directory, { ...place, samples: { ...samples, type: "uint8" }, sample: samples.alpha }, refuse);
}

/** GDAL_NODATA: a number as text, "nan", or an infinity. */
async function readNodata(directory: Directory, refuse: Refuse): Promise<number | undefined> {
  const text = (await directory.text("GDAL_NODATA"))?.trim().toLowerCase();
  if (text === undefined || text === "") return undefined;
  if (/^[-+]?(nan|1\.#(qnan|ind))/.test(text)) return Number.NaN;
  const infinite = /^([-+]?)(inf|1\.#inf)/.exec(text);
  const number = infinite ? (infinite[1] === "-" ? -Infinity : Infinity) : Number(text.replace(",", "."));
  if (Number.isNaN(number)) throw refuse(`its nodata ${JSON.stringify(text.slice(0, 40))} is no number`);
  return number;
}
