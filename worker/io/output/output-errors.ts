/**
 * What the file system says when an output cannot be written, in the user's words.
 */
import { OutputError } from "../../../runtime/errors.ts";

type Advice = { readonly what: string; readonly todo: string };

const freeSpace = "free some space or choose another output directory";
const allowWriting = "make the directory writable or choose another output directory";
const elsewhere = "choose another output directory";

/** By errno name. What is not listed gets the system's own sentence. */
const adviceByCode: ReadonlyMap<string, Advice> = new Map([
  ["ENOSPC", { what: "no space left on the disk", todo: freeSpace }],
  ["EDQUOT", { what: "the disk quota is used up", todo: freeSpace }],
  ["EFBIG", { what: "the file is too large for this file system", todo: elsewhere }],
  ["EACCES", { what: "no permission to write", todo: allowWriting }],
  ["EPERM", { what: "no permission to write", todo: allowWriting }],
  ["EROFS", { what: "the file system is read-only", todo: elsewhere }],
  ["ENOENT", { what: "the directory does not exist (any more)", todo: "create it, or see what removed it, and run again" }],
  ["EEXIST", { what: "a file is in the way", todo: elsewhere }],
  ["ENOTDIR", { what: "a part of the path is not a directory", todo: elsewhere }],
  ["EISDIR", { what: "a directory is in the way", todo: "remove it or choose another output directory" }],
  ["ENAMETOOLONG", { what: "the path is too long", todo: "choose a shorter output directory" }],
  ["EMFILE", { what: "too many open files", todo: "raise the limit of open files (ulimit -n) and run again" }],
  ["ENFILE", { what: "too many open files in the system", todo: "close some programs and run again" }],
  ["EIO", { what: "the disk could not be written", todo: "check the disk, or choose another output directory" }],
]);

/** Runs one step that writes `path`. A system error (ENOSPC, EACCES, ...) becomes an {@link OutputError}; others pass through. */
export async function writing<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw toOutputError(error, path);
  }
}

/** A system error as an {@link OutputError} saying what, where and what to do; any other value as it is. */
export function toOutputError(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  const advice = adviceByCode.get(error.code) ?? { what: `could not write (${error.message})`, todo: elsewhere };
  return new OutputError([{ what: advice.what, where: path, todo: advice.todo }], error);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
