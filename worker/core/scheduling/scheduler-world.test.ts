/** The scheduler among workers that die, hang and come back, and messages that are lost and doubled. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runWorld } from "../../../test/support/scheduling-world.ts";

/** Every choice of a world comes from one list, so that fast-check can shrink it; past its end a fixed sequence goes on. */
function picker(choices: readonly number[]): (n: number) => number {
  let [at, state] = [0, 12345];
  return (n) => {
    if (n <= 1) return 0;
    const choice = choices[at++];
    if (choice !== undefined) return choice % n;
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
}

const jobs = fc
  .array(fc.tuple(fc.constantFrom("ann", "bob"), fc.integer({ min: 0, max: 12 })), { minLength: 1, maxLength: 3 })
  .map((all) => all.map(([user, reductions], i) => ({ job: `job${i}`, user, reductions })));

describe("a scheduler among faulty workers", () => {
  it("brings every job to its end, each reduction done, whatever happens and in whatever order", () => {
    fc.assert(
      fc.property(
        jobs,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 60 }),
        fc.array(fc.nat(1000), { maxLength: 200 }),
        (given, workers, faultySteps, choices) => {
          const { done, failed, results, deaths } = runWorld({ jobs: given, workers, faultySteps }, picker(choices));
          expect([...done, ...failed].toSorted()).toEqual(given.map(({ job }) => job).toSorted());
          if (deaths < 3) expect(failed).toEqual([]);
          for (const { job, reductions } of given)
            if (done.includes(job)) for (let i = 0; i < reductions; i++) expect(results.get(`${job}/${i}`)).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: 500 },
    );
  });
});
