// A zlib stream (RFC 1950, 1951) of literals and of runs of one byte, in deflate blocks of SEGMENT input bytes with a code each.
import { LONGEST_CODE, SEGMENT } from "./constants";

// Scratch memory, in bytes from its address. Symbols: 0 to 255 literals, 256 the end, 257 to 285 lengths.
const SYMBOLS = 286;
/** u32[4][SYMBOLS]: how often; four tables, so that one byte many times over does not wait for itself. */
const HISTOGRAM: usize = 0;
const TABLE: usize = <usize>SYMBOLS << 2;
/** u32[SYMBOLS]: code << 8 | length, the code's first bit lowest. */
const CODES: usize = 4 * TABLE;
/** u8[SYMBOLS + 2]: code lengths as the header lists them, those of the two distances last. */
const LENGTHS: usize = 5 * TABLE;
/** u32[]: those lengths in run lengths, symbol | extra bits' value << 8. */
const HEADER: usize = 6 * TABLE;
/** u32[19] twice: how often each of the header's symbols, and its code as in CODES. */
const HEADER_HISTOGRAM: usize = 8 * TABLE;
const HEADER_CODES: usize = HEADER_HISTOGRAM + 80;
/** For buildCodes: leaves by weight, inner nodes' weights, their parents, then depths, and codes of each length. */
const LEAVES: usize = 9 * TABLE;
const WEIGHTS: usize = 10 * TABLE;
const PARENTS: usize = 11 * TABLE;
const COUNTS: usize = 12 * TABLE;
const NEXT_CODES: usize = COUNTS + 64;
/** u64 bits not yet written, u32 how many, u32 where they go. */
const WRITER: usize = 12 * TABLE + 128;
/** u32[][2]: literals, then the run after them. */
const TOKENS: usize = 13 * TABLE;

const END = 256;
const LONGEST_RUN = 258;
const SHORTEST_RUN = 3;
const LONGEST_STORED = 65535;
const HEADER_SYMBOLS = 19;
const LONGEST_HEADER_CODE = 7;

export function deflate(src: usize, length: i32, dst: usize, scratch: usize): i32 {
  // CM 8, CINFO 7, no dictionary, fastest level: a multiple of 31.
  store<u16>(dst, 0x0178);
  openWriter(scratch, dst + 2);
  let at = 0;
  do {
    const end = min(at + SEGMENT, length);
    deflateSegment(src, at, end, scratch, end == length ? 1 : 0);
    at = end;
  } while (at < length);
  const to = closeWriter(scratch);
  store<u32>(to, bswap<u32>(adler32(src, length)));
  return <i32>(to + 4 - dst);
}

function deflateSegment(src: usize, from: i32, to: i32, scratch: usize, last: u32): void {
  const tokens = findRuns(src, from, to, scratch);
  const bits = buildBlock(scratch);
  if (bits >= <u32>(to - from) << 3) {
    storeSegment(src + <usize>from, to - from, scratch, last);
    return;
  }
  writeHeader(scratch, last);
  writeTokens(src + <usize>from, scratch, tokens);
}

// ---- bits ----

function openWriter(scratch: usize, to: usize): void {
  store<u64>(scratch + WRITER, 0);
  store<u32>(scratch + WRITER + 8, 0);
  store<u32>(scratch + WRITER + 12, <u32>to);
}

// Up to 32 bits.
function put(scratch: usize, value: u32, count: u32): void {
  const writer = scratch + WRITER;
  const held = load<u32>(writer + 8);
  const bits = load<u64>(writer) | (<u64>value << held);
  const to = <usize>load<u32>(writer + 12);
  store<u64>(to, bits);
  const filled = held + count;
  store<u64>(writer, bits >> (filled & ~7));
  store<u32>(writer + 8, filled & 7);
  store<u32>(writer + 12, <u32>to + (filled >> 3));
}

// Fills the last byte with 0; where the next one goes.
function closeWriter(scratch: usize): usize {
  const writer = scratch + WRITER;
  const held = load<u32>(writer + 8);
  const to = <usize>load<u32>(writer + 12) + (held > 0 ? 1 : 0);
  openWriter(scratch, to);
  return to;
}

