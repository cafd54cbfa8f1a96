/**
 * The directories of a TIFF or BigTIFF (TIFF 6.0, section 2; BigTIFF as libtiff writes it), every number checked before it is believed. Own code and
 * not a library's: docs/decisions/0016. Values are loaded when they are asked for, so that a lying tag nobody needs costs nothing.
 */
import type { HeaderBytes } from "./header-bytes.ts";

/** Tags that are read, by the names of TIFF 6.0, its supplements, GeoTIFF 1.1 and GDAL. */
export const TAGS = {
  NewSubfileType: 254,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  Predictor: 317,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  ExtraSamples: 338,
  SampleFormat: 339,
  JPEGTables: 347,
  ModelPixelScale: 33550,
  ModelTiepoint: 33922,
  ModelTransformation: 34264,
  GeoKeyDirectory: 34735,
  GeoDoubleParams: 34736,
  GeoAsciiParams: 34737,
  GDAL_NODATA: 42113,
  LercParameters: 50674,
} as const;

export type TagName = keyof typeof TAGS;

/** Bytes of one value by its type; types that are missing here are none. */
const TYPE_BYTES: ReadonlyMap<number, number> = new Map([
  ...[1, 2, 6, 7].map((type) => [type, 1] as const),
  ...[3, 8].map((type) => [type, 2] as const),
  ...[4, 9, 11, 13].map((type) => [type, 4] as const),
  ...[5, 10, 12, 16, 17, 18].map((type) => [type, 8] as const),
]);

/** Reads one number of a type; text, undefined bytes and fractions are no numbers. */
const READERS: ReadonlyMap<number, (view: DataView, at: number, littleEndian: boolean) => number> = new Map([
  [1, (view, at) => view.getUint8(at)],
  [6, (view, at) => view.getInt8(at)],
  [3, (view, at, little) => view.getUint16(at, little)],
  [8, (view, at, little) => view.getInt16(at, little)],
  [4, (view, at, little) => view.getUint32(at, little)],
  [13, (view, at, little) => view.getUint32(at, little)],
  [9, (view, at, little) => view.getInt32(at, little)],
  [11, (view, at, little) => view.getFloat32(at, little)],
  [12, (view, at, little) => view.getFloat64(at, little)],
  [16, (view, at, little) => Number(view.getBigUint64(at, little))],
  [18, (view, at, little) => Number(view.getBigUint64(at, little))],
  [17, (view, at, little) => Number(view.getBigInt64(at, little))],
]);

type Entry = { readonly type: number; readonly count: number; readonly size: number; readonly offset: number };

/** A directory with more entries is damaged: the largest known have some 60. */
const MAX_ENTRIES = 4096;

/** Overviews, masks and pages; more are no scene. */
const MAX_DIRECTORIES = 256;

/** Values of any tag but the lists of blocks. */
const MAX_VALUES = 65536;

type Form = { readonly littleEndian: boolean; readonly big: boolean };

/** One image file directory. Its methods throw RangeError where the file lies. */
export class Directory {
  readonly #bytes: HeaderBytes;
  readonly #form: Form;
  readonly #entries: ReadonlyMap<number, Entry>;

  constructor(bytes: HeaderBytes, form: Form, entries: ReadonlyMap<number, Entry>) {
    this.#bytes = bytes;
    this.#form = form;
    this.#entries = entries;
  }

  get bigEndian(): boolean {
    return !this.#form.littleEndian;
  }

  /** How many values a tag has; 0 where it is not there. */
  count(tag: TagName): number {
    return this.#entries.get(TAGS[tag])?.count ?? 0;
  }

  /** The value of a tag that has one; undefined where the tag is not there. */
  async number(tag: TagName): Promise<number | undefined> {
    const count = this.count(tag);
    if (count === 0) return undefined;
    if (count !== 1) throw new RangeError(`its ${tag} has ${count} values where one belongs`);
    return (await this.numbers(tag, 0, 1))[0];
  }

