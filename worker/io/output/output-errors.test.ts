import { describe, expect, test } from "vitest";
import { OutputError } from "../../../runtime/errors.ts";
import { toOutputError } from "./output-errors.ts";

const systemError = (code: string): Error => Object.assign(new Error(`${code}: said so, write`), { code, syscall: "write" });

describe("toOutputError", () => {
  test.each([
    ["ENOSPC", "no space left on the disk: /out/a.tif: free some space or choose another output directory"],
    ["EACCES", "no permission to write: /out/a.tif: make the directory writable or choose another output directory"],
    ["EROFS", "the file system is read-only: /out/a.tif: choose another output directory"],
    ["EWHAT", "could not write (EWHAT: said so, write): /out/a.tif: choose another output directory"],
  ])("%s says what, where and what to do", (code, want) => {
    const cause = systemError(code);
    const error = toOutputError(cause, "/out/a.tif");
    expect(error).toBeInstanceOf(OutputError);
    expect(error).toMatchObject({ message: want, cause, exitStatus: 1 });
  });

  test("what the system did not say passes as it is", () => {
    const bug = new TypeError("x is not a function");
    expect(toOutputError(bug, "/out/a.tif")).toBe(bug);
  });
});
