/**
 * What goes into the scheduler's state machine and what comes out of it. Everything is plain data; `now` is in seconds from any fixed moment and
 * never goes back.
 */

/** One try of one reduction on one worker. Its number is never used again, so that what a lost message was about is always clear. */
export type Attempt = { readonly job: string; readonly reduction: number; readonly attempt: number };

/** Why a worker is gone. `died`: of its own making (out of memory, a crash). `disrupted`: taken away (evicted, drained, preempted). `unreachable`: silent for too long. */
export type LeaveCause = "died" | "disrupted" | "unreachable";

/** Why an attempt failed, as its worker says. `where` names what it was about: a source file, a folder. */
export type Failure = { readonly reason: string; readonly where: string; readonly message: string };

export type SubmittedJob = {
  readonly job: string;
  /** Jobs are served fairly between users. */
  readonly user: string;
  /** Among one user's jobs, higher goes first. */
  readonly priority: number;
  /** Memory that each reduction reserves on its worker, in bytes, in the order of the plan. */
  readonly bytes: Float64Array;
  /** Work of each reduction in any unit: what stragglers are told by. */
  readonly cost: Float64Array;
  /** Reductions that the output store holds already. */
  readonly done: readonly number[];
};

export type SchedulingEvent = { readonly now: number } & (
  | ({ readonly type: "jobSubmitted" } & SubmittedJob)
  | { readonly type: "jobCancelled"; readonly job: string }
  /** Also said by a worker that comes back: `running` is what it is working on then, and all else that it was given is lost. */
  | {
      readonly type: "workerJoined";
      readonly worker: string;
      readonly memoryBytes: number;
      /** Reductions that it takes at once at most. */
      readonly slots: number;
      readonly running: readonly Attempt[];
      /** It takes nothing new and wants to be released. */
      readonly retiring: boolean;
    }
  | { readonly type: "workerLeft"; readonly worker: string; readonly cause: LeaveCause; readonly message: string }
  /** Over its memory's pause fraction: it takes nothing new. */
  | { readonly type: "workerPaused"; readonly worker: string }
  | { readonly type: "workerResumed"; readonly worker: string }
  /** Not heard from for longer than usual, and again heard from. */
  | { readonly type: "workerSilent"; readonly worker: string }
  | { readonly type: "workerHeard"; readonly worker: string }
  /** It takes nothing new and is released when it holds nothing. */
  | { readonly type: "workerRetiring"; readonly worker: string }
  | ({ readonly type: "finished" } & Attempt)
  | ({ readonly type: "failed"; readonly failure: Failure } & Attempt)
  /** The worker stopped before the end, through nobody's fault. */
  | ({ readonly type: "gaveBack" } & Attempt)
  /** Time passes: stragglers are looked for. */
  | { readonly type: "tick" }
);

/** `cause`: the event that led to it, for logs. */
export type SchedulingInstruction = { readonly cause: string } & (
  | ({ readonly type: "assign"; readonly worker: string; readonly speculative: boolean } & Attempt)
  | ({ readonly type: "cancel"; readonly worker: string } & Attempt)
  | { readonly type: "jobDone"; readonly job: string }
  | { readonly type: "jobFailed"; readonly job: string; readonly reduction: number; readonly tries: readonly Try[] }
  | { readonly type: "releaseWorker"; readonly worker: string }
);

/** A try that failed of its own making: the worker, and what it said or how it died. */
export type Try = { readonly worker: string; readonly failure: Failure };

/** Tries of one reduction that may fail of their own making; the last fails its job. */
export const MOST_TRIES = 3;
