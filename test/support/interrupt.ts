/** Runs bin/mayfly, sends it a signal at a moment that the test knows by what has happened, and sees what is left. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { mayflyCommand } from "./mayfly.ts";

export type Interruption = {
  readonly args: readonly string[];
  readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGKILL";
  /** Whether the moment has come; asked again and again, with what stands on stderr. */
  readonly moment: (stderr: string) => boolean;
  /** Called when the signal is sent. */
  readonly afterwards?: () => void;
};

export type Interrupted = {
  /** Exit status, 128 + signal where the signal itself ended it; undefined where it ended before the moment came. */
  readonly status: number | undefined;
  readonly stderr: string;
  readonly secondsAfterSignal: number;
  /** Processes of its group that outlived it. They are ended here. */
  readonly left: readonly number[];
};

const numbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
const pollMilliseconds = 2;
const deadlineSeconds = 60;

/** A terminal's Ctrl-C reaches the whole process group, and so does each signal here. */
export async function interrupt({ args, signal, moment, afterwards }: Interruption): Promise<Interrupted> {
  const child = spawn(mayflyCommand, [...args], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${mayflyCommand} did not start`);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exit = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const closed = once(child, "close");
  try {
    const begun = performance.now();
    while (!moment(stderr)) {
      if (child.exitCode !== null) return { status: undefined, stderr, secondsAfterSignal: 0, left: processesOfGroup(pid) };
      if (performance.now() - begun > deadlineSeconds * 1000) throw new Error(`the moment did not come: ${stderr}`);
      await sleep(pollMilliseconds);
    }
    const sent = performance.now();
    process.kill(-pid, signal);
    afterwards?.();
    const [code, by] = await exit;
    const secondsAfterSignal = (performance.now() - sent) / 1000;
    const left = processesOfGroup(pid);
    await closed;
    return { status: code ?? 128 + (by === signal ? numbers[signal] : 0), stderr, secondsAfterSignal, left };
  } finally {
    for (const process_ of processesOfGroup(pid)) process.kill(process_, "SIGKILL");
  }
}

/** By /proc/PID/stat, of which field 5 is the group and field 3 the state; a zombie is no longer there. */
function processesOfGroup(group: number): readonly number[] {
  const names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return names.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(itsGroup) === group && state !== "Z";
    } catch {
      return false; // ENOENT or ESRCH: it ended between the listing and the reading
    }
  });
}
