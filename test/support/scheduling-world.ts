/**
 * A world of workers around the scheduler's state machine, in virtual time: they compute, die, hang, are taken away, lose and double messages, as `pick`
 * says. Every event is followed by the machine's own invariants and by what can be seen from outside.
 */
import type { Attempt, SchedulingEvent, SchedulingInstruction } from "../../worker/core/scheduling/events.ts";
import { Scheduler } from "../../worker/core/scheduling/scheduler.ts";

export type World = {
  readonly jobs: readonly { readonly job: string; readonly user: string; readonly reductions: number }[];
  readonly workers: number;
  /** Steps in which faults happen; afterwards all goes well. */
  readonly faultySteps: number;
};

export type WorldRecord = {
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** Results that came in for each reduction. */
  readonly results: ReadonlyMap<string, number>;
  readonly deaths: number;
};

type SimulatedWorker = { held: Attempt[]; retiring: boolean; lost: boolean };

const MEMORY_BYTES = 300;
const REDUCTION_BYTES = 100;
const SLOTS = 3;

/** Runs all jobs to their ends; `pick(n)` chooses among n. Throws where an invariant does not hold or the world does not end. */
export function runWorld(world: World, pick: (n: number) => number): WorldRecord {
  return new Simulation(world, pick).run();
}

class Simulation {
  readonly #world: World;
  readonly #pick: (n: number) => number;
  readonly #workers = new Map<string, SimulatedWorker>();
  readonly #jobsOpen = new Set<string>();
  readonly #done: string[] = [];
  readonly #failed: string[] = [];
  readonly #results = new Map<string, number>();
  readonly #finished = new Map<string, Set<number>>();
  #scheduler = new Scheduler({ firstAttempt: 1 });
  #now = 0;
  #workerCount = 0;
  #deaths = 0;
  #mostAttempt = 0;

  constructor(world: World, pick: (n: number) => number) {
    this.#world = world;
    this.#pick = pick;
  }