// As it is, in stored blocks.
function storeSegment(src: usize, length: i32, scratch: usize, last: u32): void {
  let at = 0;
  do {
    const n = min(length - at, LONGEST_STORED);
    put(scratch, at + n == length ? last : 0, 3);
    const to = closeWriter(scratch);
    store<u16>(to, <u16>n);
    store<u16>(to + 2, <u16>~n);
    memory.copy(to + 4, src + <usize>at, <usize>n);
    openWriter(scratch, to + 4 + <usize>n);
    at += n;
  } while (at < length);
}

// ---- runs ----

// A length's symbol: 257 to 264 for 3 to 10, then four for each doubling; 285 for 258.
// @ts-ignore: decorator
@inline
function lengthSymbol(run: u32): u32 {
  const n = run - SHORTEST_RUN;
  const extra = lengthExtraBits(run);
  return run == LONGEST_RUN ? 285 : 257 + (extra << 2) + (n >> extra);
}

// @ts-ignore: decorator
@inline
function lengthExtraBits(run: u32): u32 {
  const n = run - SHORTEST_RUN;
  return n < 8 || run == LONGEST_RUN ? 0 : 29 - clz<u32>(n);
}

// The place of a number in u32[].
// @ts-ignore: decorator
@inline
function cell(numbers: usize, i: i32): usize {
  return numbers + (<usize>i << 2);
}

// @ts-ignore: decorator
@inline
function count(at: usize, symbol: u32, n: u32): void {
  const p = cell(at, symbol);
  store<u32>(p, load<u32>(p) + n);
}

// @ts-ignore: decorator
@inline
function count8(at: usize, v: u64): void {
  count(at, <u32>(v & 255), 1);
  count(at + TABLE, <u32>((v >> 8) & 255), 1);
  count(at + 2 * TABLE, <u32>((v >> 16) & 255), 1);
  count(at + 3 * TABLE, <u32>((v >> 24) & 255), 1);
  count(at, <u32>((v >> 32) & 255), 1);
  count(at + TABLE, <u32>((v >> 40) & 255), 1);
  count(at + 2 * TABLE, <u32>((v >> 48) & 255), 1);
  count(at + 3 * TABLE, <u32>(v >> 56), 1);
}

// How long the bytes from `at` on are the one before.
// @ts-ignore: decorator
@inline
function runEnd(src: usize, at: i32, to: i32): i32 {
  const byte = i8x16.splat(load<i8>(src + <usize>at - 1));
  while (at + 16 <= to && i8x16.all_true(i8x16.eq(v128.load(src + <usize>at), byte))) at += 16;
  while (at < to && load<u8>(src + <usize>at) == load<u8>(src + <usize>at - 1)) at++;
  return at;
}

// Eight bytes at a time: eight that all are what stands before them begin a run, anything else is literals. Counts symbols; returns the tokens.
function findRuns(src: usize, from: i32, to: i32, scratch: usize): i32 {
  const histogram = scratch + HISTOGRAM;
  memory.fill(histogram, 0, 4 * TABLE);
  store<u32>(cell(histogram, END), 1);
  let token = scratch + TOKENS;
  let literals = from, at = from;
  // The stream's first byte has none before it.
  if (at == 0 && to > 0) {
    count(histogram, load<u8>(src), 1);
    at = 1;
  }
  let previous: u64 = 0;
  while (at + 8 <= to) {
    const v = load<u64>(src + <usize>at);
    const changes = v ^ load<u64>(src + <usize>at - 1);
    if (changes != 0) {
      count8(histogram, v);
      previous = changes;
      at += 8;
      continue;
    }
    const end = runEnd(src, at + 8, to);
    // The last of the literals before may belong to it.
    const back = at - literals >= 8 ? <i32>(clz<u64>(previous) >> 3) : 0;
    const byte = <u32>(v & 255);
    count(histogram, byte, <u32>-back);
    const run = countRun(histogram, end - at + back, byte);
    store<u32>(token, <u32>(at - back - literals));
    store<u32>(token, <u32>run, 4);
    token += 8;
    literals = at - back + run;
    at = end;
    previous = -1;
  }
  for (; at < to; at++) count(histogram, load<u8>(src + <usize>at), 1);
  store<u32>(token, <u32>(to - literals));
  store<u32>(token, 0, 4);
  return <i32>((token - scratch - TOKENS) >> 3) + 1;
}

// Counts a run's lengths; returns the run, less one or two bytes where they are left over and become literals.
// @ts-ignore: decorator
@inline
function countRun(histogram: usize, run: i32, byte: u32): i32 {
  const longest = run / LONGEST_RUN;
  const rest = run - longest * LONGEST_RUN;
  if (longest > 0) count(histogram, 285, longest);
  if (rest >= SHORTEST_RUN) {
    count(histogram, lengthSymbol(rest), 1);
    return run;
  }
  count(histogram, byte, rest);
  return run - rest;
}

