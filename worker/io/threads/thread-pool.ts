/** Kernel threads: worker_threads that share one WebAssembly memory. Tasks go to the thread with the fewest; more important ones first. */
import { Worker } from "node:worker_threads";
import { BlockDamagedError } from "../../core/execution/kernel-thread.ts";
import type { ThreadJob, ThreadResult, ThreadTask } from "../../core/execution/thread-job.ts";

/** What a thread gets at its start. */
export type ThreadStart = {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly job: ThreadJob;
  /** Memory of the thread's own: an address and its length in bytes. */
  readonly scratch: { readonly address: number; readonly bytes: number };
};

/** What comes back from a thread for each task, in order. */
export type ThreadReply =
  | { readonly type: "result"; readonly result: ThreadResult }
  | { readonly type: "damaged"; readonly raster: number; readonly block: number; readonly message: string }
  | { readonly type: "failed"; readonly message: string; readonly stack: string | undefined };

export type ThreadPool = {
  /** Runs a task; all its data are addresses in the shared memory. Rejects with BlockDamagedError, or with what else went wrong in the thread. */
  run<T extends ThreadTask["type"]>(task: Extract<ThreadTask, { type: T }>): Promise<Extract<ThreadResult, { type: T }>>;
  /** Ends all threads at once; tasks under way reject. */
  close(): Promise<void>;
};

/** A thread has the next task at hand when it ends one; more would only be committed too early. */
const TASKS_PER_THREAD = 2;

/**
 * zlib's buffers are freed when the small objects that hold them are collected: a small young generation collects them after a few blocks, not after
 * some hundred MiB of them.
 */
const THREAD_HEAP = { maxYoungGenerationSizeMb: 2 };

/** What frees memory goes first. */
const PRIORITY: Readonly<Record<ThreadTask["type"], number>> = { finish: 0, overview: 1, compute: 2, decode: 3 };

type Job = {
  readonly task: ThreadTask;
  readonly resolve: (result: ThreadResult) => void;
  readonly reject: (error: unknown) => void;
};

type Thread = { readonly worker: Worker; readonly running: Job[] };

/** Starts the threads; `entry` is the module that they run. */
export function createThreadPool(entry: URL, starts: readonly ThreadStart[]): ThreadPool {
  const queues: Job[][] = [[], [], [], []];
  let closed: Error | undefined;
  const threads: readonly Thread[] = starts.map((workerData) => {
    const thread: Thread = { worker: new Worker(entry, { workerData, name: "kernel", resourceLimits: THREAD_HEAP }), running: [] };
    thread.worker.on("message", (reply: ThreadReply) => settle(thread, reply));
    thread.worker.on("error", (error) => fail(error instanceof Error ? error : new Error(String(error))));
    thread.worker.on("exit", () => fail(new Error("A kernel thread ended")));
    return thread;
  });

  function settle(thread: Thread, reply: ThreadReply): void {
    const job = thread.running.shift();
    // After a failure nobody waits for what the other threads still answer.
    if (!job && closed) return;
    if (!job) throw new Error("A kernel thread answered without being asked");
    if (reply.type === "result") job.resolve(reply.result);
    else if (reply.type === "damaged") job.reject(new BlockDamagedError(reply, reply.message));
    else job.reject(new Error(reply.message, { cause: reply.stack }));
    dispatch();
  }

  /** A thread that is gone takes the pool with it: its tasks may have left the shared memory half written. */
  function fail(error: Error): void {
    closed ??= error;
    const lost = [...threads.flatMap((thread) => thread.running.splice(0)), ...queues.flatMap((queue) => queue.splice(0))];
    for (const job of lost) job.reject(closed);
  }

  function dispatch(): void {
    for (;;) {
      const thread = threads.reduce((a, b) => (b.running.length < a.running.length ? b : a));
      const queue = queues.find((q) => q.length > 0);
      if (!queue || thread.running.length >= TASKS_PER_THREAD) return;
      const job = queue.shift();
      if (!job) return;
      thread.running.push(job);
      thread.worker.postMessage(job.task);
    }
  }

  return {
    run(task) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(closed);
          return;
        }
        // The result of a task has the task's own type: KernelThread.run answers so.
        const take = resolve as (result: ThreadResult) => void;
        queues[PRIORITY[task.type]]?.push({ task, resolve: take, reject });
        dispatch();
      });
    },
    async close() {
      fail(new Error("The kernel threads were closed"));
      await Promise.all(threads.map((thread) => thread.worker.terminate()));
    },
  };
}
