/**
 * The scheduler's state machine alone, in virtual time: `npm run bench:scheduling -- --workers 10000 --chunks 10000000`. Every chunk is a reduction
 * of its own, which no real job is: the hardest case. Prints transitions a second (a reduction that begins, and one that is done, are one each) and
 * the bytes that a chunk takes.
 */
import { parseArgs } from "node:util";
import { Scheduler } from "../../worker/core/scheduling/scheduler.ts";
import type { SchedulingInstruction } from "../../worker/core/scheduling/events.ts";

const { values } = parseArgs({
  options: { workers: { type: "string", default: "10000" }, chunks: { type: "string", default: "10000000" } },
});
const [workers, chunks] = [Number(values.workers), Number(values.chunks)];

/** Virtual seconds between looks at what is late. */
const TICK_SECONDS = 1;

/** Durations are 1 to 2 virtual seconds, in steps of a bucket. */
const BUCKETS = 2048;
const BUCKET_SECONDS = 1 / 1024;

type Assigned = Extract<SchedulingInstruction, { type: "assign" }>;

function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const before = heapBytes();
const scheduler = new Scheduler({ firstAttempt: 1 });
const calendar: Assigned[][] = Array.from({ length: BUCKETS }, () => []);
let [bucket, transitions, done, random] = [0, 0, false, 1];

function follow(instructions: readonly SchedulingInstruction[]): void {
  for (const instruction of instructions) {
    if (instruction.type === "jobDone") done = true;
    if (instruction.type !== "assign") continue;
    transitions++;
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    calendar[(bucket + BUCKETS / 2 + ((random >>> 8) % (BUCKETS / 2))) % BUCKETS]?.push(instruction);
  }
}

follow(
  scheduler.handle({
    ...{ type: "jobSubmitted", now: 0, job: "bench", user: "bench", priority: 0, done: [] },
    bytes: new Float64Array(chunks).fill(1),
    cost: new Float64Array(chunks).fill(1),
  }),
);
const perChunk = (heapBytes() - before) / chunks;
const start = performance.now();
for (let worker = 0; worker < workers; worker++)
  follow(scheduler.handle({ type: "workerJoined", now: 0, worker: `w${worker}`, memoryBytes: 2, slots: 2, running: [], retiring: false }));
for (let step = 1; !done; step++) {
  bucket = step % BUCKETS;
  const now = step * BUCKET_SECONDS;
  const due = calendar[bucket] ?? [];
  calendar[bucket] = [];
  for (const { job, reduction, attempt } of due) {
    transitions++;
    follow(scheduler.handle({ type: "finished", now, job, reduction, attempt }));
  }
  if (step % (TICK_SECONDS / BUCKET_SECONDS) === 0) follow(scheduler.handle({ type: "tick", now }));
}
const seconds = (performance.now() - start) / 1000;
const rate = Math.round(transitions / seconds);
process.stdout.write(
  `${workers} workers, ${chunks} chunks: ${transitions} transitions in ${seconds.toFixed(1)} s, ${rate} a second; ${perChunk.toFixed(1)} bytes a chunk\n`,
);