// ---- codes ----

// Codes of at most `longest` bits for the symbols that are used: Huffman's by two queues, those too long made good as in libdeflate (deflate_compress.c, MIT): a node
// that lies too deep takes a place as deep as there is. Fewer than two symbols get a bit each, so that the code is complete.
function buildCodes(histogram: usize, symbols: i32, longest: i32, codes: usize, scratch: usize): void {
  const leaves = scratch + LEAVES, weights = scratch + WEIGHTS, parents = scratch + PARENTS, counts = scratch + COUNTS;
  memory.fill(codes, 0, <usize>symbols << 2);
  let n = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const weight = load<u32>(cell(histogram, symbol));
    if (weight == 0) continue;
    store<u32>(cell(leaves, n), (weight << 9) | <u32>symbol);
    n++;
  }
  for (let symbol = 0; n < 2; symbol++) {
    if (load<u32>(cell(histogram, symbol)) > 0) continue;
    store<u32>(cell(leaves, n), <u32>symbol);
    n++;
  }
  sortUp(leaves, n);
  // Inner node k joins the two lightest of what is left.
  let leaf = 0, inner = 0;
  for (let k = 0; k < n - 1; k++) {
    let weight: u32 = 0;
    for (let side = 0; side < 2; side++) {
      if (inner == k || (leaf < n && load<u32>(cell(leaves, leaf)) >> 9 <= load<u32>(cell(weights, inner)))) {
        weight += load<u32>(cell(leaves, leaf)) >> 9;
        leaf++;
      } else {
        weight += load<u32>(cell(weights, inner));
        store<u32>(cell(parents, inner), k);
        inner++;
      }
    }
    store<u32>(cell(weights, k), weight);
  }
  // Each inner node makes one leaf of its depth two of the next; weights become depths.
  memory.fill(counts, 0, 128);
  store<u32>(counts + 4, 2);
  store<u32>(cell(weights, n - 2), 0);
  for (let k = n - 3; k >= 0; k--) {
    let depth = <i32>load<u32>(cell(weights, load<u32>(cell(parents, k)))) + 1;
    store<u32>(cell(weights, k), depth);
    if (depth >= longest) {
      depth = longest - 1;
      while (load<u32>(cell(counts, depth)) == 0) depth--;
    }
    count(counts, depth, <u32>-1);
    count(counts, depth + 1, 2);
  }
  assignCodes(leaves, longest, codes, scratch, symbols);
}

// The lightest leaves get the longest codes; codes of one length ascend with their symbols.
function assignCodes(leaves: usize, longest: i32, codes: usize, scratch: usize, symbols: i32): void {
  const counts = scratch + COUNTS, next = scratch + NEXT_CODES;
  let leaf = leaves;
  for (let length = longest; length >= 1; length--)
    for (let left = load<u32>(cell(counts, length)); left > 0; left--) {
      store<u32>(cell(codes, load<u32>(leaf) & 511), length);
      leaf += 4;
    }
  let code: u32 = 0;
  for (let length = 1; length <= longest; length++) {
    code = (code + load<u32>(cell(counts, length - 1))) << 1;
    store<u32>(cell(next, length), code);
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const at = cell(codes, symbol);
    const length = load<u32>(at);
    if (length == 0) continue;
    const mine = load<u32>(cell(next, length));
    store<u32>(cell(next, length), mine + 1);
    store<u32>(at, (reversed(mine, length) << 8) | length);
  }
}

// @ts-ignore: decorator
@inline
function reversed(code: u32, length: u32): u32 {
  let v = ((code >> 1) & 0x5555) | ((code & 0x5555) << 1);
  v = ((v >> 2) & 0x3333) | ((v & 0x3333) << 2);
  v = ((v >> 4) & 0x0f0f) | ((v & 0x0f0f) << 4);
  return (((v >> 8) | (v << 8)) & 0xffff) >> (16 - length);
}

