/** What a directory holds, to be compared before and after: nothing was written, or nothing was lost. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** sha256 of each file below `directory` by its path, "directory" for directories; undefined where there is no such directory. */
export function directoryState(directory: string): Readonly<Record<string, string>> | undefined {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return undefined;
  const state = (name: string): string => {
    const file = path.join(directory, name);
    return lstatSync(file).isDirectory() ? "directory" : createHash("sha256").update(readFileSync(file)).digest("hex");
  };
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => [name, state(name)]),
  );
}
