/** Places in a small little-endian TIFF's bytes (TIFF 6.0, section 2), for tests that look into it by themselves or damage it on purpose. */

/** Tags that say where the strips are and how long. */
export const STRIP_OFFSETS = 273;
export const STRIP_BYTE_COUNTS = 279;

/** Bytes of a value by its type: 2 ASCII, 3 16-bit, 4 32-bit, 12 double. */
const valueBytes = new Map([
  [2, 1],
  [3, 2],
  [4, 4],
  [12, 8],
]);

/** Where number `index` of a tag lies. Throws where there is none. */
export function placeOfTag(tiff: Buffer, wanted: number, index = 0): number {
  const directory = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(directory); i++) {
    const entry = directory + 2 + 12 * i;
    const [count, bytes] = [tiff.readUInt32LE(entry + 4), valueBytes.get(tiff.readUInt16LE(entry + 2)) ?? Number.NaN];
    if (tiff.readUInt16LE(entry) !== wanted || index >= count) continue;
    return (count * bytes <= 4 ? entry + 8 : tiff.readUInt32LE(entry + 8)) + bytes * index;
  }
  throw new Error(`no tag ${wanted} with a number ${index}`);
}

/** First byte and length of strip `index`. */
export function strip(tiff: Buffer, index: number): { readonly offset: number; readonly length: number } {
  const at = (tag: number): number => tiff.readUInt32LE(placeOfTag(tiff, tag, index));
  return { offset: at(STRIP_OFFSETS), length: at(STRIP_BYTE_COUNTS) };
}
