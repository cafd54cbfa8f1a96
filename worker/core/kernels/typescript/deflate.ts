/** Compression of output blocks: a zlib stream of literals and of runs of one byte (decision 0022). */

export type DeflateKernels = {
  /**
   * A zlib stream (RFC 1950, 1951) of `length` bytes; returns its length, at most deflateBound(length). Runs of one byte are its only matches, as with
   * zlib's Z_RLE: the TIFF predictors leave little else to find. Its bytes depend on the input alone. `scratch` is DEFLATE_SCRATCH_BYTES of
   * memory; up to 8 bytes after the stream may be overwritten, within the bound.
   */
  deflate(src: number, length: number, dst: number, scratch: number): number;
};

/** Input bytes that one deflate block holds, its codes made for them: shorter ones cost more time for codes than they save in length. */
const SEGMENT = 131072;

/** Bits of the longest code: four codes and the 7 bits that wait for their byte's last fit in 64. */
const LONGEST_CODE = 14;

/** Symbols: 0 to 255 literals, 256 the block's end, 257 to 285 lengths. */
const SYMBOLS = 286;
const END = 256;
const LONGEST_RUN = 258;
const SHORTEST_RUN = 3;
const LONGEST_STORED = 65535;
const HEADER_SYMBOLS = 19;
const LONGEST_HEADER_CODE = 7;

/** In which order the lengths of the header's codes stand (RFC 1951, 3.2.7). */
const HEADER_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Literals, then a run of the last of them. */
type Token = { readonly literals: number; readonly run: number };

/** A prefix code, its first bit lowest. Length 0: not used. */
type Code = { readonly bits: number; readonly length: number };

/** A symbol of the header and its extra bits. */
type HeaderEntry = { readonly symbol: number; readonly extra: number };

export function createDeflateKernels(memory: WebAssembly.Memory): DeflateKernels {
  return {
    deflate(src, length, dst) {
      const bytes = new Uint8Array(memory.buffer);
      const input = bytes.subarray(src, src + length);
      const writer = new BitWriter(bytes, dst);
      // CM 8, CINFO 7, no dictionary, fastest level: a multiple of 31.
      writer.put(0x0178, 16);
      let at = 0;
      do {
        const end = Math.min(at + SEGMENT, length);
        deflateSegment(writer, input, at, end);
        at = end;
      } while (at < length);
      writer.fillByte();
      const sum = adler32(input);
      for (const shift of [24, 16, 8, 0]) writer.put((sum >>> shift) & 255, 8);
      return writer.at - dst;
    },
  };
}

function deflateSegment(writer: BitWriter, input: Uint8Array, from: number, to: number): void {
  const histogram = new Uint32Array(SYMBOLS);
  histogram[END] = 1;
  const tokens = findRuns(input, { from, to }, histogram);
  const last = to === input.length ? 1 : 0;
  const codes = buildCodes(histogram, LONGEST_CODE);
  // Two distances, 1 and 2, of a bit each: only the first is used, but a code of one alone is not complete.
  const header = packLengths([...codes.map((code) => code.length), 1, 1]);
  const headerHistogram = new Uint32Array(HEADER_SYMBOLS);
  for (const { symbol } of header) headerHistogram[symbol]!++;
  const headerCodes = buildCodes(headerHistogram, LONGEST_HEADER_CODE);
  // A length has its extra bits, and a bit for its distance.
  const symbolBits = codes.map((code, symbol) => code.length + (symbol > END ? 1 + symbolExtraBits(symbol) : 0));
  const headerBits = headerCodes.map((code, symbol) => code.length + headerExtraBits(symbol));
  const bits = 3 + 14 + 3 * HEADER_SYMBOLS + weigh(histogram, symbolBits) + weigh(headerHistogram, headerBits);
  if (bits >= (to - from) * 8) {
    storeSegment(writer, input.subarray(from, to), last);
    return;
  }
  writeHeader(writer, header, { codes: headerCodes, last });
  writeTokens(writer, input.subarray(from, to), { tokens, codes });
}

function weigh(histogram: Uint32Array, bits: readonly number[]): number {
  return histogram.reduce((sum, count, symbol) => sum + count * (bits[symbol] ?? 0), 0);
}

