/**
 * How an image's blocks are stored, from its tags. What GDAL reads as bands of numbers is read; pictures that it turns into RGB (CMYK, CIELab, YCbCr
 * outside JPEG), fax and complex numbers are refused by name.
 */
import type { BlockEncoding, Compression, JpegOptions, Packing, SampleType } from "../../core/raster/source-raster.ts";
import type { Refuse } from "./refuse.ts";
import type { Directory } from "./tiff-directory.ts";

/** Supported ones; LERC is told apart by its parameters. */
const COMPRESSIONS: ReadonlyMap<number, Compression> = new Map([
  [1, "none"],
  [5, "lzw"],
  [7, "jpeg"],
  [8, "deflate"],
  [32773, "packbits"],
  [32946, "deflate"],
  [34887, "lerc"],
  [50000, "zstd"],
]);

/** The others by name (tiff.h of libtiff 4.7). */
const REFUSED_COMPRESSIONS: ReadonlyMap<number, string> = new Map([
  [2, "CCITT RLE"],
  [3, "CCITT Group 3 fax"],
  [4, "CCITT Group 4 fax"],
  [6, "old-style JPEG"],
  [9, "JBIG"],
  [10, "JBIG colour"],
  [32766, "NeXT 2-bit"],
  [32771, "CCITT RLE with word alignment"],
  [32809, "ThunderScan"],
  [32908, "Pixar companded"],
  [32909, "Pixar deflate"],
  [33003, "Aperio JPEG 2000"],
  [33005, "Aperio JPEG 2000"],
  [34661, "JBIG"],
  [34676, "SGI LogLuv"],
  [34677, "SGI LogLuv 24-bit"],
  [34712, "JPEG 2000"],
  [34892, "lossy JPEG (DNG)"],
  [34925, "LZMA"],
  [50001, "WebP"],
  [50002, "JPEG XL"],
  [52546, "JPEG XL (DNG)"],
]);

const CMYK = 5;
const YCBCR = 6;

/** Photometric interpretations that GDAL does not read as they are stored. */
const PICTURES: ReadonlyMap<number, string> = new Map([
  [YCBCR, "YCbCr colours outside JPEG"],
  [8, "CIELab colours"],
  [9, "ICCLab colours"],
  [10, "ITULab colours"],
  [32844, "LogL colours"],
  [32845, "LogLuv colours"],
]);

/** The samples of an image before one of them is chosen. */
export type ImageSamples = {
  readonly count: number;
  readonly planar: boolean;
  readonly bits: number;
  readonly format: Packing["format"];
  readonly type: SampleType;
  /** Which of the samples says where a pixel is none (GDAL's rule: the last of two or four, of 8 or 16 bits). */
  readonly alpha: number | undefined;
};

/** Samples a pixel; TIFF allows 65535, and no scene has as many. */
const MAX_SAMPLES = 4096;

/** Reads the tags of the samples. */
export async function readSamples(directory: Directory, refuse: Refuse): Promise<ImageSamples> {
  const count = (await directory.number("SamplesPerPixel")) ?? 1;
  if (!(count >= 1)) throw new RangeError(`it has ${count} samples a pixel`);
  if (count > MAX_SAMPLES) throw refuse(`${count} samples a pixel are not supported`);
  const configuration = (await directory.number("PlanarConfiguration")) ?? 1;
  if (configuration !== 1 && configuration !== 2) throw new RangeError(`its PlanarConfiguration is ${configuration}`);
  const bits = await oneOfAll(directory, "BitsPerSample", count, refuse);
  const format = formatOf(await oneOfAll(directory, "SampleFormat", count, refuse), refuse);
  const type = decodedType(format, bits);
  if (!type) throw refuse(`${FORMAT_NAMES[format]} samples of ${bits} bits are not supported`);
  return { count, planar: configuration === 2 && count > 1, bits, format, type, alpha: await alphaOf(directory, count, type) };
}

function formatOf(code: number, refuse: Refuse): Packing["format"] {
  const format = FORMATS.get(code);
  if (!format) throw refuse(code === 5 || code === 6 ? "complex samples are not supported" : `samples of format ${code} are not supported`);
  return format;
}

/** TIFF's SampleFormat; 4 is "undefined", which libtiff and GDAL take as unsigned. */
const FORMATS: ReadonlyMap<number, Packing["format"]> = new Map([
  [1, "uint"],
  [2, "int"],
  [3, "float"],
  [4, "uint"],
]);

const FORMAT_NAMES = { uint: "unsigned", int: "signed", float: "floating-point" } as const;

/** The value, 1 where there is none, of a tag that has one for each sample, all equal, or one for all (which TIFF forbids and libtiff takes). */
async function oneOfAll(directory: Directory, tag: "BitsPerSample" | "SampleFormat", samples: number, refuse: Refuse): Promise<number> {
  const count = directory.count(tag);
  if (count === 0) return 1;
  if (count !== 1 && count < samples) throw new RangeError(`its ${tag} has ${count} values for ${samples} samples`);
  const values = await directory.numbers(tag, 0, Math.min(count, samples));
  const [first = 1] = values;
  if (values.some((value) => value !== first))
    throw refuse(`samples of different ${tag} (${[...new Set(values)].join(", ")}) are not supported`);
  return first;
}

/** What stored samples of whole bytes are decoded to; 64-bit integers go to float64, which rounds those above 2^53. */
const DECODED: ReadonlyMap<string, SampleType> = new Map([
  ["int8", "int8"],
  ["int16", "int16"],
  ["int32", "int32"],
  ["int64", "float64"],
  ["uint64", "float64"],
  ["float16", "float32"],
  ["float24", "float32"],
  ["float32", "float32"],
  ["float64", "float64"],
]);

