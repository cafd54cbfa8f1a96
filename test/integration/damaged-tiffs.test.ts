/**
 * Damaged headers and blocks by the thousand: whatever the bytes say, reading gives an image or a named error, soon and in bounded memory.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { SourceError } from "../../runtime/errors.ts";
import { memorySource } from "../support/memory-source.ts";
import { projectRoot } from "../support/project.ts";
import { readImage } from "../support/read-tiff.ts";

const fixtures = path.join(projectRoot, "test/fixtures/layouts");

/** Small valid files: both byte orders, classic and big, tiles and strips, every codec and predictor, one sample and several, mask-less and alpha. */
const seeds = [
  "image-tiff/images__seq__seq-1c-16b-bigendian-68f373a0.tiff",
  "image-tiff/images__seq__seq-1c-16b-multistrip-68f373a0.tiff",
  "image-tiff/images__seq__seq-1c-8b-tiled-bigtiff-20f3db0c.tiff",
  "image-tiff/images__seq__seq-1c-8b-tiled-lzw-20f3db0c.tiff",
  "image-tiff/images__seq__seq-1c-8b-packbits-20f3db0c.tiff",
  "image-tiff/images__seq__seq-1c-64f-deflate-fpredict-afa8560e.tiff",
  "image-tiff/images__seq__seq-3c-12b-planar-e29e8e25.tiff",
  "image-tiff/images__seq__seq-4c-8b-rgba-50969cda.tiff",
  "image-tiff/images__random-fp16-pred3.tiff",
  "image-tiff/images__int16_zstd.tif",
  "image-tiff/images__bigtiff__BigTIFFMotorola.tif",
  "image-tiff/images__quad-tile.jpg.tiff",
  "generated/u16_lerc_tiled.tif",
  "generated/f32_lerc_zstd_tiled.tif",
  "generated/u16_cog_lzw_bigtiff_128.tif",
  "generated/u16_lzw_pred2_strip_be.tif",
].map((name) => ({ name, bytes: new Uint8Array(readFileSync(path.join(fixtures, name))) }));

/** What a RangeError of ours never says: these come of arrays that were made or reached into without a check. */
const unchecked = /invalid (typed )?array|out of bounds|call stack|allocation failed/i;

/** Held while a damaged file is read; its own bound for one block is 128 MiB (read-blocks.ts). */
const MOST_PIXELS = 2_000_000;

/** Far more than any takes; a loop that does not end is ended by vitest. */
const PATIENCE_MS = 5000;

/** "image", or the class of the error that reading ends with. Throws where that is no error of a damaged file. */
async function outcome(bytes: Uint8Array): Promise<string> {
  const begun = performance.now();
  try {
    await readImage(memorySource(bytes), "damaged.tif", 0, MOST_PIXELS);
    return "image";
  } catch (error) {
    const named = error instanceof SourceError || (error instanceof RangeError && !unchecked.test(error.message));
    if (!named) throw error;
    if (error instanceof SourceError) expect(error.message).toContain("damaged.tif");
    return error.constructor.name;
  } finally {
    expect(performance.now() - begun).toBeLessThan(PATIENCE_MS);
  }
}

type Place = { readonly at: number; readonly bytes: number };

