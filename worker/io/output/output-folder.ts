/**
 * The output folder: made where it is not there, and taken away again by a run that leaves nothing. Folders are made one by one, since Node's
 * recursive mkdir (24.21) never returns where a file system answers ENOENT to every mkdir, as /proc does, and leaves what it made when it fails.
 */
import { mkdir, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { OutputError } from "../../../runtime/errors.ts";
import { writing } from "./output-errors.ts";

/** Makes the absolute path `folder` and those above it; returns the ones that were not there, topmost first. Throws OutputError, and then none is left. */
export async function makeFolder(folder: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = folder; !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  try {
    for (const path of missing) await writing(path, () => mkdir(path).catch(unlessThere));
  } catch (error) {
    await removeFolders(missing);
    throw error;
  }
  return missing;
}

/** Removes those of the folders that are empty, the last first. */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  // Not empty, or gone: either is fine, it was only to leave nothing of ours.
  for (const path of folders.toReversed()) await rmdir(path).catch(() => undefined);
}

async function isThere(path: string): Promise<boolean> {
  const found = await writing(path, () => stat(path).catch(unlessMissing));
  if (found && !found.isDirectory())
    throw new OutputError([{ what: "a file is in the way", where: path, todo: "choose another output directory" }]);
  return found !== undefined;
}

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

/** Another process may have made it in between. */
function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