// Shell's sort, with Ciura's gaps; all numbers differ.
function sortUp(numbers: usize, n: i32): void {
  for (let step = 0; step < 5; step++) {
    const gap = step == 0 ? 132 : step == 1 ? 57 : step == 2 ? 23 : step == 3 ? 5 : 1;
    for (let i = gap; i < n; i++) {
      const v = load<u32>(cell(numbers, i));
      let j = i;
      while (j >= gap && load<u32>(cell(numbers, j - gap)) > v) {
        store<u32>(cell(numbers, j), load<u32>(cell(numbers, j - gap)));
        j -= gap;
      }
      store<u32>(cell(numbers, j), v);
    }
  }
}

// ---- one block ----

// Codes for the segment's symbols and for the header; returns the bits that block and header take together.
function buildBlock(scratch: usize): u32 {
  const histogram = scratch + HISTOGRAM, codes = scratch + CODES;
  for (let s: usize = 0; s < TABLE; s += 4) {
    const all = load<u32>(histogram + s) + load<u32>(histogram + s + TABLE) + load<u32>(histogram + s + 2 * TABLE) + load<u32>(histogram + s + 3 * TABLE);
    store<u32>(histogram + s, all);
  }
  buildCodes(histogram, SYMBOLS, LONGEST_CODE, codes, scratch);
  let bits: u32 = 3 + 5 + 5 + 4 + 3 * HEADER_SYMBOLS;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    const at = <usize>symbol << 2;
    const length = load<u32>(codes + at) & 255;
    store<u8>(scratch + LENGTHS + <usize>symbol, <u8>length);
    // A length has its extra bits, and a bit for its distance.
    const extra = symbol <= END ? 0 : symbol < 265 || symbol == 285 ? 1 : 1 + ((symbol - 261) >> 2);
    bits += load<u32>(histogram + at) * (length + extra);
  }
  // Two distances, 1 and 2, of a bit each: only the first is used, but a code of one alone is not complete.
  store<u16>(scratch + LENGTHS + SYMBOLS, 0x0101);
  return bits + packLengths(scratch);
}

// Extra bits of the header's symbols 16, 17, 18.
// @ts-ignore: decorator
@inline
function headerExtraBits(symbol: u32): u32 {
  return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}

// The list of lengths in run lengths (RFC 1951, 3.2.7), ended by 0xffffffff; returns their bits.
function packLengths(scratch: usize): u32 {
  const lengths = scratch + LENGTHS, histogram = scratch + HEADER_HISTOGRAM, codes = scratch + HEADER_CODES;
  const n = SYMBOLS + 2;
  memory.fill(histogram, 0, HEADER_SYMBOLS << 2);
  let out = scratch + HEADER;
  let i = 0;
  while (i < n) {
    const length = <u32>load<u8>(lengths + <usize>i);
    let end = i + 1;
    while (end < n && <u32>load<u8>(lengths + <usize>end) == length) end++;
    const run = end - i;
    let symbol = length;
    let value: u32 = 0;
    if (length == 0 && run >= 3) {
      const taken = min(run, 138);
      symbol = taken < 11 ? 17 : 18;
      value = taken < 11 ? taken - 3 : taken - 11;
      i += taken;
    } else if (i > 0 && run >= 3 && <u32>load<u8>(lengths + <usize>i - 1) == length) {
      const taken = min(run, 6);
      symbol = 16;
      value = taken - 3;
      i += taken;
    } else i++;
    count(histogram, symbol, 1);
    store<u32>(out, symbol | (value << 8));
    out += 4;
  }
  store<u32>(out, 0xffffffff);
  buildCodes(histogram, HEADER_SYMBOLS, LONGEST_HEADER_CODE, codes, scratch);
  let bits: u32 = 0;
  for (let symbol = 0; symbol < HEADER_SYMBOLS; symbol++) {
    const at = <usize>symbol << 2;
    bits += load<u32>(histogram + at) * ((load<u32>(codes + at) & 255) + headerExtraBits(symbol));
  }
  return bits;
}

function writeHeader(scratch: usize, last: u32): void {
  const codes = scratch + HEADER_CODES;
  put(scratch, last | (2 << 1), 3);
  put(scratch, (SYMBOLS - 257) | (1 << 5) | ((HEADER_SYMBOLS - 4) << 10), 14);
  for (let i = 0; i < HEADER_SYMBOLS; i++) put(scratch, load<u32>(cell(codes, headerOrder(i))) & 255, 3);
  for (let at = scratch + HEADER; load<u32>(at) != 0xffffffff; at += 4) {
    const symbol = load<u32>(at) & 255;
    const code = load<u32>(cell(codes, symbol));
    put(scratch, code >> 8, code & 255);
    put(scratch, load<u32>(at) >> 8, headerExtraBits(symbol));
  }
}

