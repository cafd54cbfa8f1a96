/**
 * Which worker computes which reduction: a pure state machine, events in, instructions out (events.ts has both).
 *
 *   reduction   waiting -> running (one attempt, or two when one is speculative) -> done
 *                  ^---------'  every attempt ended: died, failed, given back, lost
 *   job         submitted -> done | failed (MOST_TRIES tries of one reduction failed of their own making) | cancelled
 *   worker      joined -> (paused, silent, retiring: given nothing new) -> left
 *
 * - A reduction is given only to a worker whose free memory holds it: budgets are kept by construction.
 * - A worker that dies takes the blame for all that it held; each of these is a suspect from then on and runs alone, so that the guilty one is found
 *   and the others are cleared by being done. Disruptions blame nobody.
 * - When nothing waits, idle workers take a second attempt of what is late or held by a silent worker. The first result counts; they are equal.
 * - An event about an attempt that is not known (late, doubled, of an earlier scheduler) changes nothing.
 *
 * Does not cover: who may connect, leases and heartbeats (their loss comes in as workerSilent and workerLeft), where results are stored.
 */
import {
  type Attempt,
  type Failure,
  type LeaveCause,
  MOST_TRIES,
  type SchedulingEvent,
  type SchedulingInstruction,
  type SubmittedJob,
} from "./events.ts";
import { fairOrder } from "./fair-order.ts";
import { JobTable } from "./job-table.ts";
import { Story } from "./story.ts";
import { newWorker, takesWork, type WorkerState } from "./worker-table.ts";

/** An attempt is late when it takes this many times as long as its work took elsewhere, */
const LATE_FACTOR = 2;

/** and at least this much longer: a second attempt of a short one costs more than it gains. */
const LATE_SECONDS = 2;

/** How far along its neighbours a worker goes ahead of the first waiting reduction, for each worker there is. */
const WINDOW_PER_WORKER = 4;

type Running = Attempt & { readonly worker: string; readonly since: number; readonly bytes: number; readonly speculative: boolean };

export type SchedulerOptions = {
  /** The number of the first attempt: above all that an earlier scheduler of these jobs gave out. */
  readonly firstAttempt: number;
};

export class Scheduler {
  readonly #jobs = new Map<string, JobTable>();
  readonly #workers = new Map<string, WorkerState>();
  /** All attempts under way, by number. */
  readonly #running = new Map<number, Running>();
  /** Workers that take work and found none. */
  readonly #hungry = new Set<string>();
  readonly #story = new Story();
  #nextAttempt: number;
  #served = 1;
  #cause = "";
  #now = 0;
  #out: SchedulingInstruction[] = [];

  constructor({ firstAttempt }: SchedulerOptions) {
    this.#nextAttempt = firstAttempt;
  }

  handle(event: SchedulingEvent): readonly SchedulingInstruction[] {
    this.#out = [];
    this.#now = event.now;
    this.#cause = causeOf(event);
    this.#take(event);
    return this.#out;
  }

  /** Of a job that is known and not over. */
  progressOf(job: string): { readonly done: number; readonly running: number; readonly waiting: number } | undefined {
    const table = this.#jobs.get(job);
    return table && { done: table.doneCount, running: table.runningCount, waiting: table.waitingCount };
  }

