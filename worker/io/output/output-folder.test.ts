import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder, removeFolders } from "./output-folder.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mayfly-folder-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("makeFolder", () => {
  it("makes what is missing, and says what that was", async () => {
    mkdirSync(join(root, "a"));
    expect(await makeFolder(join(root, "a/b/c"))).toEqual([join(root, "a/b"), join(root, "a/b/c")]);
    expect(existsSync(join(root, "a/b/c"))).toBe(true);
  });

  it("makes nothing where the folder is there", async () => {
    expect(await makeFolder(root)).toEqual([]);
  });

  it.each([
    { name: "a file in the way", path: "file", want: /a file is in the way: .*\/file: / },
    { name: "a file above it", path: "file/a", want: /a part of the path is not a directory: .*\/file\/a: / },
    { name: "too long a name", path: `a/${"x".repeat(300)}`, want: /the path is too long: / },
    { name: "too long a name above it", path: `a/${"x".repeat(300)}/b`, want: /the path is too long: / },
  ])("leaves nothing with $name", async ({ path, want }) => {
    writeFileSync(join(root, "file"), "");
    await expect(makeFolder(join(root, path))).rejects.toThrow(want);
    expect(readdirSync(root)).toEqual(["file"]);
  });

  it("gives up where nothing can be made, though the folder above is said to be missing", async () => {
    await expect(makeFolder("/proc/mayfly/out")).rejects.toThrow(/: \/proc\/mayfly: /);
  });
});

describe("removeFolders", () => {
  it("removes what was made, and nothing that is used", async () => {
    const made = await makeFolder(join(root, "a/b/c"));
    writeFileSync(join(root, "a/mine"), "");
    await removeFolders(made);
    expect(readdirSync(root, { recursive: true, encoding: "utf8" }).sort()).toEqual(["a", "a/mine"]);
  });
});
