/**
 * The errors that leave a room by `throw`. Core never throws them: it returns `Result`s (api/v1alpha1/problem.ts).
 * The exit statuses are those of the contract: 2 the request was wrong, 1 the job failed.
 */
import { foldProblems } from "../api/v1alpha1/fold-problems.ts";
import type { Problem } from "../api/v1alpha1/problem.ts";
import { redactUrl } from "./redact-url.ts";

/** Base of every error that a user may see. `message` is `<what>: <where>: <what to do>`. */
export abstract class MayflyError extends Error {
  abstract readonly tag: string;
  abstract readonly exitStatus: 1 | 2;
  /** Whether the same step may succeed when tried again. */
  abstract readonly retryable: boolean;
  /** One for each cause, at most ten. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], cause?: unknown) {
    const folded = foldProblems(problems);
    super(folded.map(errorLine).join("\n"), { cause });
    this.problems = folded;
  }
}

/** One problem as the contract's error line, without the leading `error: `. */
export function errorLine(problem: Problem): string {
  return `${problem.what}: ${problem.where}: ${problem.todo}`;
}

/** The request itself is wrong: usage, manifest, flag name, CRS, region, time, item list. Never retried; exit status 2. */
export class RequestError extends MayflyError {
  readonly tag = "RequestError";
  readonly exitStatus = 2;
  readonly retryable = false;
}

/** A source file is missing, damaged or of a kind that cannot be read. Exit status 1. What it says of `href` is redacted. */
export class SourceError extends MayflyError {
  readonly tag = "SourceError";
  readonly exitStatus = 1;
  readonly retryable: boolean;
  readonly href: string;

  constructor(at: { readonly href: string; readonly what: string; readonly todo: string; readonly retryable?: boolean }, cause?: unknown) {
    super([{ what: at.what, where: redactUrl(at.href), todo: at.todo }], cause);
    this.href = at.href;
    this.retryable = at.retryable ?? false;
  }
}

/** The output could not be written: permission, full disk, something in the way. Exit status 1. */
export class OutputError extends MayflyError {
  readonly tag = "OutputError";
  readonly exitStatus = 1;
  readonly retryable = false;
}

/** The job needs more memory than there is. Exit status 1. */
export class MemoryError extends MayflyError {
  readonly tag = "MemoryError";
  readonly exitStatus = 1;
  readonly retryable = false;
}

/** The run was stopped by a signal. Exit status 1 here; the CLI turns it into 128 + signal. */
export class InterruptedError extends MayflyError {
  readonly tag = "InterruptedError";
  readonly exitStatus = 1;
  readonly retryable = false;

  constructor(signal: NodeJS.Signals) {
    super([{ what: "interrupted", where: signal, todo: "run the same command again" }]);
  }
}