  /** Attempts that a worker holds; undefined where it is not known. */
  heldBy(worker: string): readonly Attempt[] | undefined {
    const state = this.#workers.get(worker);
    return state && [...state.attempts].map((attempt) => attemptOf(this.#attempt(attempt)));
  }

  /** The largest reduction of a job that waits because no worker is large enough for it, in bytes; undefined where none does. */
  waitsForMemory(job: string): number | undefined {
    const table = this.#jobs.get(job);
    const reduction = table?.nextWaiting(0, 0);
    if (!table || reduction === undefined || this.#workers.size === 0) return undefined;
    const bytes = table.bytesOf(reduction);
    return [...this.#workers.values()].some((worker) => worker.memoryBytes >= bytes) ? undefined : bytes;
  }

  #take(event: SchedulingEvent): void {
    if ("attempt" in event) this.#takeOfAttempt(event);
    else if ("worker" in event) this.#takeOfWorker(event);
    else if (event.type === "jobSubmitted") this.#submit(event);
    else if (event.type === "jobCancelled") this.#closeJob(event.job);
    else this.#speculate();
  }

  #takeOfAttempt(event: Extract<SchedulingEvent, Attempt>): void {
    switch (event.type) {
      case "finished":
        return this.#finished(event.attempt);
      case "failed":
        return this.#failed(event.attempt, event.failure);
      case "gaveBack":
        return this.#gaveBack(event.attempt);
    }
  }

  #takeOfWorker(event: Extract<SchedulingEvent, { readonly worker: string }>): void {
    switch (event.type) {
      case "workerJoined":
        return this.#join(event);
      case "workerLeft":
        return this.#leave(event.worker, event.cause, event.message);
      case "workerPaused":
      case "workerResumed":
      case "workerSilent":
      case "workerHeard":
      case "workerRetiring":
        return this.#mark(event.worker, event.type);
    }
  }

  #submit(submitted: SubmittedJob): void {
    if (this.#jobs.has(submitted.job)) return;
    const job = new JobTable(submitted);
    this.#jobs.set(job.job, job);
    if (!this.#closeIfComplete(job)) this.#feedHungry();
  }

  #join({ worker, memoryBytes, slots, running, retiring }: Extract<SchedulingEvent, { type: "workerJoined" }>): void {
    const known = this.#workers.get(worker);
    const kept = new Set(running.map(({ attempt }) => attempt));
    if (known) for (const attempt of [...known.attempts]) if (!kept.has(attempt)) this.#endAttempt(attempt, "was lost by its worker");
    const state = known ?? newWorker(worker, memoryBytes, slots);
    state.silent = false;
    state.retiring ||= retiring;
    this.#workers.set(worker, state);
    for (const attempt of running) this.#adopt(state, attempt);
    this.#feed(state);
    this.#releaseIfEmpty(state);
    this.#feedHungry();
  }

  /** What a worker works on that it was given by a scheduler before this one, or before it was taken for gone. */
  #adopt(state: WorkerState, given: Attempt): void {
    if (state.attempts.has(given.attempt)) return;
    const job = this.#jobs.get(given.job);
    const waits = job?.has(given.reduction) === true && job.stateOf(given.reduction) === "waiting" && !this.#running.has(given.attempt);
    // A suspect runs alone, also when its worker thought otherwise.
    if (waits && !state.quarantined && (state.attempts.size === 0 || !job.isSuspect(given.reduction))) {
      this.#nextAttempt = Math.max(this.#nextAttempt, given.attempt + 1);
      this.#begin(state, job, given, false);
    } else this.#out.push({ type: "cancel", worker: state.worker, ...attemptOf(given), cause: this.#cause });
  }

  #leave(worker: string, cause: LeaveCause, message: string): void {
    const state = this.#workers.get(worker);
    if (!state) return;
    this.#workers.delete(worker);
    this.#hungry.delete(worker);
    const held = [...state.attempts].map((attempt) => this.#attempt(attempt));
    for (const { attempt } of held) this.#endAttempt(attempt, `ended, since its worker ${cause}`);
    if (cause === "died") for (const attempt of held) this.#blame(attempt, { reason: "WorkerDied", where: worker, message });
    this.#feedHungry();
  }

