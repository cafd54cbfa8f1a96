/** Huffman codes of JPEG (ITU T.81, annexes C and F): the tables, and the bits of one scan with its restart markers. */

/** For each prefix of 16 bits: (length << 8) | value; 0 where there is no code. */
export type HuffmanTable = Uint16Array;

/** From a DHT segment: how many codes have 1 to 16 bits, and their values. Throws RangeError where they cannot be a code. */
export function huffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const table = new Uint16Array(65536);
  let [code, value] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < counts[length - 1]!; i++, code++, value++) {
      if (code >= 1 << length) throw new RangeError("JPEG code table is not possible");
      table.fill((length << 8) | values[value]!, code << (16 - length), (code + 1) << (16 - length));
    }
    code <<= 1;
  }
  return table;
}

/** The entropy-coded bits from `at` on; ends at the first marker that is no restart. */
export class ScanBits {
  readonly #bytes: Uint8Array;
  at: number;
  #held = 0;
  #count = 0;
  /** Bits given that the data did not have: a few belong to a table look-up, more mean that it ends too early. */
  #padding = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The next bits, at most 16, as an unsigned number. */
  bits(count: number): number {
    if (count === 0) return 0;
    this.#fill();
    this.#count -= count;
    if (this.#count < this.#padding) throw new RangeError("JPEG data ends too early");
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  /** The value of the next code. */
  decode(table: HuffmanTable): number {
    this.#fill();
    const entry = table[(this.#held >>> (this.#count - 16)) & 0xffff]!;
    if (entry === 0) throw new RangeError("JPEG code is not in the table");
    this.#count -= entry >> 8;
    if (this.#count < this.#padding) throw new RangeError("JPEG data ends too early");
    return entry & 0xff;
  }

  /** `bits(count)` as a difference (T.81, F.2.2.1, EXTEND). */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.bits(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** Goes to the next restart marker, which must be there. */
  restart(): void {
    this.#held = 0;
    this.#count = 0;
    this.#padding = 0;
    const bytes = this.#bytes;
    while (bytes[this.at] === 0xff && bytes[this.at + 1] === 0xff) this.at++;
    const marker = bytes[this.at + 1] ?? 0;
    if (bytes[this.at] !== 0xff || marker < 0xd0 || marker > 0xd7) throw new RangeError("JPEG restart marker is missing");
    this.at += 2;
  }

  /** At least 16 bits are held, at most 24. */
  #fill(): void {
    while (this.#count < 16) {
      let byte = this.#bytes[this.at];
      if (byte === undefined || (byte === 0xff && this.#bytes[this.at + 1] !== 0)) {
        byte = 0;
        this.#padding += 8;
      } else this.at += byte === 0xff ? 2 : 1;
      this.#held = ((this.#held << 8) | byte) & 0xffffff;
      this.#count += 8;
    }
  }
}
