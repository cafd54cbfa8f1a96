/**
 * Runs a command as a child and measures it: output, exit status, wall time, and the peak resident memory of it and all its
 * descendants, sampled from /proc. Whatever is left of its process group is ended when it ends.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";

/** How often the resident memory is summed; the same as reference.py, so that both sides of the bench are seen alike. */
const sampleMilliseconds = 50;
/** Size of a page in /proc/PID/stat. 4096 on x64 and on the arm64 kernels that Debian ships. */
const pageBytes = 4096;

/** What a command did. */
export type CommandResult = {
  /** Exit status, or 128 + signal number as a shell reports it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallSeconds: number;
  /** Largest sum of resident bytes over the process tree. Pages that processes share count in each of them. */
  readonly peakResidentBytes: number;
};

/** How to run it. */
export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ended (with its whole process group) after this long. Default 10 minutes. */
  readonly timeoutSeconds?: number;
  /** Called with the child's pid once it runs; for tests that send signals. */
  readonly onStart?: (pid: number) => void;
  /** Receives what it writes, as it writes it. */
  readonly onStderr?: (text: string) => void;
  readonly onStdout?: (text: string) => void;
};

/** Runs `command` with `args` to its end. A non-zero exit status is a result, not an error. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const begun = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a process group of its own, so that all of it can be ended by one number
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    options.onStdout?.(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.onStderr?.(text);
  });
  const pid = child.pid;
  let peakResidentBytes = 0;
  const sampler = setInterval(() => {
    if (pid) peakResidentBytes = Math.max(peakResidentBytes, treeResidentBytes(pid));
  }, sampleMilliseconds);
  const letGo = passOnSignals(pid);
  const deadline = setTimeout(() => endGroup(pid, "SIGKILL"), (options.timeoutSeconds ?? 600) * 1000);
  try {
    if (pid) options.onStart?.(pid);
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    const wallSeconds = (performance.now() - begun) / 1000;
    return { status: code ?? 128 + signalNumber(signal), stdout, stderr, wallSeconds, peakResidentBytes };
  } finally {
    clearInterval(sampler);
    clearTimeout(deadline);
    letGo();
    endGroup(pid, "SIGKILL");
  }
}

/** Numbers of the processes below `root` that still run, without `root` itself. */
export function descendants(root: number): number[] {
  return treeOf(root)
    .filter((row) => row.pid !== root)
    .map((row) => row.pid);
}

type ProcessRow = { readonly pid: number; readonly parent: number; readonly residentBytes: number };

function treeResidentBytes(root: number): number {
  return treeOf(root).reduce((sum, row) => sum + row.residentBytes, 0);
}

/** `root` and everything below it, from one pass over /proc. */
function treeOf(root: number): ProcessRow[] {
  const children = new Map<number, ProcessRow[]>();
  const tree: ProcessRow[] = [];
  for (const name of readdirSync("/proc")) {
    const row = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (!row) continue;
    if (row.pid === root) tree.push(row);
    const siblings = children.get(row.parent);
    if (siblings) siblings.push(row);
    else children.set(row.parent, [row]);
  }
  for (const row of tree) tree.push(...(children.get(row.pid) ?? []));
  return tree;
}

/** One row of /proc, or undefined when the process has just ended. Fields as in proc_pid_stat(5). */
function readProcess(pid: number): ProcessRow | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // ENOENT or ESRCH: it ended between the listing and the reading
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before may hold blanks and brackets
  return { pid, parent: Number(fields[1]), residentBytes: Number(fields[21]) * pageBytes };
}

/** A group of its own does not get the terminal's Ctrl-C: until the returned function is called, this process hands it on. */
function passOnSignals(pid: number | undefined): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    letGo();
    endGroup(pid, signal);
    process.kill(process.pid, signal); // as if it had not been caught
  };
  const end = (): void => endGroup(pid, "SIGKILL");
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const letGo = (): void => {
    for (const signal of signals) process.off(signal, stop);
    process.off("exit", end);
  };
  for (const signal of signals) process.on(signal, stop);
  process.on("exit", end);
  return letGo;
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (!pid) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // ESRCH: nothing is left of it, as hoped
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return (signal && numbers[signal]) ?? 0;
}
