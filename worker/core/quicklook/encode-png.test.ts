import fc from "fast-check";
import { PNG } from "pngjs";
import { expect, test } from "vitest";
import { createCanvas, rowOf } from "./canvas.ts";
import { encodePng } from "./encode-png.ts";

const colours = Uint8Array.from({ length: 250 * 3 }, (_, i) => (i * 37) % 256);

test("another decoder reads the same pixels, whether lines repeat or not", () => {
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(size, size, fc.infiniteStream(fc.integer({ min: 0, max: 249 })), fc.boolean(), (width, height, indices, repeat) => {
      const canvas = createCanvas({ width, height }, colours, 0xffffff);
      const line = Uint8Array.from({ length: width }, () => indices.next().value);
      for (let row = 0; row < height; row++)
        rowOf(canvas, row, 0, width).set(repeat && row % 3 ? line : line.map(() => indices.next().value));
      const want = Array.from({ length: height }, (_, row) =>
        [...rowOf(canvas, row, 0, width)].flatMap((index) => [...colours.subarray(index * 3, index * 3 + 3), 255]),
      );
      const png = PNG.sync.read(Buffer.concat(encodePng(canvas)));
      expect([png.width, png.height]).toEqual([width, height]);
      expect([...png.data]).toEqual(want.flat());
    }),
    { numRuns: 50 },
  );
});
