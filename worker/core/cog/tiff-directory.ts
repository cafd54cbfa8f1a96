/**
 * The bytes of a TIFF header and of one image file directory with its values, in classic TIFF (TIFF 6.0 section 2) and
 * BigTIFF (libtiff's design page). Little-endian. Knows nothing of what the tags mean.
 */

/** Classic TIFF reaches 4 GiB; BigTIFF has 64-bit offsets. */
export type TiffFlavour = "classic" | "big";

/** One directory entry. Numbers above 2^53 do not occur. */
export type TiffTag = { readonly tag: number } & (
  | { readonly type: "ascii"; readonly text: string }
  | { readonly type: "short" | "long" | "long8" | "double"; readonly values: readonly number[] }
);

type Shape = { readonly header: number; readonly count: number; readonly entry: number; readonly offset: number };

/** Byte lengths of the file header, a directory's entry count, an entry, and an offset (also the room for an inline value). */
const shapes: Readonly<Record<TiffFlavour, Shape>> = {
  classic: { header: 8, count: 2, entry: 12, offset: 4 },
  big: { header: 16, count: 8, entry: 20, offset: 8 },
};

/** Type codes and bytes a value: TIFF 6.0 section 2; 16 is BigTIFF's LONG8. */
const types = {
  ascii: { code: 2, bytes: 1 },
  short: { code: 3, bytes: 2 },
  long: { code: 4, bytes: 4 },
  double: { code: 12, bytes: 8 },
  long8: { code: 16, bytes: 8 },
} as const;

/** Bytes of the file header, which is where GDAL's ghost area starts. */
export function tiffHeaderBytes(flavour: TiffFlavour): number {
  return shapes[flavour].header;
}

/** Rounds an offset up to a multiple of 8: TIFF asks for even offsets; 8 also suits doubles and 64-bit offsets. */
export function alignOffset(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

/** Writes the file header, which points at the first directory. */
export function writeTiffHeader(view: DataView, firstDirectory: number, flavour: TiffFlavour): void {
  view.setUint16(0, 0x4949, true);
  if (flavour === "classic") {
    view.setUint16(2, 42, true);
    view.setUint32(4, firstDirectory, true);
    return;
  }
  view.setUint16(2, 43, true);
  view.setUint16(4, 8, true);
  view.setBigUint64(8, BigInt(firstDirectory), true);
}

/** Bytes of a directory with the values that do not fit inline; a multiple of 8. Does not depend on the numbers' size. */
export function directoryBytes(tags: readonly TiffTag[], flavour: TiffFlavour): number {
  let end = entriesBytes(tags, flavour);
  for (const tag of tags) {
    const bytes = valueBytes(tag).byteLength;
    if (bytes > shapes[flavour].offset) end = alignOffset(end + bytes);
  }
  return end;
}

/** Writes a directory at `at` (a multiple of 8), its values right behind it. `next`: offset of the next one, 0 for none. */
export function writeDirectory(
  view: DataView,
  at: number,
  directory: { readonly tags: readonly TiffTag[]; readonly next: number },
  flavour: TiffFlavour,
): void {
  const shape = shapes[flavour];
  const sorted = directory.tags.toSorted((one, other) => one.tag - other.tag);
  writeNumber(view, at, sorted.length, shape.count);
  let entry = at + shape.count;
  let values = at + entriesBytes(sorted, flavour);
  for (const tag of sorted) {
    const bytes = valueBytes(tag);
    view.setUint16(entry, tag.tag, true);
    view.setUint16(entry + 2, types[tag.type].code, true);
    writeNumber(view, entry + 4, bytes.byteLength / types[tag.type].bytes, shape.offset);
    const inline = bytes.byteLength <= shape.offset;
    const place = inline ? entry + 4 + shape.offset : values;
    if (!inline) {
      writeNumber(view, entry + 4 + shape.offset, values, shape.offset);
      values = alignOffset(values + bytes.byteLength);
    }
    new Uint8Array(view.buffer, view.byteOffset).set(bytes, place);
    entry += shape.entry;
  }
  writeNumber(view, entry, directory.next, shape.offset);
}

function entriesBytes(tags: readonly TiffTag[], flavour: TiffFlavour): number {
  const shape = shapes[flavour];
  return alignOffset(shape.count + tags.length * shape.entry + shape.offset);
}

function writeNumber(view: DataView, at: number, value: number, bytes: number): void {
  if (bytes === 2) view.setUint16(at, value, true);
  else if (bytes === 4) view.setUint32(at, value, true);
  else view.setBigUint64(at, BigInt(value), true);
}

function valueBytes(tag: TiffTag): Uint8Array {
  if (tag.type === "ascii") return new TextEncoder().encode(`${tag.text}\0`);
  const size = types[tag.type].bytes;
  const bytes = new Uint8Array(tag.values.length * size);
  const view = new DataView(bytes.buffer);
  tag.values.forEach((value, index) => {
    if (tag.type === "double") view.setFloat64(index * size, value, true);
    else writeNumber(view, index * size, value, size);
  });
  return bytes;
}
