/** bin/mayfly starts from anywhere, on the project's Node, whatever node is on the PATH. */
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { projectRoot } from "../support/project.ts";
import { runCommand } from "../support/run-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const systemPath = "/usr/bin:/bin";
const binaries = path.join(projectRoot, "bin");

describe("bin/mayfly", () => {
  const work = temporaryDirectory();
  const elsewhere = path.join(work, "a directory");
  mkdirSync(path.join(elsewhere, "empty"), { recursive: true });
  symlinkSync(path.join(binaries, "mayfly"), path.join(elsewhere, "link"));
  symlinkSync("link", path.join(elsewhere, "link-to-link"));
  symlinkSync(binaries, path.join(elsewhere, "bin"));

  const rows: readonly { name: string; command: string; args?: readonly string[]; cwd: string; searchPath?: string }[] = [
    { name: "from another directory", command: path.join(binaries, "mayfly"), cwd: "/" },
    { name: "by a relative path", command: "./bin/mayfly", cwd: projectRoot },
    { name: "through a symlink", command: path.join(elsewhere, "link"), cwd: "/" },
    { name: "through a relative symlink to a symlink", command: "./link-to-link", cwd: elsewhere },
    { name: "through a symlinked directory", command: path.join(elsewhere, "bin/mayfly"), cwd: "/" },
    { name: "found on the PATH", command: "link", cwd: "/", searchPath: `${elsewhere}:${systemPath}` },
    { name: "as sh's argument in its own directory", command: "sh", args: ["mayfly"], cwd: binaries },
  ];

  it.each(rows)("starts $name", async ({ command, args = [], cwd, searchPath = systemPath }) => {
    const env = { ...process.env, PATH: searchPath };
    const result = await runCommand(command, [...args, "--help"], { cwd, env });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toContain("mayfly");
  });

  it("runs where neither HOME nor a cache can be written", async () => {
    const result = await runCommand(path.join(binaries, "mayfly"), ["--help"], { env: { PATH: systemPath } });
    expect(result).toMatchObject({ status: 0, stderr: "" });
  });

  it.each([
    { name: "no Node at all", searchPath: path.join(elsewhere, "empty"), want: /^error: no Node 24\.11 or newer: .*npm ci/ },
    { name: "no dependencies", searchPath: path.dirname(process.execPath), want: /^error: dependencies are not installed: .*npm ci/ },
  ])("says what to do with $name", async ({ searchPath, want }) => {
    const bare = path.join(work, "bare", "bin");
    mkdirSync(bare, { recursive: true });
    for (const file of ["mayfly", "find-node.sh"]) copyFileSync(path.join(binaries, file), path.join(bare, file));
    const result = await runCommand("/bin/sh", [path.join(bare, "mayfly"), "plan"], { env: { PATH: searchPath } });
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(want);
    expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
