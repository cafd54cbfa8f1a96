import { afterEach, describe, expect, it } from "vitest";
import type { LeaveCause, SchedulingEvent, SchedulingInstruction, SubmittedJob } from "./events.ts";
import { Scheduler } from "./scheduler.ts";

let scheduler = new Scheduler({ firstAttempt: 1 });
let now = 0;

afterEach(() => {
  scheduler.assertInvariants();
  scheduler = new Scheduler({ firstAttempt: 1 });
  now = 0;
});

type EventWithoutTime = SchedulingEvent extends infer E ? (E extends SchedulingEvent ? Omit<E, "now"> : never) : never;

/** Handles one event a second; each instruction in a word. */
function tell(event: EventWithoutTime, afterSeconds = 1): readonly string[] {
  now += afterSeconds;
  const out = scheduler.handle({ ...event, now });
  scheduler.assertInvariants();
  return out.map(words);
}

function words(instruction: SchedulingInstruction): string {
  switch (instruction.type) {
    case "assign":
      return `${instruction.speculative ? "also " : ""}${instruction.job}/${instruction.reduction}#${instruction.attempt} to ${instruction.worker}`;
    case "cancel":
      return `cancel ${instruction.job}/${instruction.reduction}#${instruction.attempt} on ${instruction.worker}`;
    case "jobDone":
      return `${instruction.job} done`;
    case "jobFailed":
      return `${instruction.job} failed by ${instruction.reduction}: ${instruction.tries.map((t) => `${t.worker} ${t.failure.reason}`).join(", ")}`;
    case "releaseWorker":
      return `release ${instruction.worker}`;
  }
}

function submit(job: string, count: number, fields: Partial<SubmittedJob> = {}): readonly string[] {
  const each = (value: number): Float64Array => new Float64Array(count).fill(value);
  return tell({ type: "jobSubmitted", job, user: job, priority: 0, bytes: each(100), cost: each(1), done: [], ...fields });
}

function join(worker: string, fields: { memoryBytes?: number; slots?: number } = {}): readonly string[] {
  return tell({ type: "workerJoined", worker, memoryBytes: 100, slots: 1, running: [], retiring: false, ...fields });
}

const finish = (job: string, reduction: number, attempt: number, seconds = 1): readonly string[] =>
  tell({ type: "finished", job, reduction, attempt }, seconds);
const leave = (worker: string, cause: LeaveCause): readonly string[] => tell({ type: "workerLeft", worker, cause, message: "exit 137" });
const fail = (job: string, reduction: number, attempt: number): readonly string[] =>
  tell({ type: "failed", job, reduction, attempt, failure: { reason: "BadSource", where: "a.tif", message: "is damaged" } });

describe("a job on workers", () => {
  it("is given out in order and done when the last reduction is", () => {
    expect(submit("a", 3)).toEqual([]);
    expect(join("w1")).toEqual(["a/0#1 to w1"]);
    expect(join("w2")).toEqual(["a/1#2 to w2"]);
    expect(finish("a", 0, 1)).toEqual(["a/2#3 to w1"]);
    expect(finish("a", 1, 2)).toEqual([]);
    expect(finish("a", 2, 3)).toEqual(["a done"]);
    expect(scheduler.progressOf("a")).toBeUndefined();
  });

  it("goes on where the output store ends, and is done at once where nothing is left", () => {
    join("w1");
    expect(submit("a", 3, { done: [0, 2] })).toEqual(["a/1#1 to w1"]);
    expect(submit("b", 2, { done: [0, 1] })).toEqual(["b done"]);
  });

  it("fills the slots of a worker as far as its memory goes", () => {
    submit("a", 5);
    expect(join("w1", { memoryBytes: 250, slots: 4 })).toEqual(["a/0#1 to w1", "a/1#2 to w1"]);
    expect(join("w2", { memoryBytes: 1000, slots: 2 })).toEqual(["a/2#3 to w2", "a/3#4 to w2"]);
  });

  it("waits where no worker is large enough, and says for how much", () => {
    submit("a", 1, { bytes: Float64Array.of(500) });
    expect(scheduler.waitsForMemory("a")).toBeUndefined();
    expect(join("w1")).toEqual([]);
    expect(scheduler.waitsForMemory("a")).toBe(500);
    expect(join("w2", { memoryBytes: 500 })).toEqual(["a/0#1 to w2"]);
  });

  it("keeps each worker on neighbouring tiles", () => {
    submit("a", 6);
    join("w1");
    join("w2");
    expect(finish("a", 0, 1)).toEqual(["a/2#3 to w1"]);
    expect(finish("a", 2, 3)).toEqual(["a/3#4 to w1"]);
    expect(finish("a", 1, 2)).toEqual(["a/4#5 to w2"]);
  });

  it("is cancelled as a whole", () => {
    submit("a", 3);
    join("w1");
    join("w2");
    expect(tell({ type: "jobCancelled", job: "a" })).toEqual(["cancel a/0#1 on w1", "cancel a/1#2 on w2"]);
    expect(tell({ type: "jobCancelled", job: "a" })).toEqual([]);
  });
});

