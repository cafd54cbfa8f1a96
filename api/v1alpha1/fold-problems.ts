/** One line for one cause: what is wrong with a hundred items alike is said once, with the first of them and how many more. */
import type { Problem } from "./problem.ts";

/** More lines than these hide the first, which matters most. */
const MAX_LINES = 10;
/** So many places are named one by one. */
const PLACES_NAMED = 3;

/**
 * Problems that are alike as one, in the order of the first of each, and at most ten in all. Alike are those of the same words and advice, and those of
 * the same words about entries of one list. One problem alone stays as it is.
 */
export function foldProblems(problems: readonly Problem[]): readonly Problem[] {
  const folded = foldBy(problems, likeness);
  if (folded.length <= MAX_LINES) return folded;
  const rest = folded.slice(MAX_LINES - 1);
  const more = { what: `${rest.length} more problems`, where: rest[0]?.where ?? "", todo: "correct those above first" };
  return [...folded.slice(0, MAX_LINES - 1), more];
}

/** Problems of the same `what` as one, whatever their advice: that of the first. `many` words what n of them have in common. */
export function foldSameKind(problems: readonly Problem[], many: (what: string, n: number) => string): readonly Problem[] {
  return foldBy(
    problems,
    ({ what }) => what,
    (what, n) => (n === 1 ? what : many(what, n)),
  );
}

function foldBy(
  problems: readonly Problem[],
  keyOf: (problem: Problem) => string,
  words: (what: string, n: number) => string = (what) => what,
): readonly Problem[] {
  return [...Map.groupBy(problems, keyOf).values()].flatMap((alike) => {
    const [first] = alike;
    const places = [...new Set(alike.map(({ where }) => where))];
    return first ? [{ what: words(first.what, alike.length), where: placesText(places), todo: first.todo }] : [];
  });
}

function likeness({ what, where, todo }: Problem): string {
  const list = /^(.+)\[[0-9]+\]$/.exec(where)?.[1];
  return JSON.stringify(list === undefined ? [what, todo] : [what, "in", list]);
}

function placesText(places: readonly string[]): string {
  return places.length <= PLACES_NAMED ? places.join(", ") : `${places[0]} and ${places.length - 1} more`;
}