// 16, 17, 18, 0, then 8, 7, 9, 6, 10, ... outward from 8.
// @ts-ignore: decorator
@inline
function headerOrder(i: i32): i32 {
  return i < 3 ? 16 + i : i == 3 ? 0 : (i & 1) == 0 ? 8 + ((i - 4) >> 1) : 8 - ((i - 3) >> 1);
}

function writeTokens(src: usize, scratch: usize, tokens: i32): void {
  const codes = scratch + CODES, writer = scratch + WRITER;
  let bits = load<u64>(writer);
  let held = load<u32>(writer + 8);
  let to = <usize>load<u32>(writer + 12);
  let at = src;
  let token = scratch + TOKENS;
  for (let t = 0; t < tokens; t++, token += 8) {
    const end = at + <usize>load<u32>(token);
    // Four codes of LONGEST_CODE bits and the 7 that may wait fit in 64; shifts take their count from the low bits, where the length lies.
    for (; at + 4 <= end; at += 4) {
      const v = load<u32>(at);
      const a = load<u32>(cell(codes, v & 255)), b = load<u32>(cell(codes, (v >> 8) & 255));
      const c = load<u32>(cell(codes, (v >> 16) & 255)), d = load<u32>(cell(codes, v >> 24));
      const ab = (a >> 8) | ((b >> 8) << (a & 31)), cd = (c >> 8) | ((d >> 8) << (c & 31));
      const abLength = a + b;
      bits |= (<u64>ab | (<u64>cd << (abLength & 63))) << held;
      held += (abLength + c + d) & 255;
      store<u64>(to, bits);
      to += held >> 3;
      bits >>= held & 56;
      held &= 7;
    }
    for (; at < end; at++) {
      const a = load<u32>(cell(codes, load<u8>(at)));
      bits |= <u64>(a >> 8) << held;
      held += a & 255;
      store<u64>(to, bits);
      to += held >> 3;
      bits >>= held & 56;
      held &= 7;
    }
    let run = load<u32>(token, 4);
    at += run;
    while (run > 0) {
      const length = min<u32>(run, LONGEST_RUN);
      const a = load<u32>(cell(codes, lengthSymbol(length)));
      const extra = lengthExtraBits(length);
      // The distance is code 0, of a bit, behind the extra bits.
      bits |= <u64>((a >> 8) | (((length - SHORTEST_RUN) & ((1 << extra) - 1)) << (a & 31))) << held;
      held += (a & 255) + extra + 1;
      store<u64>(to, bits);
      to += held >> 3;
      bits >>= held & 56;
      held &= 7;
      run -= length;
    }
  }
  store<u64>(writer, bits);
  store<u32>(writer + 8, held);
  store<u32>(writer + 12, <u32>to);
  const end = load<u32>(cell(codes, END));
  put(scratch, end >> 8, end & 255);
}

// ---- check sum ----

/** As many as zlib adds before it divides: the sums stay below 2^32 (adler32.c, NMAX), rounded down to 16. */
const SUMMED_AT_ONCE = 5552;
const ADLER: u32 = 65521;

function adler32(src: usize, length: i32): u32 {
  let a: u32 = 1, b: u32 = 0;
  const low = i8x16(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
  let at = src;
  const end = src + <usize>length;
  while (at + 16 <= end) {
    const stop = at + (min<usize>(SUMMED_AT_ONCE, end - at) & ~15);
    b += a * <u32>(stop - at);
    // sums: bytes so far; before: those sums at the beginning of each 16, which count 16 times; within: bytes by their place.
    let sums = i32x4.splat(0), before = i32x4.splat(0), within = i32x4.splat(0);
    for (; at < stop; at += 16) {
      const v = v128.load(at);
      before = i32x4.add(before, sums);
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v)));
      const weighed = i16x8.add(i16x8.extmul_low_i8x16_u(v, low), i16x8.extmul_high_i8x16_u(v, low));
      within = i32x4.add(within, i32x4.extadd_pairwise_i16x8_u(weighed));
    }
    b = (b + (lanesSum(before) << 4) + lanesSum(within)) % ADLER;
    a = (a + lanesSum(sums)) % ADLER;
  }
  for (; at < end; at++) {
    a += load<u8>(at);
    b += a;
  }
  return ((b % ADLER) << 16) | (a % ADLER);
}

// @ts-ignore: decorator
@inline
function lanesSum(v: v128): u32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}
