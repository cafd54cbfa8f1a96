import { expect, test } from "vitest";
import { Palette, paletteLimit } from "./palette.ts";

test("colours that were appended keep their place and are found as they are", () => {
  const palette = new Palette();
  expect(palette.append(Uint8Array.of(9, 9, 9))).toBe(0);
  expect(palette.append(Uint8Array.of(10, 10, 10, 255, 0, 1))).toBe(1);
  expect([0x090909, 0x0a0a0a, 0xff0001].map((colour) => palette.indexOf(colour))).toEqual([0, 1, 2]);
  expect(palette.bytes).toHaveLength(9);
});

test("a colour that the eye cannot tell from another gets its index, any other a new one", () => {
  const palette = new Palette();
  expect([0x808080, 0x818080, 0x838080, 0x808080].map((colour) => palette.indexOf(colour))).toEqual([0, 0, 1, 0]);
});

test("a mixture lies between the two", () => {
  const palette = new Palette();
  const white = palette.indexOf(0xffffff);
  const grey = palette.mixed(white, 0x000000, 0.25);
  expect([...palette.bytes.subarray(grey * 3)]).toEqual([191, 191, 191]);
  expect(palette.mixed(white, 0x123456, 1)).toBe(palette.indexOf(0x123456));
  expect(palette.mixed(white, 0x123456, 0)).toBe(white);
});

test("a full palette gives the nearest", () => {
  const palette = new Palette();
  for (let i = 0; i < paletteLimit + 50; i++) palette.indexOf((i % 16) * 0x100000 + Math.floor(i / 16) * 0x000a00);
  expect(palette.bytes).toHaveLength(paletteLimit * 3);
  const nearest = palette.indexOf(0xf10200) * 3;
  expect([...palette.bytes.subarray(nearest, nearest + 3)]).toEqual([0xf0, 0, 0]);
});
