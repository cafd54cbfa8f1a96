/**
 * A small TIFF LZW encoder, written from TIFF 6.0 section 13 and not from our decoder, so that one can be held against the other.
 */
const CLEAR = 256;
const END = 257;

/** `clearAfter`: table entries after which the table is begun anew; 4094 is the most that section 13 allows. */
export function encodeLzw(input: Uint8Array, clearAfter = 4094): Uint8Array {
  const bits: string[] = [];
  let table = new Map<string, number>();
  let next = END + 1;
  const width = () => (next <= 511 ? 9 : next <= 1023 ? 10 : next <= 2047 ? 11 : 12);
  const write = (code: number) => bits.push(code.toString(2).padStart(width(), "0"));
  const codeOf = (bytes: string) => (bytes.length === 1 ? bytes.charCodeAt(0) : table.get(bytes));

  write(CLEAR);
  let string = "";
  for (const byte of input) {
    const longer = string + String.fromCharCode(byte);
    if (codeOf(longer) !== undefined) {
      string = longer;
      continue;
    }
    write(codeOf(string) ?? END);
    table.set(longer, next++);
    if (next > clearAfter) {
      write(CLEAR);
      table = new Map();
      next = END + 1;
    }
    string = longer.slice(-1);
  }
  if (string !== "") {
    write(codeOf(string) ?? END);
    // The decoder counts one entry more by now, which may widen the end code.
    next++;
  }
  write(END);
  const all = bits.join("");
  return Uint8Array.from({ length: Math.ceil(all.length / 8) }, (_, i) => parseInt(all.slice(i * 8, i * 8 + 8).padEnd(8, "0"), 2));
}
