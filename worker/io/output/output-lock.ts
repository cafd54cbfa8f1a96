/**
 * The lock of an output folder: one run at a time writes there. `<output>/.mayfly/lock` is created exclusively and says who holds it. A process that
 * was killed leaves it behind; the next run sees that nobody holds it, and takes it over. Of several that see this at once one does: who takes a lock
 * over must first hold the lock named after it.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, readlink, rm, rmdir, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OutputError, RequestError } from "../../../runtime/errors.ts";
import { writing } from "./output-errors.ts";
import { WORK_FOLDER } from "./tile-store.ts";

export type OutputLock = {
  /** Throws OutputError where the lock is another's by now: this process was stopped for so long that it was taken for dead. */
  assertHeld(): Promise<void>;
  /** Gives the lock back, and takes away the work folder if nothing else is in it. */
  release(): Promise<void>;
};

/** `space`: where a pid means something, the boot and the pid namespace of a kernel; undefined where there is no such thing. */
type Holder = {
  readonly pid: number;
  readonly start: string;
  readonly space?: string | undefined;
  readonly host: string;
  readonly id: string;
};

/** A holder that cannot be asked for by its pid, in another container or on another host, touches its lock this often. */
const TOUCH_MS = 5_000;

/** And is taken for dead after this long. */
const SILENT_MS = 60_000;

/** Each try that fails for a reason other than a living holder means that another run got further. */
const TRIES = 100;

/** Locks `folder`, which is there; throws RequestError where a living process holds the lock, OutputError where it cannot be written. */
export async function lockOutput(folder: string): Promise<OutputLock> {
  const root = join(folder, WORK_FOLDER);
  const path = join(root, "lock");
  const text = JSON.stringify(await thisProcess());
  for (let tries = 0; ; tries++) {
    const found = await writing(root, () => tryLock(path, text));
    if (found === "held") return held(path, text);
    if (found !== "again" || tries === TRIES) throw busy(folder, found === "again" ? undefined : found);
    await sleep(1 + Math.random() * 10);
  }
}

function held(path: string, text: string): OutputLock {
  const touch = setInterval(() => {
    const now = new Date();
    // Gone or not ours: assertHeld says so before anything is committed.
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH_MS);
  touch.unref();
  const isOurs = async (): Promise<boolean> => (await readFile(path, "utf8").catch(() => "")) === text;
  return {
    async assertHeld() {
      if (await isOurs()) return;
      throw new OutputError([{ what: "another run took the output over", where: path, todo: "run again when that one is done" }]);
    },
    async release() {
      clearInterval(touch);
      if (await isOurs()) await rm(path, { force: true });
      // Not empty: another's, or unfinished work.
      await rmdir(dirname(path)).catch(() => undefined);
    },
  };
}

function busy(folder: string, holder: Holder | undefined): RequestError {
  const who = holder ? `pid ${holder.pid}${holder.host === hostname() ? "" : ` on ${holder.host}`}` : "a process that has just begun";
  return new RequestError([
    { what: "another run is writing here", where: `${folder} (${who})`, todo: "wait for it, or choose another output" },
  ]);
}

type Found = "held" | "again" | Holder;

async function tryLock(path: string, text: string): Promise<Found> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "wx");
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return "held";
  } catch (error) {
    // ENOENT: whoever held it last has just taken the folder away.
    if (codeOf(error) === "ENOENT") return "again";
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return (await aliveAt(path)) ?? (await removeDead(path, text));
}

/**
 * Removes the lock of a dead holder while holding the lock named after it, so that no two do: without that, the second to see the dead holder could
 * remove the lock of the first, which is alive by then.
 */
async function removeDead(path: string, text: string): Promise<Found> {
  const dead = await identityAt(path);
  if (dead === undefined) return "again";
  const claim = `${path}-${dead}`;
  const found = await tryLock(claim, text);
  if (found !== "held") return "again";
  try {
    if ((await identityAt(path)) === dead && (await aliveAt(path)) === undefined) await rm(path, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
  return "again";
}

/** Names one lock among all that were ever at `path`; undefined where there is none. */
async function identityAt(path: string): Promise<string | undefined> {
  const [text, found] = await Promise.all([readFile(path, "utf8"), stat(path)]).catch(() => []);
  if (text === undefined || !found) return undefined;
  return createHash("sha256").update(`${text}\n${found.ino}`).digest("hex").slice(0, 16);
}

/** The holder of a lock, if there is one and it is alive. */
async function aliveAt(path: string): Promise<Holder | undefined> {
  const [text, found] = await Promise.all([readFile(path, "utf8"), stat(path)]).catch(() => []);
  if (text === undefined || !found) return undefined;
  const holder = holderOf(text);
  const spoken = Date.now() - found.mtimeMs < SILENT_MS;
  if (!holder) return spoken ? { pid: 0, start: "", host: hostname(), id: "" } : undefined; // being written at this moment, or cut off
  const here = await pidSpace();
  const alive = here !== undefined && here === holder.space ? (await startOf(holder.pid)) === holder.start : spoken;
  return alive ? holder : undefined;
}

function holderOf(text: string): Holder | undefined {
  try {
    const { pid, start, space, host, id } = JSON.parse(text) as Partial<Holder>; // each field is looked at
    if (typeof pid !== "number" || typeof start !== "string" || typeof host !== "string" || typeof id !== "string") return undefined;
    return { pid, start, space: typeof space === "string" ? space : undefined, host, id };
  } catch {
    return undefined;
  }
}

async function thisProcess(): Promise<Holder> {
  const { pid } = process;
  return { pid, start: (await startOf(pid)) ?? "", space: await pidSpace(), host: hostname(), id: randomUUID() };
}

async function pidSpace(): Promise<string | undefined> {
  try {
    const [boot, namespace] = await Promise.all([readFile("/proc/sys/kernel/random/boot_id", "utf8"), readlink("/proc/self/ns/pid")]);
    return `${boot.trim()} ${namespace}`;
  } catch {
    return undefined;
  }
}

/** When a process began, in clock ticks after boot: field 22 of proc_pid_stat(5). Undefined where it is gone, or only its exit status is left. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name before may hold blanks and brackets
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
