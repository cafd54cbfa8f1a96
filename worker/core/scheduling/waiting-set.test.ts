import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitingSet } from "./waiting-set.ts";

describe("WaitingSet", () => {
  it("behaves as a sorted set of numbers does, for bounds of one, two, three and four levels", () => {
    const bound = fc.constantFrom(1, 31, 32, 33, 1024, 1025, 40_000);
    const operations = fc.array(fc.tuple(fc.constantFrom("add", "delete", "next"), fc.nat()), { maxLength: 60 });
    fc.assert(
      fc.property(bound, operations, (size, steps) => {
        const set = new WaitingSet(size);
        const model = new Set<number>();
        for (const [operation, number] of steps) {
          const value = number % size;
          if (operation === "add") {
            set.add(value);
            model.add(value);
          } else if (operation === "delete") {
            set.delete(value);
            model.delete(value);
          }
          expect(set.next(value)).toBe([...model].filter((member) => member >= value).toSorted((a, b) => a - b)[0]);
          expect([set.size, set.has(value)]).toEqual([model.size, model.has(value)]);
        }
      }),
    );
  });

  it("finds the last of ten million, and nothing behind it", () => {
    const set = new WaitingSet(10_000_000);
    set.add(9_999_999);
    expect([set.next(0), set.next(9_999_999), set.next(10_000_000), set.next(2 ** 31 - 1)]).toEqual([
      9_999_999,
      9_999_999,
      undefined,
      undefined,
    ]);
  });

  it("is empty where the bound is 0", () => {
    expect(new WaitingSet(0).next(0)).toBeUndefined();
  });
});
