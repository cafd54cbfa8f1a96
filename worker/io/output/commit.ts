/**
 * The end of a run: finished files get their final names, all of them or none. What lay there is set aside first and comes back where a step
 * fails, so that an output never holds half of two results. Only a crash of the machine in between leaves it without a report, which then says
 * that it is not whole.
 */
import { lstat, mkdir, open, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { OutputError } from "../../../runtime/errors.ts";
import { writing } from "./output-errors.ts";

export type Commit = {
  /** Folder of the finished files, on the file system of `to`; what is set aside is left in it. */
  readonly from: string;
  readonly to: string;
  /** Names of the files, the one that makes the result whole last. */
  readonly names: readonly string[];
  /** Names of an older result's files, which go where the new one has no file of that name. */
  readonly olderNames: readonly string[];
};

/** Moves the files; throws OutputError, and then `to` is as it was. */
export async function commitFiles({ from, to, names, olderNames }: Commit): Promise<void> {
  const aside = join(from, "before");
  const done: (readonly [source: string, target: string])[] = [];
  const move = async (source: string, target: string): Promise<void> => {
    await rename(source, target);
    done.push([source, target]);
  };
  // A name with a folder in it was never ours: an older report is a file that anybody may have edited.
  const old = [...new Set([...names.toReversed(), ...olderNames])].filter((name) => basename(name) === name);
  try {
    await writing(aside, () => mkdir(aside));
    for (const name of old) if (await isThere(join(to, name))) await writing(join(to, name), () => move(join(to, name), join(aside, name)));
    for (const name of names) await writing(join(to, name), () => move(join(from, name), join(to, name)));
    await writing(to, () => syncFolder(to));
  } catch (error) {
    // The first error is the one to tell; a step that cannot be taken back leaves the rest to be.
    for (const [source, target] of done.toReversed()) await rename(target, source).catch(() => undefined);
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  const found = await writing(path, () => lstat(path).catch(unlessMissing));
  if (found?.isDirectory())
    throw new OutputError([{ what: "a directory is in the way", where: path, todo: "remove it or choose another output directory" }]);
  return found !== undefined;
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
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
