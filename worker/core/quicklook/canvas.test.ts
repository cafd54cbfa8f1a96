import { expect, test } from "vitest";
import { createCanvas, fillBox, fillShape, rowOf } from "./canvas.ts";

const black = Uint8Array.of(0, 0, 0);

/** Index 0 is black, 1 the paper. */
function canvasOf(width: number, height: number): ReturnType<typeof createCanvas> {
  return createCanvas({ width, height }, black, 0xffffff);
}

test("boxes and shapes that reach beyond the canvas are clipped on all sides", () => {
  const whole = canvasOf(3, 3);
  fillBox(whole, { x: -5, y: -5, width: 100, height: 100 }, 0);
  expect([0, 1, 2].map((row) => [...rowOf(whole, row, -9, 9)])).toEqual(Array.from({ length: 3 }, () => [0, 0, 0]));

  const corner = canvasOf(3, 3);
  fillShape(corner, [[-4, -4, 2, -4, 2, 2, -4, 2]], 0x000000);
  fillShape(corner, [[2, 2, 9, 2, 9, 9, 2, 9]], 0x000000);
  expect([0, 1, 2].map((row) => [...rowOf(corner, row, 0, 3)])).toEqual([
    [0, 0, 1],
    [0, 0, 1],
    [1, 1, 0],
  ]);
  expect([0, 1, 2].map((row) => corner.lines[row * corner.stride])).toEqual([0, 0, 0]);
});

test("what lies off the canvas leaves no trace", () => {
  const canvas = canvasOf(2, 2);
  for (const [x, y] of [
    [-9, 0],
    [9, 0],
    [0, -9],
    [0, 9],
  ] as const) {
    fillBox(canvas, { x, y, width: 2, height: 2 }, 0);
    fillShape(canvas, [[x, y, x + 2, y, x + 2, y + 2, x, y + 2]], 0x000000);
  }
  expect([...canvas.lines]).toEqual([0, 1, 1, 0, 1, 1]);
});

test("an edge within a pixel mixes the colours", () => {
  const canvas = canvasOf(2, 1);
  fillShape(canvas, [[0, 0, 1.25, 0, 1.25, 1, 0, 1]], 0x000000);
  const [full, quarter] = [...rowOf(canvas, 0, 0, 2)];
  expect(full).toBe(0);
  expect([...canvas.palette.bytes.subarray((quarter ?? 0) * 3)]).toEqual([191, 191, 191]);
});
