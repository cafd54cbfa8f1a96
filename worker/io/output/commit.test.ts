import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitFiles } from "./commit.ts";

let root: string;
let from: string;
let to: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mayfly-commit-"));
  [from, to] = [join(root, "out/.mayfly/hash"), join(root, "out")];
  mkdirSync(from, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** Names and texts in the output, but for the work folder; a directory's text is "directory". */
function output(): Readonly<Record<string, string>> {
  const entries = readdirSync(to, { withFileTypes: true }).filter(({ name }) => name !== ".mayfly");
  return Object.fromEntries(
    entries.map((entry) => [entry.name, entry.isDirectory() ? "directory" : readFileSync(join(to, entry.name), "utf8")]),
  );
}

describe("commitFiles", () => {
  const names = ["a.tif", "b.tif", "report.json"];
  const files = { "a.tif": "new a", "b.tif": "new b", "report.json": "new" };

  it("gives all files their names", async () => {
    write(from, files);
    await commitFiles({ from, to, names, olderNames: [] });
    expect(output()).toEqual(files);
  });

  it("replaces an older result, takes away what only that had, and leaves what it does not know", async () => {
    write(from, files);
    write(to, { "a.tif": "old a", "c.tif": "old c", "report.json": "old", "notes.txt": "mine" });
    await commitFiles({ from, to, names, olderNames: ["a.tif", "c.tif", "report.json"] });
    expect(output()).toEqual({ ...files, "notes.txt": "mine" });
  });

  it("takes away nothing outside the output, whatever an older report says", async () => {
    write(from, files);
    write(root, { precious: "mine" });
    await commitFiles({ from, to, names, olderNames: ["../precious"] });
    expect(readFileSync(join(root, "precious"), "utf8")).toBe("mine");
  });

  it.each([
    { name: "a directory is in the way", spoil: () => mkdirSync(join(to, "b.tif")), want: /a directory is in the way: .*b\.tif: / },
    { name: "a finished file is gone", spoil: () => rmSync(join(from, "b.tif")), want: /the directory does not exist.*b\.tif: / },
  ])("leaves an older result as it was where $name", async ({ spoil, want }) => {
    write(from, files);
    write(to, { "a.tif": "old a", "c.tif": "old c", "report.json": "old" });
    spoil();
    const before = output();
    await expect(commitFiles({ from, to, names, olderNames: ["a.tif", "c.tif", "report.json"] })).rejects.toThrow(want);
    expect(output()).toEqual(before);
  });
});