  /** Some values of a tag, all of one with `count` left out. */
  async numbers(tag: TagName, first = 0, count = this.count(tag)): Promise<Float64Array> {
    if (count > MAX_VALUES && !/Offsets|ByteCounts/.test(tag)) throw new RangeError(`its ${tag} has ${count} values`);
    const entry = this.#entry(tag);
    const view = await this.#view(entry, tag, first, count);
    const read = READERS.get(entry.type);
    if (!read) throw new RangeError(`its ${tag} is of type ${entry.type}, which is no number`);
    return Float64Array.from({ length: count }, (_, i) => read(view, i * entry.size, this.#form.littleEndian));
  }

  /** A tag's bytes as they are; empty where it is not there. */
  async bytes(tag: TagName): Promise<Uint8Array> {
    if (this.count(tag) === 0) return new Uint8Array(0);
    const entry = this.#entry(tag);
    if (entry.size !== 1 || entry.count > MAX_VALUES) throw new RangeError(`its ${tag} has ${entry.count} values of type ${entry.type}`);
    const { buffer, byteOffset, byteLength } = await this.#view(entry, tag, 0, entry.count);
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  }

  /** A tag of text up to its first 0; undefined where it is not there. */
  async text(tag: TagName): Promise<string | undefined> {
    if (this.count(tag) === 0) return undefined;
    return Buffer.from(await this.bytes(tag))
      .toString("latin1")
      .replace(/\0[^]*$/, "");
  }

  #entry(tag: TagName): Entry {
    const entry = this.#entries.get(TAGS[tag]);
    if (!entry) throw new RangeError(`it has no ${tag}`);
    return entry;
  }

  #view({ offset, size }: Entry, tag: TagName, first: number, count: number): Promise<DataView> {
    return this.#bytes.view(offset + first * size, count * size, `its ${tag}`);
  }
}

/** All directories of the chain, the main image's first. Throws RangeError where the file is no TIFF, lies, or goes round in circles. */
export async function readDirectories(bytes: HeaderBytes): Promise<readonly [Directory, ...Directory[]]> {
  const { form, first } = await readStart(bytes);
  const head = await readDirectory(bytes, form, first);
  const directories: [Directory, ...Directory[]] = [head.directory];
  const seen = new Set([first]);
  for (let { next } = head; next !== 0;) {
    if (seen.has(next)) throw new RangeError("its directories go round in circles");
    if (directories.length >= MAX_DIRECTORIES) throw new RangeError(`it has more than ${MAX_DIRECTORIES} directories`);
    seen.add(next);
    const read = await readDirectory(bytes, form, next);
    directories.push(read.directory);
    next = read.next;
  }
  return directories;
}

async function readStart(bytes: HeaderBytes): Promise<{ readonly form: Form; readonly first: number }> {
  const start = await bytes.view(0, 8, "its header");
  const order = start.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) throw new RangeError("it does not begin as a TIFF does");
  const littleEndian = order === 0x4949;
  const version = start.getUint16(2, littleEndian);
  if (version === 42) return { form: { littleEndian, big: false }, first: start.getUint32(4, littleEndian) };
  if (version !== 43 || start.getUint16(4, littleEndian) !== 8 || start.getUint16(6, littleEndian) !== 0)
    throw new RangeError("it does not begin as a TIFF does");
  const offset = await bytes.view(8, 8, "its header");
  return { form: { littleEndian, big: true }, first: Number(offset.getBigUint64(0, littleEndian)) };
}

async function readDirectory(
  bytes: HeaderBytes,
  { littleEndian, big }: Form,
  offset: number,
): Promise<{ readonly directory: Directory; readonly next: number }> {
  const [countBytes, entryBytes, valueBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const what = `the directory at byte ${offset}`;
  const offsetAt = (view: DataView, at: number): number =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const head = await bytes.view(offset, countBytes, what);
  const count = big ? offsetAt(head, 0) : head.getUint16(0, littleEndian);
  if (count === 0 || count > MAX_ENTRIES) throw new RangeError(`${what} has ${count} entries`);
  const body = await bytes.view(offset + countBytes, count * entryBytes + valueBytes, what);
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const at = i * entryBytes;
    const [tag, type] = [body.getUint16(at, littleEndian), body.getUint16(at + 2, littleEndian)];
    const size = TYPE_BYTES.get(type);
    // A type that nobody knows is passed over, and of a tag that is there twice the first counts: both as libtiff does.
    if (size === undefined || entries.has(tag)) continue;
    const values = offsetAt(body, at + 4);
    const valueAt = at + entryBytes - valueBytes;
    const inPlace = values * size <= valueBytes;
    entries.set(tag, { type, count: values, size, offset: inPlace ? offset + countBytes + valueAt : offsetAt(body, valueAt) });
  }
  const form = { littleEndian, big };
  return { directory: new Directory(bytes, form, entries), next: offsetAt(body, count * entryBytes) };
}
