/** TIFF's PackBits (TIFF 6.0, section 9): runs of up to 128 equal bytes, or of up to 128 bytes as they are. */

/** Decodes into `out`, at most all of it; returns how many bytes were written. Input that ends in a run gives what is there. */
export function decodePackBits(input: Uint8Array, out: Uint8Array): number {
  let [at, written] = [0, 0];
  while (at < input.length && written < out.length) {
    const head = input[at++]!;
    if (head === 128) continue;
    const length = Math.min(head < 128 ? head + 1 : 257 - head, out.length - written);
    if (head < 128) {
      const literal = input.subarray(at, at + length);
      out.set(literal, written);
      at += head + 1;
      written += literal.length;
    } else {
      if (at >= input.length) break;
      out.fill(input[at++]!, written, written + length);
      written += length;
    }
  }
  return written;
}