/** Bits from the lowest of each byte on. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #value = 0;
  #held = 0;
  /** Where the next byte goes. */
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The lowest `count` bits of a value, at most 24. */
  put(value: number, count: number): void {
    this.#value |= value << this.#held;
    this.#held += count;
    for (; this.#held >= 8; this.#held -= 8) {
      this.#bytes[this.at++] = this.#value;
      this.#value >>>= 8;
    }
  }

  /** Ends the byte that is begun with 0. */
  fillByte(): void {
    if (this.#held > 0) this.put(0, 8 - this.#held);
  }
}

/** As it is, in stored blocks. */
function storeSegment(writer: BitWriter, segment: Uint8Array, last: number): void {
  let at = 0;
  do {
    const piece = segment.subarray(at, at + LONGEST_STORED);
    at += piece.length;
    writer.put(at === segment.length ? last : 0, 3);
    writer.fillByte();
    writer.put(piece.length, 16);
    writer.put(~piece.length & 0xffff, 16);
    for (const byte of piece) writer.put(byte, 8);
  } while (at < segment.length);
}

/** A length's symbol: 257 to 264 for 3 to 10, then four for each doubling; 285 for 258. */
function lengthSymbol(run: number): number {
  const extra = lengthExtraBits(run);
  return run === LONGEST_RUN ? 285 : 257 + 4 * extra + ((run - SHORTEST_RUN) >> extra);
}

function lengthExtraBits(run: number): number {
  const n = run - SHORTEST_RUN;
  return n < 8 || run === LONGEST_RUN ? 0 : 29 - Math.clz32(n);
}

function symbolExtraBits(symbol: number): number {
  return symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
}

/** Extra bits of the header's symbols 16, 17, 18. */
function headerExtraBits(symbol: number): number {
  return { 16: 2, 17: 3, 18: 7 }[symbol] ?? 0;
}

/** Eight bytes at a time: eight that all are what stands before them begin a run, anything else is literals. Counts the symbols. */
function findRuns(input: Uint8Array, { from, to }: { from: number; to: number }, histogram: Uint32Array): readonly Token[] {
  const tokens: Token[] = [];
  const repeats = (at: number): boolean => at > 0 && input[at] === input[at - 1];
  let literals = from;
  // The stream's first byte has none before it.
  let at = Math.min(Math.max(from, 1), to);
  while (at + 8 <= to) {
    let end = at;
    while (end < at + 8 && repeats(end)) end++;
    if (end < at + 8) {
      at += 8;
      continue;
    }
    while (end < to && repeats(end)) end++;
    // The last of the literals before may belong to it: seven, since eight would have been a run.
    let start = at;
    if (at - literals >= 8) while (repeats(start - 1)) start--;
    // One or two bytes that the longest runs leave over are literals.
    const rest = (end - start) % LONGEST_RUN;
    const run = end - start - (rest < SHORTEST_RUN ? rest : 0);
    tokens.push({ literals: start - literals, run });
    literals = start + run;
    at = end;
  }
  tokens.push({ literals: to - literals, run: 0 });
  let place = from;
  for (const token of tokens) {
    for (const byte of input.subarray(place, place + token.literals)) histogram[byte]!++;
    for (const length of lengthsOf(token.run)) histogram[lengthSymbol(length)]!++;
    place += token.literals + token.run;
  }
  return tokens;
}

/** A run in lengths that have symbols. */
function lengthsOf(run: number): readonly number[] {
  const longest = new Array<number>(Math.floor(run / LONGEST_RUN)).fill(LONGEST_RUN);
  return run % LONGEST_RUN === 0 ? longest : [...longest, run % LONGEST_RUN];
}

/**
 * Codes of at most `longest` bits for the symbols that are used: Huffman's by two queues, lengths limited as libdeflate does (deflate_compress.c,
 * compute_length_counts): a leaf that would lie too deep is hung where there is room. Fewer than two symbols get a bit each, so that the code is complete.
 */
function buildCodes(histogram: Uint32Array, longest: number): readonly Code[] {
  const used = [...histogram.keys()].filter((symbol) => histogram[symbol]! > 0);
  const unused = [...histogram.keys()].filter((symbol) => histogram[symbol] === 0);
  const symbols = [...used, ...unused.slice(0, Math.max(0, 2 - used.length))];
  // The lightest first, of the same weight the lower symbol.
  const leaves = symbols.toSorted((a, b) => histogram[a]! - histogram[b]! || a - b);
  const counts = lengthCounts(
    leaves.map((symbol) => histogram[symbol]!),
    longest,
  );
  // The lightest leaves get the longest codes.
  const lengths = new Uint8Array(histogram.length);
  let leaf = 0;
  for (let length = longest; length >= 1; length--) for (let left = counts[length]!; left > 0; left--) lengths[leaves[leaf++]!] = length;
  // Canonical: codes of one length ascend with their symbols (RFC 1951, 3.2.2).
  const next: number[] = [0];
  for (let length = 1; length <= longest; length++) next.push((next[length - 1]! + counts[length - 1]!) << 1);
  return Array.from(lengths, (length) => ({ bits: length === 0 ? 0 : reversed(next[length]!++, length), length }));
}

