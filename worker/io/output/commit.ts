/**
 * The end of a run: finished files get their final names, all of them or none. What lay there is set aside first and comes back where a step
 * fails, so that an output never holds half of two results. Where the process is killed in between, the next one takes the steps back.
 */
import { lstat, mkdir, open, readdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { OutputError } from "../../../runtime/errors.ts";
import { writing } from "./output-errors.ts";

export type Commit = {
  /** Folder of the finished files, on the file system of `to`; what is set aside is left in it. */
  readonly from: string;
  readonly to: string;
  /** Names of the files, the one that makes the result whole last. */
  readonly names: readonly string[];
  /** Names of an older result's files, which go where the new one has no file of that name. Nothing else is replaced. */
  readonly olderNames: readonly string[];
};

/** In `from`. There as long as a commit is under way. */
const ASIDE = "before";

/** Moves the files; throws OutputError, and then `to` is as it was. */
export async function commitFiles({ from, to, names, olderNames }: Commit): Promise<void> {
  const aside = join(from, ASIDE);
  const done: (readonly [source: string, target: string])[] = [];
  const move = async (source: string, target: string): Promise<void> => {
    await rename(source, target);
    done.push([source, target]);
  };
  const replaced = new Set(olderNames);
  // A name with a folder in it was never ours: an older report is a file that anybody may have edited.
  const old = [...new Set([...names.toReversed(), ...olderNames])].filter((name) => basename(name) === name);
  try {
    await writing(aside, () => mkdir(aside));
    for (const name of old) {
      if (!(await isThere(join(to, name)))) continue;
      if (!replaced.has(name)) throw appeared(join(to, name));
      await writing(join(to, name), () => move(join(to, name), join(aside, name)));
    }
    for (const name of names) await writing(join(to, name), () => move(join(from, name), join(to, name)));
    await writing(to, () => syncFolder(to));
  } catch (error) {
    // The first error is the one to tell; a step that cannot be taken back leaves the rest to be.
    for (const [source, target] of done.toReversed()) await rename(target, source).catch(() => undefined);
    throw error;
  }
}

/**
 * Takes back a commit that a killed process left half done in `from`; `names` are those of its files, and `isOurs` whether the file of a name in `to`
 * is the one that it moved there. Done twice, the second does nothing. Throws OutputError.
 */
export async function revertCommit(
  { from, to, names }: Omit<Commit, "olderNames">,
  isOurs: (name: string) => Promise<boolean>,
): Promise<void> {
  const aside = join(from, ASIDE);
  const set = await readdir(aside).catch(() => undefined);
  const last = names.at(-1);
  // Not begun, or done: the last file has its name.
  if (set === undefined || last === undefined || !(await isThere(join(from, last)))) return;
  for (const name of names.filter((each) => basename(each) === each)) {
    if ((await isThere(join(from, name))) || !(await isOurs(name))) continue;
    await writing(join(to, name), () => rename(join(to, name), join(from, name)));
  }
  for (const name of set)
    if (!(await isThere(join(to, name)))) await writing(join(to, name), () => rename(join(aside, name), join(to, name)));
}

/** Whether there is a file; throws OutputError where it is a directory. */
export async function isThere(path: string): Promise<boolean> {
  const found = await writing(path, () => lstat(path).catch(unlessMissing));
  if (found?.isDirectory())
    throw new OutputError([{ what: "a directory is in the way", where: path, todo: "remove it or choose another output directory" }]);
  return found !== undefined;
}

function appeared(path: string): OutputError {
  const what = "a file that is no part of an older result appeared during the run";
  return new OutputError([{ what, where: path, todo: "move it away, or choose another output directory" }]);
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
  throw error;
}

/** Makes the names outlive a crash. Some network file systems refuse to sync a folder, and keep names safe by themselves. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