/** As GDAL's types hold them: unsigned ones of any number of bits go to the next larger type. */
function decodedType(format: Packing["format"], bits: number): SampleType | undefined {
  const known = DECODED.get(`${format}${bits}`);
  if (known || format !== "uint" || !(bits >= 1 && bits <= 32)) return known;
  if (bits <= 8) return "uint8";
  return bits <= 16 ? "uint16" : "uint32";
}

async function alphaOf(directory: Directory, count: number, type: SampleType): Promise<number | undefined> {
  const extras = directory.count("ExtraSamples");
  if ((count !== 2 && count !== 4) || extras < 1 || extras > count || (type !== "uint8" && type !== "uint16")) return undefined;
  const [last] = await directory.numbers("ExtraSamples", extras - 1, 1);
  return last === 1 || last === 2 ? count - 1 : undefined;
}

/** How the blocks of one sample are stored. */
export async function readEncoding(directory: Directory, samples: ImageSamples, sample: number, refuse: Refuse): Promise<BlockEncoding> {
  const compression = await readCompression(directory, refuse);
  if (compression.startsWith("lerc")) checkLerc(directory, samples, refuse);
  const jpeg = await readPicture(directory, samples, compression, refuse);
  const predictor = await readPredictor(directory, samples, compression, refuse);
  const fillOrder = (await directory.number("FillOrder")) ?? 1;
  if (fillOrder !== 1 && fillOrder !== 2) throw new RangeError(`its FillOrder is ${fillOrder}`);
  const { bits, format, type, count, planar } = samples;
  const packing: Packing = {
    format,
    bits,
    bigEndian: directory.bigEndian && bits > 8,
    lowBitFirst: fillOrder === 2,
    samples: planar ? 1 : count,
    sample: planar ? 0 : sample,
  };
  return { compression, predictor, sampleType: type, packing: isPlain(packing, type) ? "plain" : packing, jpeg };
}

/** What LERC's own types are; big-endian floats would be compressed as other numbers than they are (unpack-block.ts). */
const LERC_TYPES = new Set(["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]);

function checkLerc(directory: Directory, { bits, format }: ImageSamples, refuse: Refuse): void {
  if (!LERC_TYPES.has(`${format}${bits}`)) throw refuse(`LERC of ${FORMAT_NAMES[format]} samples of ${bits} bits is not supported`);
  if (directory.bigEndian && format === "float") throw refuse("LERC of big-endian floating-point samples is not supported");
}

function isPlain({ format, bits, bigEndian, lowBitFirst, samples }: Packing, type: SampleType): boolean {
  return !bigEndian && !lowBitFirst && samples === 1 && type === `${format}${bits}`;
}

async function readCompression(directory: Directory, refuse: Refuse): Promise<Compression> {
  const code = (await directory.number("Compression")) ?? 1;
  const compression = COMPRESSIONS.get(code);
  if (!compression) throw refuse(`${REFUSED_COMPRESSIONS.get(code) ?? `unknown`} compression (${code}) is not supported`);
  if (compression !== "lerc" || directory.count("LercParameters") < 2) return compression;
  const [, second] = await directory.numbers("LercParameters", 0, 2);
  const found = (["lerc", "lerc-deflate", "lerc-zstd"] as const)[second ?? 0];
  if (!found) throw refuse(`LERC with compression ${second} inside is not supported`);
  return found;
}

/** Refuses what is a picture and no band of numbers; the options of JPEG. */
async function readPicture(
  directory: Directory,
  samples: ImageSamples,
  compression: Compression,
  refuse: Refuse,
): Promise<JpegOptions | undefined> {
  const photometric = (await directory.number("PhotometricInterpretation")) ?? 1;
  const { bits } = samples;
  const ycbcr = photometric === YCBCR && compression === "jpeg" && samples.count === 3 && !samples.planar;
  const picture = ycbcr ? undefined : pictureOf(photometric, samples);
  if (picture) throw refuse(`${picture} are not supported`);
  if (compression !== "jpeg") return undefined;
  if (bits !== 8) throw refuse(`JPEG of ${bits} bits is not supported`);
  return { tables: await directory.bytes("JPEGTables"), ycbcr };
}

function pictureOf(photometric: number, { count, bits }: ImageSamples): string | undefined {
  return photometric === CMYK && bits === 8 && count >= 4 ? "CMYK colours of 8 bits" : PICTURES.get(photometric);
}

/** The compressions in which libtiff heeds the tag; elsewhere it is ignored. */
const PREDICTED: ReadonlySet<Compression> = new Set(["lzw", "deflate", "zstd"]);

async function readPredictor(
  directory: Directory,
  { bits, format }: ImageSamples,
  compression: Compression,
  refuse: Refuse,
): Promise<BlockEncoding["predictor"]> {
  const predictor = PREDICTED.has(compression) ? ((await directory.number("Predictor")) ?? 1) : 1;
  if (predictor === 1) return 1;
  if (predictor !== 2 && predictor !== 3) throw refuse(`predictor ${predictor} is not supported`);
  const fits = predictor === 2 ? [8, 16, 32, 64].includes(bits) : format === "float";
  if (!fits) throw refuse(`predictor ${predictor} of ${FORMAT_NAMES[format]} samples of ${bits} bits is not supported`);
  return predictor;
}