/** How many codes of each length there are for ascending weights. */
function lengthCounts(leaves: readonly number[], longest: number): readonly number[] {
  const nodes = leaves.length - 1;
  const weights: number[] = [];
  const parents: number[] = [];
  // Inner node k joins the two lightest of what is left; of the same weight, leaves go first.
  let [leaf, inner] = [0, 0];
  const takeLightest = (parent: number): number => {
    if (inner === parent || (leaf < leaves.length && leaves[leaf]! <= weights[inner]!)) return leaves[leaf++]!;
    parents[inner] = parent;
    return weights[inner++]!;
  };
  for (let k = 0; k < nodes; k++) weights.push(takeLightest(k) + takeLightest(k));
  // From the root down, each inner node makes one leaf of its depth two of the next.
  const counts = new Array<number>(longest + 1).fill(0);
  counts[1] = 2;
  const depths: number[] = [];
  depths[nodes - 1] = 0;
  for (let k = nodes - 2; k >= 0; k--) {
    depths[k] = depths[parents[k]!]! + 1;
    let depth = depths[k]!;
    if (depth >= longest) {
      depth = longest - 1;
      while (counts[depth] === 0) depth--;
    }
    counts[depth]!--;
    counts[depth + 1]! += 2;
  }
  return counts;
}

function reversed(code: number, length: number): number {
  let out = 0;
  for (let bit = 0; bit < length; bit++) out |= ((code >> bit) & 1) << (length - 1 - bit);
  return out;
}

/** The list of code lengths in run lengths (RFC 1951, 3.2.7). */
function packLengths(lengths: readonly number[]): readonly HeaderEntry[] {
  const out: HeaderEntry[] = [];
  let i = 0;
  while (i < lengths.length) {
    const length = lengths[i]!;
    let end = i + 1;
    while (lengths[end] === length) end++;
    const entry = packRun(length, end - i, lengths[i - 1] === length);
    out.push(entry);
    i += entry.taken;
  }
  return out;
}

function packRun(length: number, run: number, repeats: boolean): HeaderEntry & { readonly taken: number } {
  if (length === 0 && run >= 3) {
    const taken = Math.min(run, 138);
    return taken < 11 ? { symbol: 17, extra: taken - 3, taken } : { symbol: 18, extra: taken - 11, taken };
  }
  if (repeats && run >= 3) {
    const taken = Math.min(run, 6);
    return { symbol: 16, extra: taken - 3, taken };
  }
  return { symbol: length, extra: 0, taken: 1 };
}

function writeHeader(writer: BitWriter, header: readonly HeaderEntry[], block: { codes: readonly Code[]; last: number }): void {
  writer.put(block.last | (2 << 1), 3);
  writer.put((SYMBOLS - 257) | (1 << 5) | ((HEADER_SYMBOLS - 4) << 10), 14);
  for (const symbol of HEADER_ORDER) writer.put(block.codes[symbol]!.length, 3);
  for (const { symbol, extra } of header) {
    const { bits, length } = block.codes[symbol]!;
    writer.put(bits, length);
    writer.put(extra, headerExtraBits(symbol));
  }
}

function writeTokens(writer: BitWriter, segment: Uint8Array, block: { tokens: readonly Token[]; codes: readonly Code[] }): void {
  const put = (symbol: number): void => writer.put(block.codes[symbol]!.bits, block.codes[symbol]!.length);
  let at = 0;
  for (const { literals, run } of block.tokens) {
    for (const byte of segment.subarray(at, at + literals)) put(byte);
    for (const length of lengthsOf(run)) {
      put(lengthSymbol(length));
      const extra = lengthExtraBits(length);
      // The extra bits, then the distance: code 0 of one bit.
      writer.put((length - SHORTEST_RUN) & ((1 << extra) - 1), extra + 1);
    }
    at += literals + run;
  }
  put(END);
}

/** RFC 1950, 8.2. */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
