import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldProblems, foldSameKind } from "./fold-problems.ts";

const of = (what: string, where: string, todo = "do") => ({ what, where, todo });

describe("foldProblems", () => {
  it("says one cause once, with its places", () => {
    expect(foldProblems([of("not a date", "spec.time.start"), of("no", "x"), of("not a date", "spec.time.end")])).toEqual([
      of("not a date", "spec.time.start, spec.time.end"),
      of("no", "x"),
    ]);
  });

  it("names the first of many places, and how many more", () => {
    const many = Array.from({ length: 120 }, (_, i) => of("too wide", `item ${i}`));
    expect(foldProblems(many)).toEqual([of("too wide", "item 0 and 119 more")]);
  });

  it("folds the entries of one list whatever their advice, and keeps fields apart whose advice differs", () => {
    expect(foldProblems([of("too big", "lat[0]", "not 146"), of("too big", "lat[1]", "not 148")])).toEqual([
      of("too big", "lat[0], lat[1]", "not 146"),
    ]);
    const missing = [of("missing", "grid", "a grid"), of("missing", "source", "a source")];
    expect(foldProblems(missing)).toEqual(missing);
  });

  it("is at most ten lines, folds nothing twice, and keeps one problem as it is", () => {
    const problem = fc.record({ what: fc.constantFrom("a", "b", "c"), where: fc.string(), todo: fc.string() });
    fc.assert(
      fc.property(fc.array(problem, { maxLength: 60 }), (problems) => {
        const once = foldProblems(problems);
        expect(once.length).toBeLessThanOrEqual(Math.min(10, problems.length));
        expect(once.length === 0).toBe(problems.length === 0);
        if (problems.length === 1) expect(once).toEqual(problems);
      }),
    );
    expect(foldProblems(Array.from({ length: 14 }, (_, i) => of(`kind ${i}`, `f${i}`))).at(-1)).toEqual(
      of("5 more problems", "f9", "correct those above first"),
    );
  });
});

describe("foldSameKind", () => {
  it("words what many have in common, with the first one's advice", () => {
    const many = (what: string, n: number) => `${n} ${what}s`;
    expect(foldSameKind([of("fault", "a", "x"), of("fault", "b", "y"), of("slip", "c")], many)).toEqual([
      of("2 faults", "a, b", "x"),
      of("slip", "c"),
    ]);
  });
});
