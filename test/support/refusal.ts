/** What the contract asks of every job that cannot be done: its exit status, one clear line a problem, soon, and nothing half written. */
import path from "node:path";
import { expect } from "vitest";

import { directoryState } from "./directory-state.ts";
import { mayflyCommand } from "./mayfly.ts";
import { runCommand } from "./run-command.ts";

export type Refusal = {
  readonly job: string;
  /** The output directory, which may be there. */
  readonly out: string;
  readonly flags?: readonly string[];
  /** What comes before bin/mayfly, such as setpriv and its options. */
  readonly through?: readonly string[];
  /** 2: the request was wrong; 1: the job failed. */
  readonly wantStatus: 1 | 2;
  /** One for each line of stderr. */
  readonly wantLines: readonly RegExp[];
};

/** Seconds that a refusal may take; it takes a fifth of one on an idle machine. */
const patience = 5;

/** `error: <what>: <where>: <what to do>`. */
const contractLine = /^error: [^:].*: .+: .+$/;

/** Runs `mayfly run`, which must refuse. */
export async function expectRefusal(refusal: Refusal): Promise<void> {
  const { job, out, flags = [], through = [], wantStatus, wantLines } = refusal;
  const around = path.dirname(out);
  const before = directoryState(around);
  const [command = mayflyCommand, ...args] = [...through, mayflyCommand, "run", job, "--out", out, "--progress", "none", ...flags];
  const { status, stdout, stderr, wallSeconds } = await runCommand(command, args);
  const lines = stderr.trimEnd().split("\n");
  expect({ status, stdout, lines: lines.length }, stderr).toEqual({ status: wantStatus, stdout: "", lines: wantLines.length });
  for (const [i, want] of wantLines.entries()) {
    expect(lines[i]).toMatch(contractLine);
    expect(lines[i]).toMatch(want);
  }
  expect(directoryState(around), "the output's surroundings").toEqual(before);
  expect(wallSeconds).toBeLessThan(patience);
}
