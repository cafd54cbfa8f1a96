/** What a fresh clone relies on: exact versions, a lock file that names no host, executable entry points. */
import { accessSync, constants, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

import { projectRoot } from "../support/project.ts";

const read = (name: string): string => readFileSync(path.join(projectRoot, name), "utf8");
type Manifest = Readonly<Record<"dependencies" | "devDependencies" | "optionalDependencies", Readonly<Record<string, string>>>>;

it("every dependency has an exact version, the one in the lock file", () => {
  const manifest = JSON.parse(read("package.json")) as Manifest; // npm's format
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { version?: string }> }; // npm's format
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  for (const [name, version] of Object.entries(wanted)) {
    const exact = version.replace(/^npm:.*@/, "");
    expect(exact, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(exact);
  }
});

it("the lock file names no registry, so that it installs from any", () => {
  expect(read(".npmrc")).toContain("omit-lockfile-registry-resolved=true");
  expect(read("package-lock.json")).not.toContain('"resolved"');
});

it.each(["bin/mayfly", ".ci/run"])("%s is executable", (name) => {
  expect(() => accessSync(path.join(projectRoot, name), constants.X_OK)).not.toThrow();
});
