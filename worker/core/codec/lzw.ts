/**
 * TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, most significant bit first, the width growing one code early. Bounded: never more than
 * `out` is written, and every code is checked. Of the encoders before TIFF 5.0 that wrote the least significant bit first and grew the width when it
 * had to, some files are left; libtiff knows them by their first code, and so do we.
 */
const CLEAR = 256;
const END = 257;
/** Some encoders clear the table late: libtiff lets it grow by so many entries that no code can name. */
const TABLE_SIZE = 4096 + 1023;

/** The first code, 256, begins with a 0 byte only where its least significant bit comes first. */
function isOldStyle(input: Uint8Array): boolean {
  return input[0] === 0 && ((input[1] ?? 0) & 1) === 1;
}

/** Decodes into `out`; returns how many bytes were written. Throws RangeError on a code that cannot be. */
export function decodeLzw(input: Uint8Array, out: Uint8Array): number {
  const prefix = new Uint16Array(TABLE_SIZE);
  const suffix = new Uint8Array(TABLE_SIZE);
  const lengths = new Uint16Array(TABLE_SIZE);
  for (let i = 0; i < 256; i++) {
    suffix[i] = i;
    lengths[i] = 1;
  }
  let [next, width, bits, held, previous, written] = [END + 1, 9, 0, 0, -1, 0];

  /** Writes the string of a code from its end; returns its first byte. */
  const emit = (code: number): number => {
    const length = lengths[code]!;
    let at = code;
    for (let i = written + length - 1; i > written; i--) {
      if (i < out.length) out[i] = suffix[at]!;
      at = prefix[at]!;
    }
    if (written < out.length) out[written] = suffix[at]!;
    written = Math.min(out.length, written + length);
    return suffix[at]!;
  };

  const old = isOldStyle(input);
  const early = old ? 0 : 1;
  for (const byte of input) {
    held = old ? held | (byte << bits) : ((held << 8) | byte) & 0xffffff;
    bits += 8;
    if (bits < width) continue;
    bits -= width;
    const code = old ? held & ((1 << width) - 1) : (held >> bits) & ((1 << width) - 1);
    if (old) held >>= width;
    if (code === END || written === out.length) break;
    if (code === CLEAR) {
      [next, width, previous] = [END + 1, 9, -1];
      continue;
    }
    if (code > next || (code >= next && previous < 0) || (code > 255 && code < END + 1))
      throw new RangeError(`LZW code ${code} where the table ends at ${next}`);
    if (previous < 0) emit(code);
    else {
      if (next >= TABLE_SIZE) throw new RangeError("LZW table is full");
      prefix[next] = previous;
      lengths[next] = lengths[previous]! + 1;
      if (code === next) {
        // The string being defined: the previous one and its own first byte.
        let first = previous;
        while (lengths[first]! > 1) first = prefix[first]!;
        suffix[next] = suffix[first]!;
        emit(code);
      } else suffix[next] = emit(code);
      next++;
    }
    previous = code;
    if (next + early >= 1 << width && width < 12) width++;
  }
  return written;
}