describe("where nothing goes wrong", () => {
  it("every reduction is given out once, whatever is done first", () => {
    const open: { readonly reduction: number; readonly attempt: number }[] = [];
    const given: string[] = [];
    const note = (out: readonly string[]): void => {
      for (const line of out) {
        const [, reduction, attempt] = /^a\/(\d+)#(\d+) to /.exec(line) ?? [];
        if (reduction === undefined) continue;
        given.push(reduction);
        open.push({ reduction: Number(reduction), attempt: Number(attempt) });
      }
    };
    note(submit("a", 100));
    for (const worker of ["w1", "w2", "w3"]) note(join(worker, { memoryBytes: 200, slots: 2 }));
    for (let turn = 0; open.length > 0; turn++) {
      const [next] = open.splice((turn * 7) % open.length, 1);
      if (next) note(finish("a", next.reduction, next.attempt));
    }
    expect(given.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(scheduler.progressOf("a")).toBeUndefined();
  });
});

describe("several jobs", () => {
  it("share the workers between users, so that a small one beside a large one is soon done", () => {
    submit("large", 10);
    join("w1");
    join("w2");
    expect(submit("small", 2)).toEqual([]);
    expect(finish("large", 0, 1)).toEqual(["small/0#3 to w1"]);
    expect(finish("large", 1, 2)).toEqual(["large/2#4 to w2"]);
    expect(finish("small", 0, 3)).toEqual(["small/1#5 to w1"]);
    expect(finish("small", 1, 5)).toEqual(["small done", "large/3#6 to w1"]);
  });

  it("of one user go by priority", () => {
    submit("low", 2, { user: "u" });
    submit("high", 2, { user: "u", priority: 5 });
    expect(join("w1", { memoryBytes: 300, slots: 3 })).toEqual(["high/0#1 to w1", "high/1#2 to w1", "low/0#3 to w1"]);
  });

  it("do not starve one that needs a whole worker: one is kept empty for it", () => {
    join("w1", { memoryBytes: 200, slots: 2 });
    submit("little", 9);
    submit("big", 1, { bytes: Float64Array.of(200) });
    expect(finish("little", 0, 1)).toEqual([]);
    expect(finish("little", 1, 2)).toEqual(["big/0#3 to w1"]);
  });
});

describe("a worker that is lost", () => {
  it("has its work run elsewhere, and blames nobody where it was disrupted or unreachable", () => {
    submit("a", 1);
    for (const [i, cause] of (["disrupted", "unreachable", "disrupted", "unreachable"] as const).entries()) {
      expect(join(`w${i}`)).toEqual([`a/0#${i + 1} to w${i}`]);
      expect(leave(`w${i}`, cause)).toEqual([]);
    }
    expect(join("w9")).toEqual(["a/0#5 to w9"]);
  });

  it("fails the job at its third death of its own making, naming the reduction and the workers", () => {
    submit("a", 2, { done: [0] });
    join("w1");
    leave("w1", "died");
    join("w2");
    leave("w2", "died");
    expect(join("w3")).toEqual(["a/1#3 to w3"]);
    expect(leave("w3", "died")).toEqual(["a failed by 1: w1 WorkerDied, w2 WorkerDied, w3 WorkerDied"]);
  });

  it("makes suspects of all that it held; they run alone, so that only the guilty one fails the job", () => {
    submit("a", 2);
    join("w1", { memoryBytes: 400, slots: 2 });
    leave("w1", "died");
    expect(join("w2", { memoryBytes: 400, slots: 2 })).toEqual(["a/0#3 to w2"]);
    expect(finish("a", 0, 3)).toEqual(["a/1#4 to w2"]);
    leave("w2", "died");
    join("w3", { memoryBytes: 400, slots: 2 });
    expect(leave("w3", "died")).toEqual(["a failed by 1: w1 WorkerDied, w2 WorkerDied, w3 WorkerDied"]);
  });

  it("may come back with what it still holds, or without", () => {
    submit("a", 2);
    join("w1", { memoryBytes: 200, slots: 2 });
    const running = [{ job: "a", reduction: 1, attempt: 2 }];
    expect(tell({ type: "workerJoined", worker: "w1", memoryBytes: 200, slots: 2, running, retiring: false })).toEqual(["a/0#3 to w1"]);
  });

  it("is told to drop what is done elsewhere when it comes back", () => {
    submit("a", 2);
    join("w1");
    leave("w1", "unreachable");
    join("w2");
    const running = [{ job: "a", reduction: 0, attempt: 1 }];
    expect(tell({ type: "workerJoined", worker: "w1", memoryBytes: 100, slots: 1, running, retiring: false })).toEqual([
      "cancel a/0#1 on w1",
      "a/1#3 to w1",
    ]);
  });

  it("is taken over by a scheduler that came back, whose attempts have new numbers", () => {
    scheduler = new Scheduler({ firstAttempt: 1 });
    submit("a", 3, { done: [2] });
    const running = [{ job: "a", reduction: 1, attempt: 41 }];
    expect(tell({ type: "workerJoined", worker: "w1", memoryBytes: 200, slots: 2, running, retiring: false })).toEqual(["a/0#42 to w1"]);
    expect(finish("a", 1, 41)).toEqual([]);
    expect(finish("a", 0, 42)).toEqual(["a done"]);
  });
});

describe("an attempt that fails", () => {
  it("is made on other workers, and the third one fails the job with what was said", () => {
    submit("a", 1);
    join("w1");
    join("w2");
    expect(fail("a", 0, 1)).toEqual(["a/0#2 to w2"]);
    join("w3");
    expect(fail("a", 0, 2)).toEqual(["a/0#3 to w3"]);
    expect(fail("a", 0, 3)).toEqual(["a failed by 0: w1 BadSource, w2 BadSource, w3 BadSource"]);
  });

  it("leaves its worker to other work", () => {
    submit("a", 3);
    join("w1");
    join("w2");
    expect(fail("a", 0, 1)).toEqual(["a/2#3 to w1"]);
    expect(finish("a", 1, 2)).toEqual(["a/0#4 to w2"]);
  });
});

describe("messages", () => {
  it("that are late or doubled change nothing", () => {
    submit("a", 2);
    join("w1");
    finish("a", 0, 1);
    expect(finish("a", 0, 1)).toEqual([]);
    expect(fail("a", 0, 1)).toEqual([]);
    expect(tell({ type: "gaveBack", job: "a", reduction: 0, attempt: 1 })).toEqual([]);
    expect(finish("b", 0, 77)).toEqual([]);
    expect(submit("a", 2)).toEqual([]);
    expect(leave("w7", "died")).toEqual([]);
    expect(tell({ type: "workerPaused", worker: "w7" })).toEqual([]);
  });
});

describe("a worker", () => {
  it("that is paused takes nothing new until it is not", () => {
    submit("a", 3);
    join("w1");
    expect(tell({ type: "workerPaused", worker: "w1" })).toEqual([]);
    expect(finish("a", 0, 1)).toEqual([]);
    expect(tell({ type: "workerResumed", worker: "w1" })).toEqual(["a/1#2 to w1"]);
  });

  it("that retires is released when it holds nothing", () => {
    submit("a", 3);
    join("w1");
    join("w2");
    expect(tell({ type: "workerRetiring", worker: "w1" })).toEqual([]);
    expect(tell({ type: "gaveBack", job: "a", reduction: 0, attempt: 1 })).toEqual(["release w1"]);
    expect(finish("a", 1, 2)).toEqual(["a/2#3 to w2"]);
    expect(tell({ type: "workerRetiring", worker: "w2" })).toEqual([]);
    expect(finish("a", 2, 3)).toEqual(["release w2"]);
    expect(join("w3")).toEqual(["a/0#4 to w3"]);
  });
});

describe("when nothing waits", () => {
  it("what takes twice as long as elsewhere is begun a second time, and the first result counts", () => {
    submit("a", 3);
    join("w1");
    join("w2");
    finish("a", 0, 1, 10);
    finish("a", 2, 3, 10);
    expect(tell({ type: "tick" }, 0.5)).toEqual([]);
    expect(tell({ type: "tick" }, 2)).toEqual(["also a/1#4 to w1"]);
    expect(tell({ type: "tick" }, 1)).toEqual([]);
    expect(finish("a", 1, 4)).toEqual(["cancel a/1#2 on w2", "a done"]);
  });

  it("what a silent worker holds is begun a second time at once; a worker heard again goes on", () => {
    submit("a", 2);
    join("w1");
    join("w2");
    finish("a", 0, 1);
    expect(tell({ type: "workerSilent", worker: "w2" })).toEqual(["also a/1#3 to w1"]);
    expect(tell({ type: "workerHeard", worker: "w2" })).toEqual([]);
    expect(finish("a", 1, 2)).toEqual(["cancel a/1#3 on w1", "a done"]);
  });

  it("nothing is begun twice before anything was done: nobody knows what late is", () => {
    submit("a", 1);
    join("w1");
    join("w2");
    expect(tell({ type: "tick" }, 1000)).toEqual([]);
  });
});
