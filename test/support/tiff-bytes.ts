/** Places in a small little-endian TIFF's bytes (TIFF 6.0, section 2), for tests that damage it on purpose. */

/** Tags that say where the strips are and how long. */
export const STRIP_OFFSETS = 273;
export const STRIP_BYTE_COUNTS = 279;

/** Where the numbers of a tag of 32-bit integers lie, one place a number. Throws on a tag that is not there. */
export function placesOfTag(tiff: Buffer, wanted: number): readonly number[] {
  const directory = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(directory); i++) {
    const entry = directory + 2 + 12 * i;
    if (tiff.readUInt16LE(entry) !== wanted) continue;
    const count = tiff.readUInt32LE(entry + 4);
    const start = count === 1 ? entry + 8 : tiff.readUInt32LE(entry + 8);
    return Array.from({ length: count }, (_, n) => start + 4 * n);
  }
  throw new Error(`no tag ${wanted}`);
}

/** First byte and length of strip `index`. */
export function strip(tiff: Buffer, index: number): { readonly offset: number; readonly length: number } {
  const at = (tag: number): number => tiff.readUInt32LE(placesOfTag(tiff, tag)[index]);
  return { offset: at(STRIP_OFFSETS), length: at(STRIP_BYTE_COUNTS) };
}
