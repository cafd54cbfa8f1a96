/** One job as the scheduler holds it: a byte and a few bits for each reduction, and more only for those that are under way or in trouble. */
import type { SubmittedJob, Try } from "./events.ts";
import { WaitingSet } from "./waiting-set.ts";

/** waiting -> running -> done; back to waiting when its last attempt ends without a result. */
const WAITING = 0;
const RUNNING = 1;
const DONE = 2;

export type ReductionState = "waiting" | "running" | "done";

export class JobTable {
  readonly job: string;
  readonly user: string;
  readonly priority: number;
  /** When it was last given a worker, counted in attempts of all jobs; 0: never. */
  lastServed = 0;
  readonly #bytes: Float32Array;
  readonly #cost: Float32Array;
  readonly #states: Uint8Array;
  /** All and only the reductions in state waiting. */
  readonly #waiting: WaitingSet;
  /** The attempts of each reduction in state running: one, or two where one is speculative. */
  readonly #attempts = new Map<number, readonly number[]>();
  /** Tries that failed of their own making. A reduction in here is a suspect, and runs on a worker of its own. */
  readonly #tries = new Map<number, readonly Try[]>();
  #done = 0;
  #secondsOfDone = 0;
  #costOfDone = 0;

  constructor(submitted: SubmittedJob) {
    const count = submitted.bytes.length;
    this.job = submitted.job;
    this.user = submitted.user;
    this.priority = submitted.priority;
    this.#bytes = Float32Array.from(submitted.bytes);
    this.#cost = Float32Array.from(submitted.cost);
    this.#states = new Uint8Array(count);
    this.#waiting = new WaitingSet(count);
    for (const reduction of submitted.done) this.#states[reduction] = DONE;
    for (let reduction = 0; reduction < count; reduction++)
      if (this.#states[reduction] === DONE) this.#done++;
      else this.#waiting.add(reduction);
  }

  get count(): number {
    return this.#states.length;
  }

  get doneCount(): number {
    return this.#done;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  get runningCount(): number {
    return this.#attempts.size;
  }

  get complete(): boolean {
    return this.#done === this.#states.length;
  }

  bytesOf(reduction: number): number {
    return this.#bytes[reduction] ?? Number.NaN;
  }

  costOf(reduction: number): number {
    return this.#cost[reduction] ?? Number.NaN;
  }

  stateOf(reduction: number): ReductionState {
    const state = this.#states[reduction];
    return state === DONE ? "done" : state === RUNNING ? "running" : "waiting";
  }

  has(reduction: number): boolean {
    return Number.isInteger(reduction) && reduction >= 0 && reduction < this.#states.length;
  }

  attemptsOf(reduction: number): readonly number[] {
    return this.#attempts.get(reduction) ?? [];
  }

  triesOf(reduction: number): readonly Try[] {
    return this.#tries.get(reduction) ?? [];
  }

  isSuspect(reduction: number): boolean {
    return this.#tries.has(reduction);
  }

  /**
   * The waiting reduction nearest behind `from`, if it lies no further than `window` behind the first one that waits; else that one: workers go
   * along neighbours, and yet the groups are done one after the other.
   */
  nextWaiting(from: number, window: number): number | undefined {
    const first = this.#waiting.next(0);
    const near = this.#waiting.next(from);
    return first !== undefined && near !== undefined && near - first <= window ? near : first;
  }

  /** An attempt begins. */
  begin(reduction: number, attempt: number): void {
    this.#waiting.delete(reduction);
    this.#states[reduction] = RUNNING;
    this.#attempts.set(reduction, [...this.attemptsOf(reduction), attempt]);
  }

  /** An attempt ends without a result; with its last one the reduction waits again. */
  end(reduction: number, attempt: number): void {
    const rest = this.attemptsOf(reduction).filter((other) => other !== attempt);
    if (rest.length > 0) {
      this.#attempts.set(reduction, rest);
      return;
    }
    this.#attempts.delete(reduction);
    this.#states[reduction] = WAITING;
    this.#waiting.add(reduction);
  }

  /** The result is there. `seconds`: how long the attempt took. */
  finish(reduction: number, seconds: number): void {
    this.#attempts.delete(reduction);
    this.#states[reduction] = DONE;
    this.#done++;
    this.#secondsOfDone += seconds;
    this.#costOfDone += this.costOf(reduction);
  }

  blame(reduction: number, failed: Try): void {
    this.#tries.set(reduction, [...this.triesOf(reduction), failed]);
  }

  /** How long a reduction should take by those done so far; undefined before the first. */
  expectedSeconds(reduction: number): number | undefined {
    return this.#costOfDone === 0 ? undefined : (this.#secondsOfDone / this.#costOfDone) * this.costOf(reduction);
  }

  /** Throws where the collections disagree; for tests. */
  assertInvariants(story: (reduction: number) => string): void {
    const counts = { waiting: 0, running: 0, done: 0 };
    for (let reduction = 0; reduction < this.count; reduction++) {
      const state = this.stateOf(reduction);
      counts[state]++;
      const holds = this.#waiting.has(reduction) === (state === "waiting") && this.#attempts.has(reduction) === (state === "running");
      if (!holds) throw new Error(`Reduction ${reduction} of ${this.job} is in the wrong collection for ${state}: ${story(reduction)}`);
    }
    if (counts.waiting !== this.waitingCount || counts.done !== this.#done || counts.running !== this.runningCount)
      throw new Error(`Job ${this.job} miscounts: ${JSON.stringify(counts)}`);
  }
}