  #mark(worker: string, type: `worker${"Paused" | "Resumed" | "Silent" | "Heard" | "Retiring"}`): void {
    const state = this.#workers.get(worker);
    if (!state) return;
    if (type === "workerPaused" || type === "workerResumed") state.paused = type === "workerPaused";
    else if (type === "workerRetiring") state.retiring = true;
    else state.silent = type === "workerSilent";
    if (!takesWork(state)) this.#hungry.delete(worker);
    this.#feed(state);
    this.#releaseIfEmpty(state);
    if (type === "workerSilent") this.#speculate();
  }

  #finished(attempt: number): void {
    const running = this.#running.get(attempt);
    if (!running) return;
    const job = this.#job(running.job);
    const worker = this.#drop(running);
    this.#tell(running, "finished");
    for (const other of job.attemptsOf(running.reduction)) if (other !== attempt) this.#cancel(this.#attempt(other));
    job.finish(running.reduction, this.#now - running.since);
    this.#closeIfComplete(job);
    this.#feed(worker);
    this.#releaseIfEmpty(worker);
  }

  #failed(attempt: number, failure: Failure): void {
    const running = this.#running.get(attempt);
    if (!running) return;
    const worker = this.#endAttempt(attempt, `failed: ${failure.reason}`);
    this.#blame(running, failure);
    this.#feed(worker);
    this.#releaseIfEmpty(worker);
    this.#feedHungry();
  }

  #gaveBack(attempt: number): void {
    if (!this.#running.has(attempt)) return;
    const worker = this.#endAttempt(attempt, "was given back");
    this.#feed(worker);
    this.#releaseIfEmpty(worker);
    this.#feedHungry();
  }

  /** A try failed of its own making; the last one that is allowed ends the job. */
  #blame({ job: name, reduction, worker }: Running, failure: Failure): void {
    const job = this.#jobs.get(name);
    if (!job || job.stateOf(reduction) === "done") return;
    job.blame(reduction, { worker, failure });
    const tries = job.triesOf(reduction);
    if (tries.length < MOST_TRIES) return;
    this.#out.push({ type: "jobFailed", job: name, reduction, tries, cause: this.#cause });
    this.#closeJob(name);
  }

  #closeIfComplete(job: JobTable): boolean {
    if (!job.complete) return false;
    this.#jobs.delete(job.job);
    this.#out.push({ type: "jobDone", job: job.job, cause: this.#cause });
    return true;
  }

  /** A job that is over before it is done: its attempts are cancelled. */
  #closeJob(name: string): void {
    if (!this.#jobs.delete(name)) return;
    for (const running of [...this.#running.values()]) if (running.job === name) this.#cancel(running);
    this.#feedHungry();
  }

  #cancel(running: Running): void {
    const worker = this.#drop(running);
    this.#tell(running, "was cancelled");
    this.#out.push({ type: "cancel", worker: worker.worker, ...attemptOf(running), cause: this.#cause });
    this.#jobs.get(running.job)?.end(running.reduction, running.attempt);
    this.#feed(worker);
    this.#releaseIfEmpty(worker);
  }

  /** Ends an attempt without a result; returns its worker. */
  #endAttempt(attempt: number, how: string): WorkerState {
    const running = this.#attempt(attempt);
    const worker = this.#drop(running);
    this.#tell(running, how);
    this.#jobs.get(running.job)?.end(running.reduction, attempt);
    return worker;
  }

  /** Takes an attempt off its worker (which may have left). */
  #drop(running: Running): WorkerState {
    this.#running.delete(running.attempt);
    const state = this.#workers.get(running.worker) ?? newWorker(running.worker, 0, 0);
    state.attempts.delete(running.attempt);
    state.reservedBytes -= running.bytes;
    if (state.attempts.size === 0) state.quarantined = false;
    return state;
  }

  #begin(state: WorkerState, job: JobTable, attempt: Attempt, speculative: boolean): void {
    const bytes = job.bytesOf(attempt.reduction);
    const running = { ...attemptOf(attempt), worker: state.worker, since: this.#now, bytes, speculative };
    this.#running.set(attempt.attempt, running);
    state.attempts.add(attempt.attempt);
    state.reservedBytes += bytes;
    state.quarantined = job.isSuspect(attempt.reduction);
    state.last = { job: job.job, reduction: attempt.reduction };
    job.begin(attempt.reduction, attempt.attempt);
    job.lastServed = this.#served++;
    this.#tell(running, speculative ? "began beside another" : "began");
  }

  #assign(state: WorkerState, job: JobTable, reduction: number, speculative: boolean): void {
    const attempt = { job: job.job, reduction, attempt: this.#nextAttempt++ };
    this.#begin(state, job, attempt, speculative);
    this.#out.push({ type: "assign", worker: state.worker, ...attempt, speculative, cause: this.#cause });
  }

  /** Gives a worker all that it can take. */
  #feed(state: WorkerState): void {
    if (this.#workers.get(state.worker) !== state) return;
    while (takesWork(state)) {
      const choice = this.#choose(state);
      if (!choice) break;
      this.#assign(state, choice.job, choice.reduction, false);
    }
    if (takesWork(state)) this.#hungry.add(state.worker);
    else this.#hungry.delete(state.worker);
  }

  #feedHungry(): void {
    for (const worker of [...this.#hungry]) {
      if (![...this.#jobs.values()].some((job) => job.waitingCount > 0)) return;
      const state = this.#workers.get(worker);
      if (state) this.#feed(state);
    }
  }

  #choose(state: WorkerState): { readonly job: JobTable; readonly reduction: number } | undefined {
    const free = state.memoryBytes - state.reservedBytes;
    for (const job of fairOrder(this.#jobs.values())) {
      const reduction = this.#candidate(state, job);
      if (reduction === undefined) continue;
      if (job.bytesOf(reduction) <= free && (state.attempts.size === 0 || !job.isSuspect(reduction))) return { job, reduction };
      // A job with nothing under way is not passed over for ever: this worker is kept for it until it is empty.
      if (job.runningCount === 0 && job.bytesOf(reduction) <= state.memoryBytes) return undefined;
    }
    return undefined;
  }

  /** The reduction of a job that a worker should compute next: behind its last one. */
  #candidate(state: WorkerState, job: JobTable): number | undefined {
    const behind = state.last?.job === job.job ? state.last.reduction + 1 : 0;
    let reduction = job.nextWaiting(behind, WINDOW_PER_WORKER * this.#workers.size);
    const passed = new Set<number>();
    while (reduction !== undefined && this.#isForAnother(state, job, reduction)) {
      passed.add(reduction);
      reduction = job.nextWaiting(reduction + 1, job.count);
      if (reduction !== undefined && passed.has(reduction)) return undefined;
    }
    return reduction;
  }

  /** Whether another worker failed at it less often than this one: tries are made on different workers. */
  #isForAnother(state: WorkerState, job: JobTable, reduction: number): boolean {
    if (!job.isSuspect(reduction)) return false;
    const triesOn = ({ worker }: WorkerState): number => job.triesOf(reduction).filter((failed) => failed.worker === worker).length;
    const [bytes, own] = [job.bytesOf(reduction), triesOn(state)];
    return own > 0 && [...this.#workers.values()].some((other) => triesOn(other) < own && !other.retiring && other.memoryBytes >= bytes);
  }

  /** Second attempts for what is late or held by a silent worker, as long as workers are idle. */
  #speculate(): void {
    if (this.#hungry.size === 0) return;
    for (const running of [...this.#running.values()]) {
      const job = this.#jobs.get(running.job);
      if (!job || job.attemptsOf(running.reduction).length > 1 || !this.#isLate(running, job)) continue;
      const idle = this.#idleWorkerFor(running, job);
      if (!idle) continue;
      this.#assign(idle, job, running.reduction, true);
      if (!takesWork(idle)) this.#hungry.delete(idle.worker);
      if (this.#hungry.size === 0) return;
    }
  }

  #isLate({ worker, reduction, since }: Running, job: JobTable): boolean {
    if (this.#workers.get(worker)?.silent === true) return true;
    const expected = job.expectedSeconds(reduction);
    return expected !== undefined && this.#now - since > Math.max(LATE_FACTOR * expected, expected + LATE_SECONDS);
  }

  #idleWorkerFor({ worker, bytes, reduction }: Running, job: JobTable): WorkerState | undefined {
    for (const name of this.#hungry) {
      const state = this.#workers.get(name);
      const free = state ? state.memoryBytes - state.reservedBytes : 0;
      if (state && name !== worker && takesWork(state) && bytes <= free && (state.attempts.size === 0 || !job.isSuspect(reduction)))
        return state;
    }
    return undefined;
  }

  #releaseIfEmpty(state: WorkerState): void {
    if (state.retiring && state.attempts.size === 0 && this.#workers.get(state.worker) === state)
      this.#out.push({ type: "releaseWorker", worker: state.worker, cause: this.#cause });
  }

  #attempt(attempt: number): Running {
    const running = this.#running.get(attempt);
    if (!running) throw new Error(`Attempt ${attempt} is held, but not under way`);
    return running;
  }

  #job(name: string): JobTable {
    const job = this.#jobs.get(name);
    if (!job) throw new Error(`Job ${name} has an attempt under way, but is not known`);
    return job;
  }

  #tell({ job, reduction, attempt, worker }: Running, what: string): void {
    this.#story.tell(`${job}/${reduction}`, `${this.#now}: attempt ${attempt} on ${worker} ${what} (${this.#cause})`);
  }

  /** Throws where an invariant does not hold, with the story of the key that it is about; for tests. */
  assertInvariants(): void {
    for (const job of this.#jobs.values()) {
      job.assertInvariants((reduction) => this.#storyOf(job.job, reduction));
      if (job.complete) throw new Error(`Job ${job.job} is complete, but not closed`);
    }
    for (const running of this.#running.values()) this.#assertAttempt(running);
    for (const state of this.#workers.values()) this.#assertWorker(state);
    this.#assertNobodyWaitsInVain();
  }

  #assertAttempt({ job: name, reduction, attempt, worker }: Running): void {
    const job = this.#jobs.get(name);
    const held = this.#workers.get(worker)?.attempts.has(attempt) === true;
    if (job?.attemptsOf(reduction).includes(attempt) !== true || !held)
      throw new Error(`Attempt ${attempt} is not held by ${worker} and ${name}: ${this.#storyOf(name, reduction)}`);
    const holders = job.attemptsOf(reduction).map((other) => this.#running.get(other)?.worker);
    if (holders.length > 2 || new Set(holders).size !== holders.length)
      throw new Error(
        `Reduction ${reduction} of ${name} has the attempts ${job.attemptsOf(reduction).join(", ")}: ${this.#storyOf(name, reduction)}`,
      );
    if (job.triesOf(reduction).length >= MOST_TRIES)
      throw new Error(`Reduction ${reduction} of ${name} is tried too often: ${this.#storyOf(name, reduction)}`);
  }

  #assertWorker(state: WorkerState): void {
    const held = [...state.attempts].map((attempt) => this.#attempt(attempt));
    const reserved = held.reduce((sum, { bytes }) => sum + bytes, 0);
    const story = (): string => held.map(({ job, reduction }) => this.#storyOf(job, reduction)).join("; ");
    if (reserved !== state.reservedBytes || (reserved > state.memoryBytes && held.length > 1))
      throw new Error(
        `Worker ${state.worker} of ${state.memoryBytes} bytes has ${state.reservedBytes} reserved for ${reserved}: ${story()}`,
      );
    if (state.quarantined && held.length !== 1) throw new Error(`Worker ${state.worker} holds a suspect beside others: ${story()}`);
    if (this.#hungry.has(state.worker) && !takesWork(state)) throw new Error(`Worker ${state.worker} is hungry, but takes no work`);
  }

  /** An idle worker that could take the first waiting reduction of a job has been given it. */
  #assertNobodyWaitsInVain(): void {
    for (const state of this.#workers.values()) {
      if (!takesWork(state) || state.attempts.size > 0) continue;
      for (const job of this.#jobs.values()) {
        const reduction = this.#candidate(state, job);
        if (reduction !== undefined && job.bytesOf(reduction) <= state.memoryBytes)
          throw new Error(`Worker ${state.worker} idles, while reduction ${reduction} waits: ${this.#storyOf(job.job, reduction)}`);
      }
    }
  }

  #storyOf(job: string, reduction: number): string {
    return this.#story.of(`${job}/${reduction}`).join(" | ") || "nothing is told of it";
  }
}

function attemptOf({ job, reduction, attempt }: Attempt): Attempt {
  return { job, reduction, attempt };
}

function causeOf(event: SchedulingEvent): string {
  if ("attempt" in event) return `${event.type}:${event.job}/${event.reduction}#${event.attempt}`;
  if ("worker" in event) return `${event.type}:${event.worker}`;
  return "job" in event ? `${event.type}:${event.job}` : event.type;
}
