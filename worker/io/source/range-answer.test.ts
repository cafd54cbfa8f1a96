import { describe, expect, it } from "vitest";
import { faultOfRange, parseContentRange } from "./range-answer.ts";

describe("parseContentRange", () => {
  it.each([
    ["bytes 0-9/100", { first: 0, end: 10, total: 100 }],
    ["Bytes 5-5/6", { first: 5, end: 6, total: 6 }],
    ["bytes 0-9/*", undefined],
    ["bytes */100", undefined],
    ["bytes 9-0/100", undefined],
    ["bytes 0-100/100", undefined],
    ["bytes 0-9/99999999999999999", undefined],
    ["items 0-9/100", undefined],
    [undefined, undefined],
  ])("%s", (header, want) => {
    expect(parseContentRange(header)).toEqual(want);
  });
});

describe("faultOfRange", () => {
  const file = { sizeBytes: 100, version: "1" };
  it.each([
    { name: "what was asked", asked: { offset: 0, length: 10, file }, given: "bytes 0-9/100", version: "1", want: undefined },
    {
      name: "a short file while opening it",
      asked: { offset: 0, length: 999, file: undefined },
      given: "bytes 0-99/100",
      version: "1",
      want: undefined,
    },
    {
      name: "other bytes",
      asked: { offset: 5, length: 10, file },
      given: "bytes 0-9/100",
      version: "1",
      want: "the server gave bytes 0 to 9 for 5 to 14",
    },
    {
      name: "fewer bytes",
      asked: { offset: 0, length: 10, file },
      given: "bytes 0-8/100",
      version: "1",
      want: "the server gave bytes 0 to 8 for 0 to 9",
    },
    {
      name: "another version",
      asked: { offset: 0, length: 10, file },
      given: "bytes 0-9/100",
      version: "2",
      want: "the file changed while it was read",
    },
    {
      name: "another size",
      asked: { offset: 0, length: 10, file },
      given: "bytes 0-9/101",
      version: "1",
      want: "the file changed while it was read",
    },
    {
      name: "its last bytes",
      asked: { offset: 95, length: 10, file },
      given: "bytes 95-99/100",
      version: "1",
      want: "unexpected end of file",
    },
  ])("$name", ({ asked, given, version, want }) => {
    const range = parseContentRange(given);
    if (!range) throw new Error("no range");
    expect(faultOfRange(asked, range, version)?.what).toBe(want);
  });
});