/** Where the numbers of a file's header lie: all fields of all entries of its directories, offsets of directories, and the values that lie apart. */
function headerPlaces(file: Uint8Array): readonly Place[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = file[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const offset = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const word = big ? 8 : 4;
  const places: Place[] = [
    { at: 0, bytes: 2 },
    { at: 2, bytes: 2 },
    { at: big ? 8 : 4, bytes: word },
  ];
  for (let directory = offset(big ? 8 : 4); directory !== 0;) {
    const count = big ? offset(directory) : view.getUint16(directory, little);
    const first = directory + (big ? 8 : 2);
    places.push({ at: directory, bytes: big ? 8 : 2 });
    for (let i = 0; i < count; i++) {
      const entry = first + i * (4 + 2 * word);
      places.push(
        { at: entry, bytes: 2 },
        { at: entry + 2, bytes: 2 },
        { at: entry + 4, bytes: word },
        { at: entry + 4 + word, bytes: word },
      );
      places.push(...valuePlaces(offset(entry + 4), offset(entry + 4 + word), file.length));
    }
    const next = first + count * (4 + 2 * word);
    places.push({ at: next, bytes: word });
    directory = offset(next);
  }
  return places;
}

/** The first of the values that lie apart from their entry. */
function valuePlaces(count: number, at: number, end: number): readonly Place[] {
  if (count < 2 || at + 8 >= end) return [];
  return [
    { at, bytes: 2 },
    { at, bytes: 4 },
    { at: at + 4, bytes: 4 },
  ];
}

/** Numbers that checks forget: nothing, ends of ranges, one more, the file's own places, other tags' and types' numbers. */
const number = fc.oneof(
  fc.constantFrom(
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    12,
    16,
    17,
    64,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
  ),
  fc.constantFrom(2 ** 40, 2 ** 53, 2 ** 63),
  fc.constantFrom(256, 257, 258, 259, 273, 277, 278, 279, 284, 317, 322, 323, 324, 325, 338, 339, 347, 32773, 34887, 50000),
  fc.nat(70_000),
);

const damage = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("number" as const), place: fc.nat(), number }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("byte" as const), at: fc.nat(), byte: fc.nat(255) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cut" as const), at: fc.nat() }) },
  // A directory, or a list of values, that is the file's own beginning, middle or another directory.
  { weight: 1, arbitrary: fc.record({ type: fc.constant("loop" as const), place: fc.nat(), target: fc.nat() }) },
);

function write(file: Uint8Array, { at, bytes }: Place, value: number): void {
  const little = file[0] === 0x49;
  for (let i = 0; i < bytes && at + i < file.length; i++) file[at + (little ? i : bytes - 1 - i)] = Math.floor(value / 256 ** i) % 256;
}

function applied(
  file: Uint8Array,
  places: readonly Place[],
  damages: readonly (typeof damage extends fc.Arbitrary<infer D> ? D : never)[],
): Uint8Array {
  let out = file.slice();
  for (const one of damages) {
    switch (one.type) {
      case "number":
        write(out, places[one.place % places.length]!, one.number);
        break;
      case "byte":
        out[one.at % out.length] = one.byte;
        break;
      case "cut":
        out = out.slice(0, one.at % (out.length + 1));
        break;
      case "loop":
        write(out, places[one.place % places.length]!, places[one.target % places.length]!.at);
        break;
    }
  }
  return out;
}

describe("a damaged TIFF", () => {
  it("is not what the undamaged files are", async () => {
    for (const { name, bytes } of seeds) expect([name, await outcome(bytes)]).toEqual([name, "image"]);
  });

  it("ends in an image or a named error, whatever 2,000 damages say", async () => {
    const places = seeds.map(({ bytes }) => headerPlaces(bytes));
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.nat(seeds.length - 1), fc.array(damage, { minLength: 1, maxLength: 4 }), async (seed, damages) => {
        const found = await outcome(applied(seeds[seed]!.bytes, places[seed]!, damages));
        seen.set(found, (seen.get(found) ?? 0) + 1);
      }),
      { numRuns: 2000 },
    );
    // The damages are worth something: they are found in headers and in blocks, and some do not matter.
    expect([...seen.keys()].toSorted()).toEqual(["RangeError", "SourceError", "image"]);
    expect(seen.get("SourceError")).toBeGreaterThan(500);
  });

  it.each(seeds)("cut off anywhere in its header is a named error or the image: $name", async ({ bytes }) => {
    const ends = headerPlaces(bytes).map(({ at, bytes }) => at + bytes);
    for (const end of new Set(ends.flatMap((end) => [end - 1, end, end + 1])))
      expect(["SourceError", "RangeError", "image"]).toContain(await outcome(bytes.slice(0, end)));
    for (let end = 0; end < Math.min(bytes.length, 600); end++)
      expect(["SourceError", "RangeError"]).toContain(await outcome(bytes.slice(0, end)));
  });
});
