/**
 * Where things are: the checkout, and the cache outside it for what takes long to make (Python environment, scenes).
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { access, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Absolute path of the checkout. */
export const projectRoot = path.resolve(import.meta.dirname, "../..");

/** `${XDG_CACHE_HOME:-$HOME/.cache}/mayfly`. */
export const cacheRoot = path.join(process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache"), "mayfly");

const completeMarker = ".complete";
const lockPollMilliseconds = 200;

/** Whether the cached directory `name` was made to its end. */
export async function isCached(name: string): Promise<boolean> {
  return access(path.join(cacheRoot, name, completeMarker)).then(
    () => true,
    () => false,
  );
}

/**
 * The directory `name` in the cache; where it is missing or was left half made, `build` fills it first. One process builds,
 * others wait for it. The directory is built in place, since a Python environment cannot be moved.
 */
export async function cachedDirectory(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const directory = path.join(cacheRoot, name);
  if (await isCached(name)) return directory;
  mkdirSync(cacheRoot, { recursive: true });
  const unlock = await lock(`${directory}.lock`);
  try {
    if (await isCached(name)) return directory;
    await rm(directory, { recursive: true, force: true });
    mkdirSync(directory);
    await build(directory);
    writeFileSync(path.join(directory, completeMarker), "");
    return directory;
  } finally {
    unlock();
  }
}

/** Takes the lock file, waiting while its owner lives. A lock whose owner died is taken over. */
async function lock(file: string): Promise<() => void> {
  for (;;) {
    try {
      const handle = openSync(file, "wx");
      writeFileSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (ownerIsGone(file)) rmSync(file, { force: true });
    else await sleep(lockPollMilliseconds);
  }
}

function ownerIsGone(file: string): boolean {
  let owner: number;
  try {
    owner = Number(readFileSync(file, "utf8"));
  } catch {
    return false; // released in between: the next try will get it
  }
  if (!owner) return false; // taken, its number not yet written
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