  run(): WorldRecord {
    for (const { job } of this.#world.jobs) this.#jobsOpen.add(job);
    this.#submitAll();
    for (let i = 0; i < this.#world.workers; i++) this.#addWorker();
    for (let step = 0; step < this.#world.faultySteps && this.#jobsOpen.size > 0; step++) this.#faultyStep();
    const most = 40 * this.#world.jobs.reduce((sum, job) => sum + job.reductions, 10);
    for (let step = 0; this.#jobsOpen.size > 0; step++) {
      if (step > most) throw new Error(`The jobs ${[...this.#jobsOpen].join(", ")} do not end`);
      this.#calmStep();
    }
    return { done: this.#done, failed: this.#failed, results: this.#results, deaths: this.#deaths };
  }

  #submitAll(): void {
    for (const { job, user, reductions } of this.#world.jobs) {
      if (!this.#jobsOpen.has(job)) continue;
      const each = (value: number): Float64Array => new Float64Array(reductions).fill(value);
      const done = [...(this.#finished.get(job) ?? [])];
      this.#tell({ type: "jobSubmitted", job, user, priority: 0, bytes: each(REDUCTION_BYTES), cost: each(1), done });
    }
  }

  #addWorker(): void {
    const worker = `w${this.#workerCount++}`;
    this.#workers.set(worker, { held: [], retiring: false, lost: false });
    this.#tell({ type: "workerJoined", worker, memoryBytes: MEMORY_BYTES, slots: SLOTS, running: [], retiring: false });
  }

  #faultyStep(): void {
    const [name, worker] = this.#anyWorker();
    const faults: readonly (() => void)[] = [
      () => this.#lose(name, "died"),
      () => this.#lose(name, "disrupted"),
      () => {
        worker.lost = true;
        this.#tell({ type: "workerLeft", worker: name, cause: "unreachable", message: "no heartbeat" });
      },
      () => this.#comeBack(name, worker),
      () => this.#tell({ type: this.#pick(2) === 0 ? "workerPaused" : "workerResumed", worker: name }),
      () => this.#tell({ type: this.#pick(2) === 0 ? "workerSilent" : "workerHeard", worker: name }),
      () => {
        worker.retiring = true;
        this.#tell({ type: "workerRetiring", worker: name });
      },
      () => this.#restartScheduler(),
      () => this.#giveBack(worker),
      // The worker never hears of what it was given.
      () => {
        worker.held = worker.held.slice(1);
      },
    ];
    const fault = faults[this.#pick(faults.length + 2)] ?? (() => this.#calmStep());
    fault();
  }

  #calmStep(): void {
    this.#now += this.#pick(5);
    if (this.#workers.size < this.#world.workers) return this.#addWorker();
    const [name, worker] = this.#anyWorker();
    if (worker.lost || this.#pick(4) === 0) return this.#comeBack(name, worker);
    if (worker.retiring && worker.held.length === 0) return this.#lose(name, "disrupted");
    if (this.#pick(6) === 0) {
      this.#tell({ type: "workerHeard", worker: name });
      this.#tell({ type: "workerResumed", worker: name });
      return this.#tell({ type: "tick" });
    }
    const held = worker.held[this.#pick(worker.held.length)];
    if (!held) return undefined;
    this.#finish(worker, held);
    // A message that comes twice.
    if (this.#pick(5) === 0) this.#tell({ type: "finished", ...held });
    return undefined;
  }

  #finish(worker: SimulatedWorker, held: Attempt): void {
    worker.held = worker.held.filter((other) => other !== held);
    const key = `${held.job}/${held.reduction}`;
    this.#results.set(key, (this.#results.get(key) ?? 0) + 1);
    // The store has it, whether or not the scheduler hears of it.
    const stored = this.#finished.get(held.job) ?? new Set();
    this.#finished.set(held.job, stored.add(held.reduction));
    this.#tell({ type: "finished", ...held });
  }

  #giveBack(worker: SimulatedWorker): void {
    const [first, ...rest] = worker.held;
    if (!first) return;
    worker.held = rest;
    this.#tell({ type: "gaveBack", ...first });
  }

  #lose(name: string, cause: "died" | "disrupted"): void {
    if (cause === "died") this.#deaths++;
    this.#workers.delete(name);
    this.#tell({ type: "workerLeft", worker: name, cause, message: "exit 137" });
    if (this.#workers.size === 0) this.#addWorker();
  }

  #comeBack(name: string, worker: SimulatedWorker): void {
    worker.lost = false;
    this.#tell({
      type: "workerJoined",
      worker: name,
      memoryBytes: MEMORY_BYTES,
      slots: SLOTS,
      running: worker.held,
      retiring: worker.retiring,
    });
  }

  /** A new scheduler knows the store and hears from the workers one after the other. */
  #restartScheduler(): void {
    this.#scheduler = new Scheduler({ firstAttempt: this.#mostAttempt + 1 });
    this.#submitAll();
    for (const [name, worker] of this.#workers) this.#comeBack(name, worker);
  }

  #anyWorker(): readonly [string, SimulatedWorker] {
    const entry = [...this.#workers][this.#pick(this.#workers.size)];
    if (!entry) throw new Error("There is no worker");
    return entry;
  }

  #tell(event: SchedulingEvent extends infer E ? (E extends SchedulingEvent ? Omit<E, "now"> : never) : never): void {
    const instructions = this.#scheduler.handle({ ...event, now: this.#now });
    for (const instruction of instructions) this.#follow(instruction);
    this.#scheduler.assertInvariants();
  }

  #follow(instruction: SchedulingInstruction): void {
    switch (instruction.type) {
      case "assign":
        return this.#take(instruction);
      case "cancel": {
        const worker = this.#workers.get(instruction.worker);
        if (worker) worker.held = worker.held.filter(({ attempt }) => attempt !== instruction.attempt);
        return undefined;
      }
      case "jobDone":
        this.#jobsOpen.delete(instruction.job);
        this.#done.push(instruction.job);
        return undefined;
      case "jobFailed":
        this.#jobsOpen.delete(instruction.job);
        this.#failed.push(instruction.job);
        return undefined;
      case "releaseWorker":
        return undefined;
    }
  }

  #take({ worker: name, job, reduction, attempt }: Extract<SchedulingInstruction, { type: "assign" }>): void {
    const worker = this.#workers.get(name);
    if (!worker) throw new Error(`Work is given to ${name}, which is gone`);
    if (worker.retiring) throw new Error(`Work is given to ${name}, which retires`);
    if (attempt <= this.#mostAttempt) throw new Error(`Attempt ${attempt} was given out before`);
    if (this.#finished.get(job)?.has(reduction) === true && worker.held.some((held) => held.job === job && held.reduction === reduction))
      throw new Error(`${name} is given ${job}/${reduction}, which it holds`);
    this.#mostAttempt = attempt;
    worker.held.push({ job, reduction, attempt });
  }
}
