import { describe, expect, test } from "vitest";
import { type Face, fittedSize, textContours, textWidth } from "./glyphs.ts";

/** Ten units an em: `A` and `V` are triangles 6 wide that move together by 2, a space is 3 wide, all else is a box. */
const face: Face = {
  glyphs: {
    A: { advance: 6, contours: [[0, 0, 3, -7, 6, 0]] },
    V: { advance: 6, contours: [[0, -7, 6, -7, 3, 0]] },
    " ": { advance: 3, contours: [] },
  },
  missing: { advance: 5, contours: [[0, 0, 0, -7, 4, -7, 4, 0]] },
  kerning: { AV: -2 },
};
const style = { typeface: { unitsPerEm: 10, regular: face, bold: face }, weight: "regular", size: 20 } as const;

describe("text", () => {
  test.each([
    ["", 0],
    ["A", 12],
    ["A V", 30],
    ["AV", 20],
    ["VA", 24],
    ["é漢", 20],
  ])("%o is %d pixels wide", (words, want) => {
    expect(textWidth(words, style)).toBe(want);
  });

  test("outlines stand on the base line one after another, neighbours kerned", () => {
    expect(textContours("AV", style, { x: 100, y: 50 })).toEqual([
      [100, 50, 106, 36, 112, 50],
      [108, 36, 120, 36, 114, 50],
    ]);
  });

  test("a character that the typeface lacks is a box", () => {
    expect(textContours("𝄞", style, { x: 0, y: 0 })).toEqual([[0, 0, 0, -14, 8, -14, 8, 0]]);
  });
});

test.each([
  ["AVA", 1000, 20],
  ["AVA", 32, 20],
  ["AVA", 31, 19],
  ["AVA", 0.1, 1],
  ["", 100, 20],
])("%o in %d pixels has size %d", (words, room, want) => {
  expect(fittedSize(words, style, room)).toBe(want);
});
